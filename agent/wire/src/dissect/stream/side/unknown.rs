//! Where a direction starts whose SYN was not captured.
//!
//! A SYN says where. Without one (the capture began later) the first segment that says by itself what it is
//! becomes the start; until then segments are held, since the first one seen need not be the lowest. When too
//! much is held, or a long run came in order, nothing more is held, and only the start of each segment is
//! looked at: a request or a hello may still begin there.

use crate::decode::Segment;
use crate::dissect::stream::output::Output;
use crate::dissect::stream::phase::Phase;
use crate::dissect::stream::side::{Head, Side};
use crate::dissect::stream::start::{Start, recognise_anywhere};
use crate::dissect::{MessageSink, Reject};
use crate::reassembly::{Accepted, distance};

/// The most that is held while the start is not known.
const MAX_UNKNOWN: usize = 16 * 1024;
/// A run of this many bytes in order, none of them a start, is the middle of something long.
const LONG_RUN: u32 = 6 * 1024;
/// What a segment of protected records counts for it.
const PROTECTED_RUN: u32 = LONG_RUN / 8;
/// Room below the first segment for those that come later, while the start is not known.
const BELOW: u32 = 8 << 20;

impl Side {
    /// Takes a segment while the start is not known.
    pub(super) fn before_start(
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
    pub(super) fn below(
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
}
