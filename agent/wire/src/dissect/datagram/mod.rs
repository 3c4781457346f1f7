//! One UDP flow that still may carry a message.
//!
//! A flow's dissector is a few words, so that a flow table can keep it inside its entry; memory is
//! taken only while a hello is incomplete. What datagrams are is seen from their bytes, each time
//! anew: a flow may begin with STUN and go on with DTLS, or carry several QUIC connections.
//!
//! # When nothing more is wanted
//!
//! A flow has patience for so many datagrams that bring nothing. DNS never uses it up. After a
//! hello it lasts until the server has answered with anything but a request to say hello again.
//! Then only a datagram that could begin another QUIC connection on the same ports is worth a look,
//! and [`Answered::wants`] tells it by a few compares.

mod answered;
pub(crate) mod assembly;
mod dtls;
mod read;
#[cfg(test)]
mod tests;

pub use answered::Answered;

use crate::decode::Datagram;
use crate::dissect::dns::Ports;
use crate::dissect::quic::Connection;
use crate::dissect::{Direction, MessageSink, StreamState};
use crate::frame::Timestamp;
use dtls::Fragments;

/// How many points of patience a flow starts with.
const PATIENCE: u8 = 64;

/// What a flow needs after a datagram.
#[derive(Debug)]
pub enum First {
    /// Nothing more is to be had from this flow, whatever comes.
    Done,
    /// Nothing is held, and these few words are enough to go on: DNS, or a hello that was given.
    Answered(Answered),
    /// A part of a message is held.
    Need(DatagramDissector),
}

/// Reads the messages in the datagrams of one flow.
#[derive(Debug, Default)]
pub struct DatagramDissector {
    seen: Answered,
    connection: Option<Box<Connection>>,
    fragments: Option<Box<Fragments>>,
}

impl DatagramDissector {
    /// Starts with nothing seen and nothing allocated.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the first datagram of a flow.
    pub fn first(
        direction: Direction,
        datagram: &Datagram<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        Answered::default().datagram(direction, datagram, ts, sink)
    }

    /// Takes one datagram; messages it completes go to `sink`, and so do the reasons why bytes
    /// were refused.
    ///
    /// A QUIC Initial packet costs at most one derivation of keys and one decryption, a second one
    /// when it first has to be tried with keys that are there. `ts` is not used yet.
    pub fn datagram(
        &mut self,
        direction: Direction,
        datagram: &Datagram<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> StreamState {
        let _ = ts;
        let ports = Ports {
            src: datagram.src_port,
            dst: datagram.dst_port,
        };
        let cost = self.read(direction, datagram.payload, is_cut(datagram), ports, sink);
        self.seen.patience = self.seen.patience.saturating_sub(cost);
        if self.seen.patience == 0 {
            StreamState::Done
        } else {
            StreamState::Wanting
        }
    }

    /// The flow ends: gives what has a name but was never completed.
    pub fn finish(&mut self, sink: &mut impl MessageSink) {
        if let Some(connection) = self.connection.take() {
            connection.finish(sink);
        }
        if let Some(fragments) = self.fragments.take() {
            fragments.finish(sink);
        }
    }

    /// Whether a part of a message is held.
    pub fn holds(&self) -> bool {
        self.connection.is_some() || self.fragments.is_some()
    }

    /// Bytes that are held for this flow beside the dissector itself.
    pub fn memory(&self) -> usize {
        let connection = self
            .connection
            .as_ref()
            .map_or(0, |connection| connection.memory());
        let fragments = self
            .fragments
            .as_ref()
            .map_or(0, |fragments| fragments.memory());
        connection.saturating_add(fragments)
    }

    /// What a flow table has to keep from here on.
    pub fn settle(self) -> First {
        if self.holds() {
            First::Need(self)
        } else if self.seen.patience == 0 && !self.seen.has_given() {
            First::Done
        } else {
            First::Answered(self.seen)
        }
    }
}

fn is_cut(datagram: &Datagram<'_>) -> bool {
    usize::try_from(datagram.payload_len).is_ok_and(|wire| wire > datagram.payload.len())
}

/// A number that stands for some bytes, to know them again: FNV-1a, never zero.
pub(crate) fn fnv(seed: u32, bytes: &[u8]) -> u32 {
    let hash = bytes.iter().fold(0x811c_9dc5 ^ seed, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    hash.max(1)
}
