//! QUIC Initial packets, which any observer can open (RFC 9001 section 5.2).

/// The ClientHello of a QUIC connection.
#[derive(Clone, Copy, Debug)]
pub struct QuicHello<'a> {
    body: &'a [u8],
}

/// The client hello of Google QUIC.
#[derive(Clone, Copy, Debug)]
pub struct GquicHello<'a> {
    body: &'a [u8],
}
