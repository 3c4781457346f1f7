//! What is looked for where segments start.

use crate::dissect::stream::start::Start;
use crate::dissect::tls::record::HANDSHAKE;

/// What is looked for where segments start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::dissect::stream) enum Sought {
    /// Nothing is known of the connection.
    Anything,
    /// Bytes are missing from a connection that carries requests: another one may come, however late.
    Request,
    /// The first bytes were of a protocol that is not read here; it may still turn to TLS.
    Hello,
}

impl Sought {
    /// Whether this is what is looked for. Other things in a body do not end the search for a request.
    pub(super) fn is_met(self, found: Start) -> bool {
        match self {
            Self::Anything => found.is_sure(),
            Self::Request => matches!(found, Start::Tls | Start::Http | Start::Http2),
            Self::Hello => matches!(found, Start::Tls | Start::ServerHello(_) | Start::Protected),
        }
    }

    /// Whether what is there can go on to it: to a TLS record or to a request line.
    pub(super) fn may_be_met(self, bytes: &[u8]) -> bool {
        let line =
            || bytes.len() < 8 || memchr::memchr(b' ', bytes.get(..32).unwrap_or(bytes)).is_some();
        match bytes.first() {
            Some(&HANDSHAKE) => true,
            Some(byte) => self != Self::Hello && byte.is_ascii_uppercase() && line(),
            None => false,
        }
    }
}
