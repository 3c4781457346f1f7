//! What may lie in front of a TLS hello or a request on the same connection.
//!
//! | wrapper | first bytes of the client |
//! |---|---|
//! | PROXY protocol 1 | `PROXY TCP4 ..` CRLF, at most 107 bytes |
//! | PROXY protocol 2 | twelve bytes of signature, version and command, family, length (2) |
//! | SOCKS 4, 4a | 4, command, port, address, user, 0, with 4a a name and 0 |
//! | SOCKS 5 (RFC 1928, RFC 1929) | 5, count, methods; then perhaps a password; then 5, command, 0, address, port |
//! | PostgreSQL | SSLRequest or GSSENCRequest: length 8 and a code |
//! | MySQL | a login packet of 32 bytes with the SSL capability |
//! | LDAP (RFC 4511) | messages up to the extended request of StartTLS |
//! | RDP | a connection request in TPKT |
//! | TDS | a PRELOGIN packet, and the eight-byte header of the one that carries the hello |
//!
//! Protocols of lines (SMTP, IMAP, POP3, FTP, XMPP and more) need no entry: text never holds the byte that a
//! TLS record starts with.

mod socks;
mod start_tls;

pub(super) use socks::{Socks5, socks5};
use socks::{socks4, socks5_greeting};
use start_tls::{ldap, mysql, postgres, rdp, tds};

use crate::reader::Reader;

const PROXY_V1: &[u8] = b"PROXY ";
const MAX_PROXY_V1: usize = 107;
const PROXY_V2: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The longest header of version 2 that is passed over; the usual ones have less than 200 bytes.
const MAX_PROXY_V2: usize = 4096;

/// What a wrapper says about the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wrapper {
    /// A header of the PROXY protocol in so many bytes.
    Proxy(usize),
    /// So many bytes are the wrapper, or one message of it.
    Whole(usize),
    /// A SOCKS 5 greeting in so many bytes.
    Socks5(usize),
    /// Fits so far, and needs so many bytes to be told.
    Need(usize),
    /// Nothing known.
    None,
}

/// Reads the header of the PROXY protocol that `bytes` start with.
pub(super) fn proxy(bytes: &[u8]) -> Wrapper {
    match bytes.first() {
        Some(b'P') => proxy_v1(bytes),
        Some(b'\r') => proxy_v2(bytes),
        _ => Wrapper::None,
    }
}

/// Reads the wrapper that `bytes` start with.
pub(super) fn read(bytes: &[u8]) -> Wrapper {
    match bytes.first() {
        Some(b'P' | b'\r') => proxy(bytes),
        Some(4) => socks4(bytes),
        Some(5) => socks5_greeting(bytes),
        Some(0) => postgres(bytes),
        Some(3) => rdp(bytes),
        Some(0x12) => tds(bytes),
        Some(0x30) => ldap(bytes),
        Some(0x20) => mysql(bytes),
        _ => Wrapper::None,
    }
}

/// Whether `bytes` start with `known`, as far as they go.
fn fits(bytes: &[u8], known: &[u8]) -> bool {
    bytes
        .iter()
        .zip(known)
        .all(|(byte, expected)| byte == expected)
}

/// A wrapper of so many bytes.
fn whole(bytes: &[u8], total: usize) -> Wrapper {
    if bytes.len() < total {
        Wrapper::Need(total)
    } else {
        Wrapper::Whole(total)
    }
}

fn proxy_v1(bytes: &[u8]) -> Wrapper {
    if !fits(bytes, PROXY_V1) {
        return Wrapper::None;
    }
    let line = bytes
        .get(..bytes.len().min(MAX_PROXY_V1))
        .unwrap_or_default();
    match memchr::memchr(b'\n', line).map(|at| at.saturating_add(1)) {
        Some(end) if bytes.len() >= PROXY_V1.len() => {
            let line = line.get(PROXY_V1.len()..end).unwrap_or_default();
            let known = [b"TCP4".as_slice(), b"TCP6", b"UNKNOWN"]
                .iter()
                .any(|f| line.starts_with(f));
            if known {
                Wrapper::Proxy(end)
            } else {
                Wrapper::None
            }
        }
        None if bytes.len() < MAX_PROXY_V1 => Wrapper::Need(bytes.len().saturating_add(1)),
        _ => Wrapper::None,
    }
}

fn proxy_v2(bytes: &[u8]) -> Wrapper {
    if !fits(bytes, PROXY_V2) {
        return Wrapper::None;
    }
    let mut reader = Reader::new(bytes);
    let (Some(_), Some(version), Some(_), Some(length)) = (
        reader.take(PROXY_V2.len()),
        reader.u8(),
        reader.u8(),
        reader.u16(),
    ) else {
        return Wrapper::Need(16);
    };
    let length = usize::from(length);
    if version >> 4 != 2 || length > MAX_PROXY_V2 {
        return Wrapper::None;
    }
    let total = reader.position().saturating_add(length);
    if bytes.len() < total {
        Wrapper::Need(total)
    } else {
        Wrapper::Proxy(total)
    }
}
