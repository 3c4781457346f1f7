//! QUIC Initial packets, which any observer can open (RFC 9001 section 5.2).

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

/// The client hello of Google QUIC.
#[derive(Clone, Copy, Debug)]
pub struct GquicHello<'a> {
    server_name: Option<&'a [u8]>,
    version: u32,
}

impl<'a> GquicHello<'a> {
    /// The server name that the client asks for (the tag `SNI`), as it was sent.
    pub const fn server_name(&self) -> Option<&'a [u8]> {
        self.server_name
    }

    /// The version in its four bytes, such as `Q043`.
    pub const fn version(&self) -> u32 {
        self.version
    }
}
