//! TLS records to ClientHellos (RFC 8446 section 5.1).
//!
//! A hello is read where it lies when one record holds it. Only a hello that is spread over records is
//! copied together. After the hello the records of the same side say whether a second one comes: the answer
//! to HelloRetryRequest is a handshake record with another ClientHello, perhaps behind a change_cipher_spec;
//! anything else ends it.

use crate::dissect::stream::output::{Answer, Output, Step};
use crate::dissect::tls::{Carrier, ClientHello, TlsError};
use crate::dissect::{Message, MessageSink, Progress, Reject};
use crate::reader::Reader;

/// Length of a record header: type, version, length.
pub(crate) const RECORD_HEADER: usize = 5;
/// Longest fragment of a record, with the slack that RFC 5246 section 6.2.3 gives to protected ones.
const MAX_FRAGMENT: usize = (1 << 14) + 2048;
/// Longest ClientHello that is kept; the largest seen with post-quantum keys is below 5 KiB.
pub(crate) const MAX_HELLO: usize = 64 * 1024;
/// How much early data is passed over on the way to a second hello.
const MAX_EARLY_DATA: u32 = 256 * 1024;
/// Hellos of one direction: the first and the one after HelloRetryRequest.
const MAX_HELLOS: u8 = 2;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

const HELLO_REQUEST: u8 = 0;
const CLIENT_HELLO: u8 = 1;
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

/// The handshake records of one direction.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// A handshake message that earlier records began.
    message: Vec<u8>,
    /// How many bytes of a message that is not wanted are still to come.
    unwanted: usize,
    hellos: u8,
    /// Early data that may still be passed over.
    early: u32,
}

impl Records {
    /// Continues behind a hello that was read elsewhere.
    pub(crate) fn after_hello(early_data: bool) -> Self {
        Self {
            hellos: 1,
            early: if early_data { MAX_EARLY_DATA } else { 0 },
            ..Self::default()
        }
    }

    /// Whether a hello was given.
    pub(crate) const fn has_hello(&self) -> bool {
        self.hellos > 0
    }

    /// Reads the record that `bytes` start with.
    pub(crate) fn step(&mut self, bytes: &[u8], out: &mut Output<'_, impl MessageSink>) -> Step {
        let mut reader = Reader::new(bytes);
        let (Some(kind), Some(version), Some(length)) = (reader.u8(), reader.u16(), reader.u16())
        else {
            return Step::Need(RECORD_HEADER);
        };
        let length = usize::from(length);
        let total = length.saturating_add(RECORD_HEADER);
        if !matches!(version, 0x0300..=0x0304) || length > MAX_FRAGMENT {
            return self.refuse(TlsError::BadRecord, out);
        }
        match kind {
            HANDSHAKE => {
                if self.has_hello() && self.message.is_empty() {
                    match shape(bytes) {
                        Shape::Hello => {}
                        Shape::Need(count) => return Step::Need(count),
                        Shape::Client | Shape::Server(_) | Shape::Protected | Shape::Foreign => {
                            return Step::Close;
                        }
                    }
                }
                let Some(fragment) = reader.take(length) else {
                    return Step::Need(total);
                };
                match self.fragment(fragment, out) {
                    Ok(()) if self.hellos >= MAX_HELLOS => Step::Close,
                    Ok(()) => Step::Take(total),
                    Err(error) => self.refuse(error, out),
                }
            }
            CHANGE_CIPHER_SPEC if length == 1 => Step::Skip(widen(total)),
            ALERT if length == 2 && !self.has_hello() => Step::Skip(widen(total)),
            APPLICATION_DATA if self.early > 0 => {
                self.early = self
                    .early
                    .saturating_sub(u32::try_from(total).unwrap_or(u32::MAX));
                Step::Skip(widen(total))
            }
            _ => Step::Close,
        }
    }

    fn refuse(&self, error: TlsError, out: &mut Output<'_, impl MessageSink>) -> Step {
        if !self.has_hello() {
            out.reject(Reject::Tls(error));
        }
        Step::Close
    }

    /// Takes the handshake bytes of one record.
    fn fragment(
        &mut self,
        fragment: &[u8],
        out: &mut Output<'_, impl MessageSink>,
    ) -> Result<(), TlsError> {
        let mut rest = fragment;
        while !rest.is_empty() {
            if self.unwanted > 0 {
                let count = self.unwanted.min(rest.len());
                self.unwanted = self.unwanted.saturating_sub(count);
                rest = rest.get(count..).unwrap_or_default();
            } else if self.message.is_empty() {
                rest = self.in_place(rest, out)?;
            } else {
                rest = self.collect(rest, out)?;
            }
        }
        Ok(())
    }

    /// Reads the message that `rest` starts with; one that is not all there is kept.
    fn in_place<'b>(
        &mut self,
        rest: &'b [u8],
        out: &mut Output<'_, impl MessageSink>,
    ) -> Result<&'b [u8], TlsError> {
        let Some(length) = Self::wanted_length(rest)? else {
            return Ok(self.pass_or_keep(rest));
        };
        match rest.split_at_checked(length) {
            Some((message, after)) => {
                self.hello(message, out)?;
                Ok(after)
            }
            None => Ok(self.keep(rest)),
        }
    }

    /// Adds to the message that earlier records began as much as it lacks.
    fn collect<'b>(
        &mut self,
        rest: &'b [u8],
        out: &mut Output<'_, impl MessageSink>,
    ) -> Result<&'b [u8], TlsError> {
        let whole = Self::wanted_length(&self.message)?.unwrap_or(4);
        let lacks = whole.saturating_sub(self.message.len()).min(rest.len());
        let (more, after) = rest.split_at_checked(lacks).unwrap_or((rest, &[]));
        self.message.extend_from_slice(more);
        if self.message.len() < whole {
            return Ok(after);
        }
        let message = std::mem::take(&mut self.message);
        match Self::wanted_length(&message)? {
            Some(length) if message.len() >= length => self.hello(&message, out)?,
            Some(_) => self.message = message,
            None => {
                self.pass_or_keep(&message);
            }
        }
        Ok(after)
    }

    /// Length of the ClientHello that `message` starts; `None` for another message or without a whole header.
    fn wanted_length(message: &[u8]) -> Result<Option<usize>, TlsError> {
        match ClientHello::message_length(message) {
            Some(length) if length > MAX_HELLO => Err(TlsError::TooLong),
            length => Ok(length),
        }
    }

    /// Passes over a message that is no ClientHello, as much of it as is there; keeps a part of a header.
    fn pass_or_keep<'b>(&mut self, rest: &'b [u8]) -> &'b [u8] {
        let mut reader = Reader::new(rest);
        let (Some(_), Some(length)) = (reader.u8(), reader.u24()) else {
            return self.keep(rest);
        };
        self.unwanted = usize::try_from(length).unwrap_or(usize::MAX);
        reader.rest()
    }

    fn keep<'b>(&mut self, rest: &'b [u8]) -> &'b [u8] {
        self.message.extend_from_slice(rest);
        &[]
    }

    fn hello(
        &mut self,
        message: &[u8],
        out: &mut Output<'_, impl MessageSink>,
    ) -> Result<(), TlsError> {
        match ClientHello::parse(message, Carrier::Tcp) {
            Progress::Done(hello) => {
                let before = self.hellos;
                *self = Self::after_hello(hello.has_early_data());
                self.hellos = before.saturating_add(1);
                out.message(Message::Tls(&hello));
                Ok(())
            }
            Progress::NeedMore => Err(TlsError::BadLength),
            Progress::Reject(error) => Err(error),
        }
    }

    /// Nothing more comes behind `pending`: gives the hello when its name is there.
    pub(crate) fn cut(&mut self, pending: &[u8], out: &mut Output<'_, impl MessageSink>) {
        let partial = match pending.first() {
            Some(&HANDSHAKE) => pending.get(RECORD_HEADER..).unwrap_or_default(),
            _ => &[],
        };
        if self.unwanted > 0 || (self.message.is_empty() && partial.is_empty()) {
            return;
        }
        let length = pending
            .get(3..RECORD_HEADER)
            .and_then(|bytes| bytes.first_chunk::<2>());
        let length = usize::from(length.copied().map(u16::from_be_bytes).unwrap_or_default());
        self.message
            .extend_from_slice(partial.get(..length).unwrap_or(partial));
        let message = std::mem::take(&mut self.message);
        match ClientHello::prefix(&message, Carrier::Tcp) {
            Some(hello) => out.message(Message::Tls(&hello)),
            None if message.first() == Some(&CLIENT_HELLO) => {
                out.reject(Reject::Tls(TlsError::Incomplete));
            }
            None => {}
        }
    }

    /// Bytes on the heap.
    pub(crate) fn memory(&self) -> usize {
        self.message.capacity()
    }
}

fn widen(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
