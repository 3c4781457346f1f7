//! Bytes that are missing.
//!
//! What lies behind missing bytes is held until they come. They are given up when there is no room to hold
//! more, when the other side has acknowledged them and they still do not come, when they have not come for
//! [`GAP_PATIENCE`], or at the end. Then what was incomplete is given if it is named, and the next message is
//! searched for at the starts of segments.

use std::time::Duration;

use crate::dissect::stream::StreamError;
use crate::dissect::stream::output::Output;
use crate::dissect::stream::side::{Head, Side};
use crate::dissect::{MessageSink, Reject};
use crate::frame::Timestamp;
use crate::reassembly::distance;

/// How long missing bytes are waited for, in the time of the capture: a sender repeats them sooner.
const GAP_PATIENCE: Duration = Duration::from_secs(4);
/// Segments that may come behind missing bytes which the other side has acknowledged.
const ACKNOWLEDGED_PATIENCE: u8 = 8;

impl Side {
    /// Gives what is pending if it is named; it will not be completed.
    pub(super) fn give_up_pending(&mut self, out: &mut Output<'_, impl MessageSink>) {
        let pending = self.stream.take_pending();
        self.phase.cut(&pending, out);
        self.stream.put_back(pending, usize::MAX);
        self.need = 0;
    }

    /// Gives up the bytes that are missing in front of what is held.
    pub(super) fn give_up_gap(&mut self, out: &mut Output<'_, impl MessageSink>) {
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
    pub(super) fn watch_gap(&mut self, ts: Timestamp, out: &mut Output<'_, impl MessageSink>) {
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

    /// The flow ends: gives what is named but incomplete, and reads what is held behind missing bytes.
    pub(in crate::dissect::stream) fn finish(&mut self, out: &mut Output<'_, impl MessageSink>) {
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
}
