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

use crate::reader::Reader;

const PROXY_V1: &[u8] = b"PROXY ";
const MAX_PROXY_V1: usize = 107;
const PROXY_V2: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The longest header of version 2 that is passed over; the usual ones have less than 200 bytes.
const MAX_PROXY_V2: usize = 4096;
/// The longest user or host name of SOCKS.
const MAX_SOCKS_TEXT: usize = 255;
/// The longest LDAP message in front of StartTLS.
const MAX_LDAP: usize = 4096;
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
const MYSQL_SSL: u16 = 0x0800;

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

/// A wrapper of so many bytes.
fn whole(bytes: &[u8], total: usize) -> Wrapper {
    if bytes.len() < total {
        Wrapper::Need(total)
    } else {
        Wrapper::Whole(total)
    }
}

fn socks4(bytes: &[u8]) -> Wrapper {
    let mut reader = Reader::new(bytes);
    let (Some(_), Some(command), Some(port), Some(address)) = (
        reader.u8(),
        reader.u8(),
        reader.u16(),
        reader.take_array::<4>(),
    ) else {
        let connect = bytes.get(1).is_none_or(|command| matches!(command, 1 | 2));
        return if connect {
            Wrapper::Need(9)
        } else {
            Wrapper::None
        };
    };
    if !matches!(command, 1 | 2) || port == 0 {
        return Wrapper::None;
    }
    let named = matches!(address, [0, 0, 0, last] if last != 0);
    for _ in 0..=u8::from(named) {
        let rest = reader.rest();
        let Some(end) = memchr::memchr(0, rest) else {
            let text =
                rest.len() <= MAX_SOCKS_TEXT && rest.iter().all(|byte| !byte.is_ascii_control());
            let more = bytes.len().saturating_add(1);
            return if text {
                Wrapper::Need(more)
            } else {
                Wrapper::None
            };
        };
        let text = reader
            .take(end.saturating_add(1))
            .and_then(|text| text.get(..end));
        let plain = text.is_some_and(|text| text.iter().all(|byte| !byte.is_ascii_control()));
        if end > MAX_SOCKS_TEXT || !plain {
            return Wrapper::None;
        }
    }
    Wrapper::Whole(reader.position())
}

/// Version 5, count, and so many methods, no private ones beyond those in use.
fn socks5_greeting(bytes: &[u8]) -> Wrapper {
    let mut reader = Reader::new(bytes);
    let (Some(_), Some(count)) = (reader.u8(), reader.u8()) else {
        return Wrapper::Need(3);
    };
    let methods = reader
        .rest()
        .get(..usize::from(count))
        .unwrap_or(reader.rest());
    if !(1..=16).contains(&count)
        || !methods
            .iter()
            .all(|method| matches!(method, 0..=9 | 0x80..))
    {
        return Wrapper::None;
    }
    let total = usize::from(count).saturating_add(2);
    if bytes.len() < total {
        Wrapper::Need(total)
    } else {
        Wrapper::Socks5(total)
    }
}

/// What follows the greeting of SOCKS 5: a password first, when the server asked for it.
pub(super) fn socks5(bytes: &[u8]) -> Socks5 {
    let mut reader = Reader::new(bytes);
    match reader.u8() {
        None => Socks5::Need(bytes.len().saturating_add(1)),
        Some(1) => {
            password(reader).map_or(Socks5::Need(bytes.len().saturating_add(1)), Socks5::Login)
        }
        Some(5) => match request(reader) {
            Some(Some(total)) if bytes.len() >= total => Socks5::Request(total),
            Some(Some(total)) => Socks5::Need(total),
            Some(None) => Socks5::Foreign,
            None => Socks5::Need(bytes.len().saturating_add(1)),
        },
        Some(_) => Socks5::Foreign,
    }
}

/// What a client says after its SOCKS 5 greeting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Socks5 {
    /// User and password in so many bytes.
    Login(usize),
    /// The request in so many bytes; behind it the tunnel begins.
    Request(usize),
    Need(usize),
    Foreign,
}

fn password(mut reader: Reader<'_>) -> Option<usize> {
    for _ in 0..2 {
        let length = reader.u8()?;
        reader.take(usize::from(length))?;
    }
    Some(reader.position())
}

/// Length of the request; `Some(None)` when it is none.
fn request(mut reader: Reader<'_>) -> Option<Option<usize>> {
    let (command, reserved, kind) = (reader.u8()?, reader.u8()?, reader.u8()?);
    if !(1..=3).contains(&command) || reserved != 0 {
        return Some(None);
    }
    let address = match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(reader.u8()?),
        _ => return Some(None),
    };
    Some(Some(
        reader.position().saturating_add(address).saturating_add(2),
    ))
}

fn postgres(bytes: &[u8]) -> Wrapper {
    let ssl = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let gss = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];
    if fits(bytes, &ssl) || fits(bytes, &gss) {
        whole(bytes, 8)
    } else {
        Wrapper::None
    }
}

fn mysql(bytes: &[u8]) -> Wrapper {
    let mut reader = Reader::new(bytes);
    if !fits(bytes, &[0x20, 0, 0, 1]) {
        return Wrapper::None;
    }
    let (Some(_), Some(flags)) = (reader.take(4), reader.take_array()) else {
        return Wrapper::Need(6);
    };
    if u16::from_le_bytes(flags) & MYSQL_SSL == 0 {
        Wrapper::None
    } else {
        whole(bytes, 36)
    }
}

/// A connection request (ITU-T X.224 section 13.3) in TPKT (RFC 1006).
fn rdp(bytes: &[u8]) -> Wrapper {
    let mut reader = Reader::new(bytes);
    let (Some(_), Some(reserved), Some(length), Some(indicator), Some(code)) = (
        reader.u8(),
        reader.u8(),
        reader.u16(),
        reader.u8(),
        reader.u8(),
    ) else {
        return if fits(bytes, &[3, 0]) {
            Wrapper::Need(6)
        } else {
            Wrapper::None
        };
    };
    let inside = usize::from(length).checked_sub(5);
    if reserved != 0 || code != 0xe0 || inside != Some(usize::from(indicator)) {
        return Wrapper::None;
    }
    whole(bytes, usize::from(length))
}

/// A packet of TDS with its header: type, status, length (2), zeros and a packet number.
fn tds(bytes: &[u8]) -> Wrapper {
    let mut reader = Reader::new(bytes);
    let (Some(_), Some(status), Some(length), Some([0, 0, _, 0])) = (
        reader.u8(),
        reader.u8(),
        reader.u16(),
        reader.take_array::<4>(),
    ) else {
        return if bytes.len() < 8 {
            Wrapper::Need(8)
        } else {
            Wrapper::None
        };
    };
    let length = usize::from(length);
    if status > 1 || !(9..=4096).contains(&length) {
        return Wrapper::None;
    }
    match reader.u8() {
        // The header alone: the record in the packet comes next.
        Some(22) => Wrapper::Whole(8),
        Some(_) => whole(bytes, length),
        None => Wrapper::Need(9),
    }
}

/// A message of LDAP: a sequence of a message number and an operation.
fn ldap(bytes: &[u8]) -> Wrapper {
    let mut reader = Reader::new(bytes);
    let mut parse = || {
        reader.u8()?;
        let length = ber_length(&mut reader)?;
        let total = reader.position().checked_add(length)?;
        if reader.u8()? != 2 {
            return Some(None);
        }
        let number = reader.u8()?;
        if !(1..=4).contains(&number) {
            return Some(None);
        }
        reader.take(usize::from(number))?;
        Some(Some((total, reader.u8()?)))
    };
    match parse() {
        None if bytes.len() < 16 => Wrapper::Need(bytes.len().saturating_add(1)),
        Some(Some((total, operation))) if total <= MAX_LDAP => match operation {
            // Bind, unbind, search and abandon may come before; other operations need a session.
            0x60 | 0x42 | 0x63 | 0x50 => whole(bytes, total),
            0x77 if bytes.len() >= total && !has_start_tls(bytes.get(..total)) => Wrapper::None,
            0x77 => whole(bytes, total),
            _ => Wrapper::None,
        },
        _ => Wrapper::None,
    }
}

fn has_start_tls(message: Option<&[u8]>) -> bool {
    message.is_some_and(|message| memchr::memmem::find(message, START_TLS).is_some())
}

/// A definite length of BER in at most four bytes (ITU-T X.690 section 8.1.3).
fn ber_length(reader: &mut Reader<'_>) -> Option<usize> {
    let first = reader.u8()?;
    if first & 0x80 == 0 {
        return Some(usize::from(first));
    }
    match first & 0x7f {
        1 => reader.u8().map(usize::from),
        2 => reader.u16().map(usize::from),
        3 => reader.u24().and_then(|length| usize::try_from(length).ok()),
        4 => reader.u32().and_then(|length| usize::try_from(length).ok()),
        _ => None,
    }
}
