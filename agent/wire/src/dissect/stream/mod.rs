//! One TCP connection that still may carry a message.

mod error;

pub use error::StreamError;

use crate::decode::Segment;
use crate::dissect::{Direction, MessageSink, StreamState};
use crate::frame::Timestamp;

/// The sequence number of the first payload byte of each direction, where a SYN told it: the SYN's own number
/// plus one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Heads {
    /// Of the side that opened the connection.
    pub to_responder: Option<u32>,
    /// Of the side that answered.
    pub to_originator: Option<u32>,
}

/// What the first payload of a connection says.
#[derive(Debug)]
pub enum First {
    /// Nothing more is to be had from this connection.
    Done,
    /// The message was there whole; the next payload of either side says whether another one can come. Give it
    /// to [`Answered::segment`]. Nothing is held.
    Answered(Answered),
    /// A message may come: this dissector wants the payload from here on, the first segment is in it already.
    Need(StreamDissector),
}

/// Stands for a connection whose ClientHello was read and whose server has not answered yet: small, so that a
/// flow table can keep it inside its entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Answered {
    direction: Direction,
    next: u32,
}

impl Answered {
    /// Takes the next segment that carries payload.
    pub fn segment(
        self,
        direction: Direction,
        segment: &Segment<'_>,
        heads: Heads,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        let _ = (
            direction,
            segment,
            heads,
            ts,
            sink,
            self.direction,
            self.next,
        );
        First::Done
    }
}

/// Puts the first bytes of a TCP connection in order and reads the messages in them.
#[derive(Debug, Default)]
pub struct StreamDissector {}

impl StreamDissector {
    /// Starts with nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the first segment of a connection that carries payload, whichever side sent it.
    pub fn first(
        direction: Direction,
        segment: &Segment<'_>,
        heads: Heads,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        let _ = (direction, segment, heads, ts, sink);
        First::Done
    }

    /// Takes one segment; messages it completes go to `sink`.
    pub fn segment(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> StreamState {
        let _ = (direction, segment, ts, sink);
        StreamState::Done
    }

    /// Whether payload in this direction can still bring something. A caller that keeps the answer spares the
    /// call for every segment of, say, a long download.
    pub fn wants(&self, direction: Direction) -> bool {
        let _ = direction;
        false
    }

    /// The flow ends: gives what has a name but was never completed.
    pub fn finish(&mut self, sink: &mut impl MessageSink) {
        let _ = sink;
    }

    /// Bytes that are held for this connection.
    pub fn memory(&self) -> usize {
        0
    }
}
