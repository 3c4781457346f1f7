//! TLS records to ClientHellos (RFC 8446 section 5.1).
//!
//! A hello is read where it lies when one record holds it. Only a hello that is spread over records is
//! copied together. After the hello the records of the same side say whether a second one comes: the answer
//! to HelloRetryRequest is a handshake record with another ClientHello, perhaps behind a change_cipher_spec;
//! anything else ends it.

use crate::dissect::stream::output::{Output, Step};
use crate::dissect::tls::shape::{Shape, shape};
use crate::dissect::tls::{Carrier, ClientHello, TlsError};
use crate::dissect::{Message, MessageSink, Progress, Reject};
use crate::reader::Reader;

/// Length of a record header: type, version, length.
pub(crate) const RECORD_HEADER: usize = 5;
/// Longest fragment of a record, with the slack that RFC 5246 section 6.2.3 gives to protected ones.
pub(super) const MAX_FRAGMENT: usize = (1 << 14) + 2048;
/// Longest ClientHello that is kept; the largest seen with post-quantum keys is below 5 KiB.
pub(crate) const MAX_HELLO: usize = 64 * 1024;
/// How much early data is passed over on the way to a second hello.
const MAX_EARLY_DATA: u32 = 256 * 1024;
/// Hellos of one direction: the first and the one after HelloRetryRequest.
const MAX_HELLOS: u8 = 2;

pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

pub(super) const CLIENT_HELLO: u8 = 1;

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
