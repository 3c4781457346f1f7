//! Fingerprints of TLS clients: JA3 and JA4.
//!
//! Both describe what a client program offers, not whom it talks to. They are computed only when they are
//! asked for: [`ClientHello::ja3`] and [`ClientHello::ja4`].
//!
//! [`ClientHello::ja3`]: crate::dissect::tls::ClientHello::ja3
//! [`ClientHello::ja4`]: crate::dissect::tls::ClientHello::ja4

mod grease;
mod ja3;
mod ja4;
mod known;

pub use grease::is_grease;
pub use ja3::Ja3;
pub use ja4::{Ja4, Ja4Memory};

#[cfg(test)]
mod tests;
