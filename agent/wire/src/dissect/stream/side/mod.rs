//! One direction of a connection: its bytes in order, and what they belong to.

mod gaps;
mod unknown;

use crate::decode::Segment;
use crate::dissect::stream::StreamError;
use crate::dissect::stream::output::{Output, Step};
use crate::dissect::stream::phase::{Phase, Sought};
use crate::dissect::{MessageSink, Reject};
use crate::frame::Timestamp;
use crate::reassembly::{Accepted, MAX_HELD, Reassembly, distance};

/// Segments far from all others after which the connection is read on from there.
const MAX_STRAYS: u8 = 4;
/// Phases that may follow each other without a byte being read.
const MAX_TURNS: u8 = 8;

/// How the start of a direction is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Head {
    /// It is not.
    Unknown {
        /// Behind the last segment, and how many bytes came in order up to there.
        end: u32,
        run: u32,
    },
    /// Guessed from a segment that says what it is; what is below was not read.
    Guessed(u32),
    /// Told by a SYN.
    Known,
}

/// One direction of a connection.
#[derive(Debug)]
pub(in crate::dissect::stream) struct Side {
    head: Head,
    stream: Reassembly,
    phase: Phase,
    /// Pending bytes that the phase needs before it can say more.
    need: usize,
    /// The highest number that the other side has acknowledged.
    acknowledged: Option<u32>,
    /// Since when bytes are missing, and how many segments came behind those the other side has.
    blocked_since: Option<Timestamp>,
    blocked: u8,
    strays: u8,
}

impl Side {
    /// A direction whose first payload byte has the number `head`, where that is known.
    pub(in crate::dissect::stream) fn new(head: Option<u32>) -> Self {
        let mut side = Self {
            head: Head::Unknown { end: 0, run: 0 },
            stream: Reassembly::default(),
            phase: Phase::START,
            need: 0,
            acknowledged: None,
            blocked_since: None,
            blocked: 0,
            strays: 0,
        };
        if let Some(seq) = head {
            side.start(seq, Head::Known);
        }
        side
    }

    /// A direction that is in this phase from `seq` on.
    pub(in crate::dissect::stream) fn continuing(seq: u32, phase: Phase) -> Self {
        let mut side = Self::new(Some(seq));
        side.phase = phase;
        side
    }

    pub(in crate::dissect::stream) const fn is_closed(&self) -> bool {
        self.phase.is_closed()
    }

    /// Whether a ClientHello was given and another one may come.
    pub(in crate::dissect::stream) const fn has_hello(&self) -> bool {
        self.phase.has_hello()
    }

    /// Whether nothing is recognised yet.
    pub(in crate::dissect::stream) const fn is_silent(&self) -> bool {
        matches!(
            self.phase,
            Phase::Start { .. }
                | Phase::Text { .. }
                | Phase::Search {
                    sought: Sought::Anything | Sought::Hello,
                    ..
                }
        )
    }

    pub(in crate::dissect::stream) fn close(&mut self) {
        self.phase = Phase::Closed;
        self.stream.clear();
    }

    /// Notes what the other side has received.
    pub(in crate::dissect::stream) fn acknowledge(&mut self, number: u32) {
        if self
            .acknowledged
            .is_none_or(|known| distance(known, number) > 0)
        {
            self.acknowledged = Some(number);
        }
    }

    /// Takes a segment of this direction.
    pub(in crate::dissect::stream) fn segment(
        &mut self,
        segment: &Segment<'_>,
        ts: Timestamp,
        out: &mut Output<'_, impl MessageSink>,
    ) {
        if self.is_closed() {
            return;
        }
        let seq = first_byte(segment);
        if segment.flags.syn() && matches!(self.head, Head::Unknown { .. }) {
            self.start(seq, Head::Known);
            self.drain(out);
        }
        match self.head {
            _ if segment.payload_len == 0 && segment.payload.is_empty() => {}
            Head::Unknown { end, run } => self.before_start(seq, segment, (end, run), out),
            Head::Guessed(head) if distance(seq, head) > 0 => self.below(head, seq, segment, out),
            Head::Guessed(_) | Head::Known => {
                self.place(seq, segment.payload, segment.payload_len, out);
            }
        }
        self.watch_gap(ts, out);
        if self.is_closed() {
            self.stream.clear();
        }
    }

    fn start(&mut self, seq: u32, head: Head) {
        self.head = head;
        self.stream.start_at(seq);
    }

    /// Takes bytes whose place is known.
    fn place(
        &mut self,
        seq: u32,
        payload: &[u8],
        wire_length: u32,
        out: &mut Output<'_, impl MessageSink>,
    ) {
        let mut report = |error| out.reject(Reject::Stream(error));
        match self.stream.accept(seq, payload, wire_length, &mut report) {
            Accepted::Nothing | Accepted::Held => {}
            Accepted::InOrder { bytes, missing } => {
                self.read(bytes, missing, out);
                self.strays = 0;
            }
            Accepted::OutOfWindow => {
                out.reject(Reject::Stream(StreamError::OutOfWindow));
                self.strays = self.strays.saturating_add(1);
                if self.strays >= MAX_STRAYS {
                    self.strays = 0;
                    self.give_up_pending(out);
                    self.start(seq, Head::Known);
                    self.accept_again(seq, payload, wire_length, out);
                }
            }
            Accepted::Full => {
                out.reject(Reject::Stream(StreamError::HeldTooMuch));
                self.give_up_gap(out);
                self.drain(out);
                self.accept_again(seq, payload, wire_length, out);
            }
        }
        self.drain(out);
    }

    /// Takes a segment for which room was made.
    fn accept_again(
        &mut self,
        seq: u32,
        payload: &[u8],
        wire_length: u32,
        out: &mut Output<'_, impl MessageSink>,
    ) {
        let mut report = |error| out.reject(Reject::Stream(error));
        if let Accepted::InOrder { bytes, missing } =
            self.stream.accept(seq, payload, wire_length, &mut report)
        {
            self.read(bytes, missing, out);
        }
    }

    /// Reads the pieces that are in order by now, and gives up what the snap length cut off.
    fn drain(&mut self, out: &mut Output<'_, impl MessageSink>) {
        while !self.is_closed() {
            if let Some(piece) = self.stream.pop_ready() {
                let length = u32::try_from(piece.bytes.len()).unwrap_or(u32::MAX);
                let wire_length = length.saturating_add(piece.missing);
                let mut report = |error| out.reject(Reject::Stream(error));
                if let Accepted::InOrder { bytes, missing } =
                    self.stream
                        .accept(piece.seq, &piece.bytes, wire_length, &mut report)
                {
                    self.read(bytes, missing, out);
                }
            } else if self.stream.missing() > 0 {
                let next = self.stream.end().wrapping_add(self.stream.missing());
                self.give_up_pending(out);
                self.stream.start_at(next);
            } else {
                return;
            }
        }
    }

    /// Reads bytes that come next.
    fn read(&mut self, bytes: &[u8], missing: u32, out: &mut Output<'_, impl MessageSink>) {
        if self.stream.pending().is_empty() {
            let used = self.run(bytes, out);
            self.stream.consumed(bytes, used, self.need, missing);
        } else {
            self.stream.append(bytes, missing);
            if self.stream.pending().len() >= self.need {
                let pending = self.stream.take_pending();
                let used = self.run(&pending, out);
                self.stream.put_back(pending, used);
            }
        }
        self.stream.settle();
        if self.stream.pending().len() > MAX_HELD {
            out.reject(Reject::Stream(StreamError::HeldTooMuch));
            let next = self.stream.end();
            self.give_up_pending(out);
            self.stream.start_at(next);
        }
    }

    /// Lets the phases read; gives how many bytes they took.
    fn run(&mut self, bytes: &[u8], out: &mut Output<'_, impl MessageSink>) -> usize {
        let mut used = 0_usize;
        let mut turns = 0_u8;
        self.need = 0;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            match self.phase.step(rest, out) {
                Step::Take(0) if turns >= MAX_TURNS => self.phase = Phase::Closed,
                Step::Take(0) => turns = turns.saturating_add(1),
                Step::Take(count) => {
                    used = used.saturating_add(count);
                    turns = 0;
                }
                Step::Skip(count) => {
                    turns = 0;
                    match usize::try_from(count)
                        .ok()
                        .filter(|count| *count <= rest.len())
                    {
                        Some(count) => used = used.saturating_add(count),
                        None => {
                            let have = u64::try_from(rest.len()).unwrap_or(u64::MAX);
                            self.stream.skip(count.saturating_sub(have));
                            return bytes.len();
                        }
                    }
                }
                Step::Need(count) => {
                    self.need = count;
                    return used;
                }
                Step::Lost | Step::Close => return bytes.len(),
            }
        }
        used
    }

    const fn is_searching_start(&self) -> bool {
        matches!(self.head, Head::Unknown { .. })
    }

    /// Bytes on the heap.
    pub(in crate::dissect::stream) fn memory(&self) -> usize {
        self.stream.memory().saturating_add(self.phase.memory())
    }
}

/// Sequence number of the first payload byte: a SYN takes one.
pub(in crate::dissect::stream) const fn first_byte(segment: &Segment<'_>) -> u32 {
    if segment.flags.syn() {
        segment.seq.wrapping_add(1)
    } else {
        segment.seq
    }
}
