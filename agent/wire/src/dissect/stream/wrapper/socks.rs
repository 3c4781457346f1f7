//! SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): what a client says before the tunnel begins.

use super::Wrapper;
use crate::reader::Reader;

/// The longest user or host name of SOCKS 4.
const MAX_SOCKS_TEXT: usize = 255;

/// Version 4, command, port, address, user and a zero; with an address of 0.0.0.x (4a) a name and a zero.
pub(super) fn socks4(bytes: &[u8]) -> Wrapper {
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
pub(super) fn socks5_greeting(bytes: &[u8]) -> Wrapper {
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
pub(in crate::dissect::stream) fn socks5(bytes: &[u8]) -> Socks5 {
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
pub(in crate::dissect::stream) enum Socks5 {
    /// User and password in so many bytes.
    Login(usize),
    /// The request in so many bytes; behind it the tunnel begins.
    Request(usize),
    /// Fits so far, and needs so many bytes to be told.
    Need(usize),
    /// Not SOCKS.
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
