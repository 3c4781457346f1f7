//! TLS handshakes as far as an observer can read them.

mod error;
pub mod extension;
mod hello;
pub(crate) mod record;
pub(crate) mod shape;
mod sslv2;

pub use error::TlsError;
pub use hello::{Carrier, ClientHello, Ech};
pub use sslv2::SslV2Hello;

#[cfg(test)]
mod tests;
