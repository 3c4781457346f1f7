//! The bodies of the fuzz targets, one function each: they take any bytes, and panic only when a promise is
//! broken. The targets themselves are one line each and live in `tests/fuzz`.

mod datagram;
mod decode;
mod dns;
mod quic_initial;
mod tcp;

pub use datagram::datagram;
pub use decode::decode;
pub use dns::dns;
pub use quic_initial::quic_initial;
pub use tcp::{client_hello, http_head, stream};
