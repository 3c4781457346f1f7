//! What is known of a flow that holds no part of a message.

use super::{DatagramDissector, First, PATIENCE};
use crate::decode::Datagram;
use crate::dissect::quic;
use crate::dissect::{Direction, MessageSink};
use crate::frame::Timestamp;

/// Stands for a flow of which no part of a message is held: small, so that a flow table can keep it
/// inside its entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Answered {
    /// Which hellos were given last, so that a retransmission gives none.
    pub(super) given: [u32; 2],
    /// The connection id that the server chose, in the same form.
    pub(super) server: u32,
    /// The direction of the QUIC client whose hello was given.
    pub(super) named: Option<Direction>,
    /// The server has asked that client for another Initial packet.
    pub(super) after_retry: bool,
    pub(super) patience: u8,
    /// Packets that did not open.
    pub(super) failures: u8,
}

impl Default for Answered {
    fn default() -> Self {
        Self {
            given: [0; 2],
            server: 0,
            named: None,
            after_retry: false,
            patience: PATIENCE,
            failures: 0,
        }
    }
}

impl Answered {
    /// Whether a datagram with this payload can still bring something; once the flow has gone on
    /// after its hello, that takes another QUIC connection on the same ports.
    pub fn wants(&self, payload: &[u8]) -> bool {
        self.patience > 0 || quic::has_known_version(payload)
    }

    /// Takes the next datagram.
    pub fn datagram(
        self,
        direction: Direction,
        datagram: &Datagram<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        let mut dissector = DatagramDissector {
            seen: self,
            connection: None,
            fragments: None,
        };
        dissector.datagram(direction, datagram, ts, sink);
        dissector.settle()
    }

    pub(super) const fn has_given(&self) -> bool {
        let [last, _] = self.given;
        last != 0
    }

    pub(super) const fn remember(&mut self, number: u32) {
        let [last, _] = self.given;
        self.given = [number, last];
    }
}
