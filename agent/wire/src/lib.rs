//! Packets to messages, without I/O: link, network and transport headers, then TLS, QUIC, DNS and HTTP.
//!
//! Bytes come in as a [`Frame`], [`Decoder`] finds the innermost packet in it, and a
//! [`StreamDissector`] (TCP) or [`DatagramDissector`] (UDP) turns payloads into [`Message`]s, which
//! are views into the bytes they were read from. Everything here is hostile input: no byte
//! sequence panics, allocates past a named cap or loops; what is refused is counted by its reason.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
// Tests count and cut freely: what panics there is a failed test.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

pub mod decode;
pub mod dissect;
pub mod fingerprint;
mod frame;
pub mod fuzzing;
pub mod reader;
mod reassembly;
#[cfg(test)]
mod testing;

pub use decode::{
    Datagram, DecodeCounters, DecodeError, Decoder, Packet, Segment, TcpFlags, Transport,
};
pub use dissect::{
    DatagramDissector, Direction, Message, MessageSink, StreamDissector, StreamState,
};
pub use frame::{Frame, LinkType, Timestamp};
