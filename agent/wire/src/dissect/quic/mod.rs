//! QUIC as far as an observer can read it: the ClientHello in Initial packets (RFC 9001 section 5.2),
//! and the client hello of Google QUIC.
//!
//! Initial packets are protected with keys that follow from the connection id that the client made
//! up for the server, so whoever sees the first packet can open it and its successors. A packet that
//! does not authenticate with them is left alone, which is why a hello is recognised on any port and
//! never by mistake.
//!
//! * The packets of one hello may come in any order, more than once, coalesced with others, and with
//!   their CRYPTO frames shuffled. Later ones may already carry the server's connection id: they are
//!   tried with the keys that are there before new ones are derived.
//! * After a Retry (RFC 9000 section 17.2.5) the client says hello again under keys of another
//!   connection id; so does a second connection on the same ports. Both are messages of their own.
//! * A packet that the capture cut cannot be authenticated. It is decrypted all the same, since the
//!   cipher is a stream, and believed when the frames in it begin a ClientHello.

mod connection;
mod error;
mod frames;
mod gquic;
mod header;
mod keys;
#[cfg(test)]
pub(crate) mod tests;
mod version;

pub(crate) use connection::{Connection, Opened};
pub use error::QuicError;
pub use gquic::GquicHello;
pub(crate) use header::{LongPacket, PacketType, has_known_version};
pub use version::{VERSION_1, VERSION_2};

use crate::dissect::tls::ClientHello;

/// The ClientHello of a QUIC connection.
#[derive(Clone, Copy, Debug)]
pub struct QuicHello<'a> {
    hello: &'a ClientHello<'a>,
    version: u32,
}

impl<'a> QuicHello<'a> {
    /// The handshake message in it.
    pub const fn hello(&self) -> &'a ClientHello<'a> {
        self.hello
    }

    /// The version of QUIC that the packets announce.
    pub const fn version(&self) -> u32 {
        self.version
    }
}
