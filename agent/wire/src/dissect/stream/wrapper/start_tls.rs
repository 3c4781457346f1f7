//! How binary protocols ask for TLS: PostgreSQL, MySQL, RDP, TDS and LDAP.

use super::{Wrapper, fits, whole};
use crate::reader::Reader;

/// The longest LDAP message in front of StartTLS.
const MAX_LDAP: usize = 4096;
/// The object identifier of StartTLS (RFC 4511 section 4.14).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
/// The capability of MySQL to speak TLS.
const MYSQL_SSL: u16 = 0x0800;

/// SSLRequest and GSSENCRequest: a length of 8 and a code.
pub(super) fn postgres(bytes: &[u8]) -> Wrapper {
    let ssl = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let gss = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];
    if fits(bytes, &ssl) || fits(bytes, &gss) {
        whole(bytes, 8)
    } else {
        Wrapper::None
    }
}

/// A login packet of 32 bytes, its length and number first, that asks for TLS.
pub(super) fn mysql(bytes: &[u8]) -> Wrapper {
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
pub(super) fn rdp(bytes: &[u8]) -> Wrapper {
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
pub(super) fn tds(bytes: &[u8]) -> Wrapper {
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
pub(super) fn ldap(bytes: &[u8]) -> Wrapper {
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
