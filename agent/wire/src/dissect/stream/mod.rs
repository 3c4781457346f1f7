//! One TCP connection that still may carry a message.
//!
//! Each direction is read by itself, so it does not matter who opened the connection, who speaks first, or
//! whether one direction is missing from the capture: its bytes are put in order, and the first ones say what
//! they are, on any port. What the two directions tell each other is when to stop: a server's answer to a
//! hello, or a request that makes the other side the one that answers.
//!
//! ```text
//! segment -> Side (order, missing bytes) -> Phase (what the next byte belongs to) -> message
//!                                             Start: TLS, HTTP, DNS, SSL 2.0, a wrapper, text, ..
//! ```
//!
//! A flow table needs a dissector only for connections that [`StreamDissector::first`] cannot answer from
//! their first payload.

mod error;
mod first;
pub(crate) mod output;
mod phase;
mod side;
mod start;
mod wrapper;

pub use error::StreamError;
pub use first::{Answered, First, Heads};

use crate::decode::Segment;
use crate::dissect::dns::Ports;
use crate::dissect::stream::output::{Answer, Output};
use crate::dissect::stream::side::Side;
use crate::dissect::{Direction, MessageSink, StreamState};
use crate::frame::Timestamp;

/// Puts the first bytes of a TCP connection in order and reads the messages in them.
#[derive(Debug)]
pub struct StreamDissector {
    to_responder: Side,
    to_originator: Side,
    /// Which side said something other than HelloRetryRequest to a hello.
    answered: Option<Direction>,
    /// The ports of the side that opened the connection and of the other one.
    ports: Ports,
}

impl Default for StreamDissector {
    fn default() -> Self {
        Self::with_heads(Heads::default())
    }
}

impl StreamDissector {
    /// Starts with nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with what the SYNs said.
    pub fn with_heads(heads: Heads) -> Self {
        Self {
            to_responder: Side::new(heads.to_responder),
            to_originator: Side::new(heads.to_originator),
            answered: None,
            ports: Ports { src: 0, dst: 0 },
        }
    }

    /// Looks at the first segment of a connection that carries payload, whichever side sent it.
    pub fn first(
        direction: Direction,
        segment: &Segment<'_>,
        heads: Heads,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        first::first(direction, segment, heads, ts, sink)
    }

    /// Takes one segment; messages it completes go to `sink`.
    ///
    /// A connection that begins anew on the same ports needs a new dissector.
    pub fn segment(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> StreamState {
        self.ports = ports_of(segment);
        let (side, other) = match direction {
            Direction::ToResponder => (&mut self.to_responder, &mut self.to_originator),
            Direction::ToOriginator => (&mut self.to_originator, &mut self.to_responder),
        };
        if segment.flags.ack() {
            other.acknowledge(segment.ack);
        }
        let mut out = Output::new(direction, self.ports, sink);
        let greeted = side.has_hello();
        side.segment(segment, ts, &mut out);
        // Whoever sends requests talks to somebody who sends none.
        if out.requested && other.is_silent() {
            other.close();
        }
        // No answer says more than the client that goes on, or whose hello was cut off.
        if (greeted || out.greeted) && side.is_closed() && other.is_silent() {
            other.close();
        }
        if out.answer == Some(Answer::Other) {
            self.answered = Some(direction);
        }
        match self.answered {
            Some(answer) if answer == direction && other.has_hello() => other.close(),
            Some(answer) if answer != direction && side.has_hello() => side.close(),
            _ => {}
        }
        if side.is_closed() && other.is_closed() {
            StreamState::Done
        } else {
            StreamState::Wanting
        }
    }

    /// Whether payload in this direction can still bring something. A caller that keeps the answer spares the
    /// call for every segment of, say, a long download.
    pub const fn wants(&self, direction: Direction) -> bool {
        match direction {
            Direction::ToResponder => !self.to_responder.is_closed(),
            Direction::ToOriginator => !self.to_originator.is_closed(),
        }
    }

    /// The flow ends: gives what has a name but was never completed, and what lies behind bytes that never came.
    pub fn finish(&mut self, sink: &mut impl MessageSink) {
        for (direction, side) in [
            (Direction::ToResponder, &mut self.to_responder),
            (Direction::ToOriginator, &mut self.to_originator),
        ] {
            side.finish(&mut Output::new(direction, self.ports, sink));
        }
    }

    /// Bytes on the heap that are held for this connection.
    pub fn memory(&self) -> usize {
        self.to_responder
            .memory()
            .saturating_add(self.to_originator.memory())
    }

    fn close(&mut self, direction: Direction) {
        match direction {
            Direction::ToResponder => self.to_responder.close(),
            Direction::ToOriginator => self.to_originator.close(),
        }
    }

    fn replace(&mut self, direction: Direction, side: Side) {
        match direction {
            Direction::ToResponder => self.to_responder = side,
            Direction::ToOriginator => self.to_originator = side,
        }
    }
}

const fn ports_of(segment: &Segment<'_>) -> Ports {
    Ports {
        src: segment.src_port,
        dst: segment.dst_port,
    }
}

#[cfg(test)]
mod tests;
