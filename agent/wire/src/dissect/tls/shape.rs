//! What bytes are, seen as TLS: told from the header of the first record and of the message in it.

use crate::dissect::stream::output::Answer;
use crate::dissect::tls::record::{
    ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, CLIENT_HELLO, MAX_FRAGMENT, RECORD_HEADER,
};
use crate::reader::Reader;

const HELLO_REQUEST: u8 = 0;
const SERVER_HELLO: u8 = 2;

/// The random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3): the SHA-256 of that word.
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What the first bytes of a direction are, seen as TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// The start of a ClientHello.
    Hello,
    /// Records in which a ClientHello may come.
    Client,
    /// A ServerHello.
    Server(Answer),
    /// Protected records: the handshake is over.
    Protected,
    /// Cannot be told before there are this many bytes.
    Need(usize),
    /// No TLS.
    Foreign,
}

/// Says what `bytes` are, from the header of the first record and of the message in it.
pub(crate) fn shape(bytes: &[u8]) -> Shape {
    let mut reader = Reader::new(bytes);
    let (Some(kind), major, minor, length) = (reader.u8(), reader.u8(), reader.u8(), reader.u16())
    else {
        return Shape::Need(RECORD_HEADER);
    };
    let version = major.is_none_or(|major| major == 3) && minor.is_none_or(|minor| minor <= 4);
    if !matches!(kind, CHANGE_CIPHER_SPEC..=APPLICATION_DATA) || !version {
        return Shape::Foreign;
    }
    let Some(length) = length.map(usize::from) else {
        return Shape::Need(RECORD_HEADER);
    };
    match kind {
        _ if length == 0 || length > MAX_FRAGMENT => Shape::Foreign,
        APPLICATION_DATA => Shape::Protected,
        CHANGE_CIPHER_SPEC | ALERT => opening(kind, length, reader.rest()),
        _ => message_shape(reader.rest().get(..length).unwrap_or(reader.rest()), length),
    }
}

/// A change_cipher_spec or alert in the clear has a fixed length and fixed first byte.
fn opening(kind: u8, length: usize, fragment: &[u8]) -> Shape {
    let expected = if kind == ALERT { 2 } else { 1 };
    match fragment.first() {
        _ if length != expected => Shape::Foreign,
        Some(1 | 2) => Shape::Client,
        Some(_) => Shape::Foreign,
        None => Shape::Need(RECORD_HEADER.saturating_add(1)),
    }
}

/// `fragment` is what there is of a handshake fragment of `length` bytes.
fn message_shape(fragment: &[u8], length: usize) -> Shape {
    let mut reader = Reader::new(fragment);
    let (Some(kind), high) = (reader.u8(), reader.u8()) else {
        return Shape::Need(RECORD_HEADER.saturating_add(1));
    };
    let (_, version) = (reader.u16(), reader.u16());
    // No message that starts a handshake has 64 KiB.
    if high.is_some_and(|high| high != 0) {
        return Shape::Foreign;
    }
    match kind {
        HELLO_REQUEST | 4 | 11..=16 | 20 | 22 => return Shape::Client,
        CLIENT_HELLO | SERVER_HELLO => {}
        _ => return Shape::Foreign,
    }
    let known = version.is_none_or(|version| matches!(version, 0x0002 | 0x0300..=0x0304));
    if !known {
        return Shape::Foreign;
    }
    let decided = if kind == CLIENT_HELLO { 6 } else { 38 };
    if fragment.len() < decided.min(length) {
        return Shape::Need(RECORD_HEADER.saturating_add(decided.min(length)));
    }
    if kind == CLIENT_HELLO {
        return Shape::Hello;
    }
    let retry = reader.take_array::<32>() == Some(RETRY_RANDOM);
    Shape::Server(if retry { Answer::Retry } else { Answer::Other })
}
