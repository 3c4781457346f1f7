//! One direction of a connection: its bytes in order, and what they belong to.
//!
//! # Where a direction starts
//!
//! A SYN says where. Without one (the capture began later) the first segment that says by itself what it is
//! becomes the start; until then segments are held, since the first one seen need not be the lowest. When too
//! much is held, or a long run came in order, nothing more is held, and only the start of each segment is
//! looked at: a request or a hello may still begin there.
//!
//! # Missing bytes
//!
//! What lies behind missing bytes is held until they come. They are given up when there is no room to hold
//! more, when the other side has acknowledged them and they still do not come, when they have not come for
//! [`GAP_PATIENCE`], or at the end. Then what was incomplete is given if it is named, and the next message is
//! searched for at the starts of segments.

use std::time::Duration;

use crate::decode::Segment;
use crate::dissect::stream::StreamError;
use crate::dissect::stream::output::{Output, Step};
use crate::dissect::stream::phase::{Phase, Sought};
use crate::dissect::stream::start::{Start, recognise_anywhere};
use crate::dissect::{MessageSink, Reject};
use crate::frame::Timestamp;
use crate::reassembly::{Accepted, MAX_HELD, Reassembly, distance};

/// How long missing bytes are waited for, in the time of the capture: a sender repeats them sooner.
pub(super) const GAP_PATIENCE: Duration = Duration::from_secs(4);
/// Segments that may come behind missing bytes which the other side has acknowledged.
const ACKNOWLEDGED_PATIENCE: u8 = 8;
/// Segments far from all others after which the connection is read on from there.
const MAX_STRAYS: u8 = 4;
/// The most that is held while the start is not known.
const MAX_UNKNOWN: usize = 16 * 1024;
/// A run of this many bytes in order, none of them a start, is the middle of something long.
const LONG_RUN: u32 = 6 * 1024;
/// What a segment of protected records counts for it.
const PROTECTED_RUN: u32 = LONG_RUN / 8;
/// Room below the first segment for those that come later, while the start is not known.
const BELOW: u32 = 8 << 20;
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
pub(super) struct Side {
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
    pub(super) fn new(head: Option<u32>) -> Self {
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
    pub(super) fn continuing(seq: u32, phase: Phase) -> Self {
        let mut side = Self::new(Some(seq));
        side.phase = phase;
        side
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.phase.is_closed()
    }

    /// Whether a ClientHello was given and another one may come.
    pub(super) const fn has_hello(&self) -> bool {
        self.phase.has_hello()
    }

    /// Whether nothing is recognised yet.
    pub(super) const fn is_silent(&self) -> bool {
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

    pub(super) fn close(&mut self) {
        self.phase = Phase::Closed;
        self.stream.clear();
    }

    /// Notes what the other side has received.
    pub(super) fn acknowledge(&mut self, number: u32) {
        if self
            .acknowledged
            .is_none_or(|known| distance(known, number) > 0)
        {
            self.acknowledged = Some(number);
        }
    }

    /// Takes a segment of this direction.
    pub(super) fn segment(
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

    /// Takes a segment while the start is not known.
    fn before_start(
        &mut self,
        seq: u32,
        segment: &Segment<'_>,
        (end, run): (u32, u32),
        out: &mut Output<'_, impl MessageSink>,
    ) {
        let found = recognise_anywhere(segment.payload, out.ports, false);
        if found == Start::Protected {
            // Of an established connection, or ahead of the hello: not worth holding, but worth a while.
            let run = run.saturating_add(PROTECTED_RUN);
            self.head = Head::Unknown {
                end: seq.wrapping_add(segment.payload_len),
                run,
            };
            if run >= LONG_RUN {
                self.phase = Phase::Closed;
            }
            return;
        }
        if found.is_sure() {
            self.start(seq, Head::Guessed(seq));
            return self.place(seq, segment.payload, segment.payload_len, out);
        }
        let nothing_held = self.stream.first_piece().is_none();
        if nothing_held {
            self.stream.start_at(seq.wrapping_sub(BELOW));
        }
        let run = if nothing_held || seq == end {
            run.saturating_add(segment.payload_len)
        } else {
            segment.payload_len
        };
        self.head = Head::Unknown {
            end: seq.wrapping_add(segment.payload_len),
            run,
        };
        let mut report = |error| out.reject(Reject::Stream(error));
        let accepted = self
            .stream
            .accept(seq, segment.payload, segment.payload_len, &mut report);
        let room = matches!(accepted, Accepted::Held | Accepted::Nothing);
        match self.stream.lowest_run() {
            Some((lowest, bytes)) if recognise_anywhere(&bytes, out.ports, false).is_sure() => {
                self.start(lowest, Head::Guessed(lowest));
                self.drain(out);
            }
            Some((lowest, _))
                if !room || run >= LONG_RUN || self.stream.waiting() > MAX_UNKNOWN =>
            {
                self.phase = Phase::SEARCH;
                self.start(lowest, Head::Guessed(lowest));
                self.drain(out);
                if !room {
                    self.place(seq, segment.payload, segment.payload_len, out);
                }
            }
            _ => {}
        }
    }

    /// Takes a segment below a start that was guessed: it is read by itself if it says what it is.
    fn below(
        &mut self,
        head: u32,
        seq: u32,
        segment: &Segment<'_>,
        out: &mut Output<'_, impl MessageSink>,
    ) {
        if recognise_anywhere(segment.payload, out.ports, false).is_sure() {
            let mut alone = Self::continuing(seq, Phase::START);
            let length = usize::try_from(distance(seq, head)).unwrap_or(usize::MAX);
            let payload = segment.payload.get(..length).unwrap_or(segment.payload);
            alone.place(seq, payload, 0, out);
            self.head = Head::Guessed(seq);
        }
        self.place(seq, segment.payload, segment.payload_len, out);
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
            self.stream.consumed(bytes, used, missing);
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

    /// Gives what is pending if it is named; it will not be completed.
    fn give_up_pending(&mut self, out: &mut Output<'_, impl MessageSink>) {
        let pending = self.stream.take_pending();
        self.phase.cut(&pending, out);
        self.stream.put_back(pending, usize::MAX);
        self.need = 0;
    }

    /// Gives up the bytes that are missing in front of what is held.
    fn give_up_gap(&mut self, out: &mut Output<'_, impl MessageSink>) {
        if self.stream.first_piece().is_none() {
            return;
        }
        out.reject(Reject::Stream(StreamError::Gap));
        self.give_up_pending(out);
        self.stream.jump();
        self.blocked = 0;
        self.blocked_since = None;
    }

    /// Gives up missing bytes that will not come any more.
    fn watch_gap(&mut self, ts: Timestamp, out: &mut Output<'_, impl MessageSink>) {
        let Some(piece) = self
            .stream
            .first_piece()
            .filter(|_| !self.is_searching_start())
        else {
            self.blocked = 0;
            self.blocked_since = None;
            return;
        };
        let since = *self.blocked_since.get_or_insert(ts);
        self.blocked = self
            .blocked
            .saturating_add(u8::from(self.is_received(piece.seq)));
        if ts.since(since) >= GAP_PATIENCE {
            self.give_up_gap(out);
            self.drain(out);
        }
        if self.blocked > ACKNOWLEDGED_PATIENCE {
            // Every gap that the other side does not see is the capture's.
            while let Some(piece) = self.stream.first_piece()
                && self.is_received(piece.seq)
                && !self.is_closed()
            {
                self.give_up_gap(out);
                self.drain(out);
            }
        }
    }

    /// Whether the other side has all bytes before this number.
    fn is_received(&self, seq: u32) -> bool {
        self.acknowledged
            .is_some_and(|number| distance(seq, number) > 0)
    }

    const fn is_searching_start(&self) -> bool {
        matches!(self.head, Head::Unknown { .. })
    }

    /// The flow ends: gives what is named but incomplete, and reads what is held behind missing bytes.
    pub(super) fn finish(&mut self, out: &mut Output<'_, impl MessageSink>) {
        if let Some((lowest, _)) = self
            .stream
            .lowest_run()
            .filter(|_| self.is_searching_start())
        {
            self.start(lowest, Head::Guessed(lowest));
            self.drain(out);
        }
        while !self.is_closed() && self.stream.first_piece().is_some() {
            self.give_up_gap(out);
            self.drain(out);
        }
        if !self.is_closed() {
            self.give_up_pending(out);
        }
        self.close();
    }

    /// Bytes on the heap.
    pub(super) fn memory(&self) -> usize {
        self.stream.memory().saturating_add(self.phase.memory())
    }
}

/// Sequence number of the first payload byte: a SYN takes one.
pub(super) const fn first_byte(segment: &Segment<'_>) -> u32 {
    if segment.flags.syn() {
        segment.seq.wrapping_add(1)
    } else {
        segment.seq
    }
}
