//! TLS handshakes as far as an observer can read them.

/// A ClientHello (RFC 8446 section 4.1.2), as a view into the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    body: &'a [u8],
}

/// A ClientHello in SSL 2.0 framing (RFC 5246 appendix E.2).
#[derive(Clone, Copy, Debug)]
pub struct SslV2Hello<'a> {
    body: &'a [u8],
}
