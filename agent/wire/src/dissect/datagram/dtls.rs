//! DTLS handshakes in the clear (RFC 6347, RFC 9147), and the wrappers that they come in.

use super::assembly::{Assembly, AssemblyError};
use super::fnv;
use crate::dissect::tls::{Carrier, ClientHello, TlsError};
use crate::dissect::{Direction, Message, MessageSink, Reject};
use crate::reader::Reader;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HEARTBEAT: u8 = 24;

const CLIENT_HELLO: u8 = 1;

/// How much of a hello tells it from others: version, random, session id and cookie are in it.
const TELLING: usize = 128;

/// The fixed value in every STUN message (RFC 8489 section 5).
const STUN_COOKIE: u32 = 0x2112_a442;
/// The TURN attribute that holds somebody else's datagram (RFC 8656 section 18).
const STUN_DATA: u16 = 0x0013;

/// What a datagram holds, in the eyes of DTLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wrapped<'a> {
    /// DTLS records.
    Records(&'a [u8]),
    /// A STUN message: records may follow it in its flow.
    Stun,
    /// Something else.
    Nothing,
}

/// Finds DTLS records, in the open or in a TURN message (RFC 8656 sections 11 and 12).
pub(super) fn unwrap(payload: &[u8]) -> Wrapped<'_> {
    match payload {
        [CHANGE_CIPHER_SPEC..=HEARTBEAT, high, low, ..] if is_version(*high, *low) => {
            Wrapped::Records(payload)
        }
        [0x00..=0x3f, _, _, _, a, b, c, d, ..]
            if u32::from_be_bytes([*a, *b, *c, *d]) == STUN_COOKIE =>
        {
            stun_data(payload)
                .filter(|data| starts_handshake(data))
                .map_or(Wrapped::Stun, Wrapped::Records)
        }
        [0x40..=0x4f, _, _, _, data @ ..] if starts_handshake(data) => Wrapped::Records(data),
        _ => Wrapped::Nothing,
    }
}

/// DTLS 1.0 to 1.3, and the version that OpenSSL used before the standard.
const fn is_version(high: u8, low: u8) -> bool {
    matches!((high, low), (0xfe, 0xfc..=0xff) | (0x01, 0x00))
}

const fn starts_handshake(data: &[u8]) -> bool {
    matches!(data, [HANDSHAKE, high, low, 0, 0, ..] if is_version(*high, *low))
}

fn stun_data(message: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(message);
    reader.take(20)?;
    loop {
        let kind = reader.u16()?;
        let len = usize::from(reader.u16()?);
        let value = reader.take(len)?;
        if kind == STUN_DATA {
            return Some(value);
        }
        reader.take(len.wrapping_neg() & 0b11)?;
    }
}

/// What some records said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// The handshake goes on in the clear; a hello may come (again).
    Opening,
    /// What follows is protected.
    Protected,
}

/// The most incomplete hellos of one flow that are held: the one before a cookie and the one
/// behind it may be on their way together.
const MAX_PARTIAL: usize = 2;

/// Hellos of which some fragments are missing, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    partial: Vec<Partial>,
}

#[derive(Debug)]
struct Partial {
    direction: Direction,
    message: u16,
    length: usize,
    received: Assembly,
}

impl Fragments {
    pub(super) fn memory(&self) -> usize {
        let of_each = self.partial.iter().map(|partial| partial.received.memory());
        let places = self.partial.capacity().saturating_mul(size_of::<Partial>());
        of_each.fold(
            size_of::<Self>().saturating_add(places),
            usize::saturating_add,
        )
    }

    /// Nothing more will come: gives the hellos whose names are there.
    pub(super) fn finish(&self, sink: &mut impl MessageSink) {
        for partial in &self.partial {
            partial.finish(sink);
        }
    }

    /// The hello that `fragment` belongs to.
    fn partial(
        &mut self,
        fragment: &Fragment<'_>,
        direction: Direction,
        sink: &mut impl MessageSink,
    ) -> Option<&mut Partial> {
        let same = |partial: &Partial| {
            partial.message == fragment.message
                && partial.length == fragment.length
                && partial.direction == direction
        };
        if !self.partial.iter().any(same) {
            if self.partial.len() >= MAX_PARTIAL {
                self.partial.remove(0).finish(sink);
            }
            self.partial.push(Partial {
                direction,
                message: fragment.message,
                length: fragment.length,
                received: Assembly::new(),
            });
        }
        self.partial.iter_mut().find(|partial| same(partial))
    }
}

impl Partial {
    fn finish(&self, sink: &mut impl MessageSink) {
        let body = self.received.prefix(self.length);
        match ClientHello::prefix_body(&body, Carrier::Datagram) {
            Some(hello) => sink.message(self.direction, Message::Dtls(&hello)),
            None => sink.rejected(Reject::Tls(TlsError::Incomplete)),
        }
    }
}

/// One fragment of a handshake message (RFC 6347 section 4.2.2).
struct Fragment<'a> {
    message_type: u8,
    length: usize,
    message: u16,
    offset: usize,
    data: &'a [u8],
}

/// Reads records; hellos that are complete with them go to `sink`, others to `held`. A hello
/// whose number is `last` was given before.
pub(super) fn read_records(
    bytes: &[u8],
    direction: Direction,
    held: &mut Option<Box<Fragments>>,
    last: &mut u32,
    sink: &mut impl MessageSink,
) -> Heard {
    let mut reader = Reader::new(bytes);
    let mut heard = Heard::Opening;
    while let Some((content, epoch, body)) = take_record(&mut reader) {
        match content {
            HANDSHAKE if epoch == 0 => {
                let mut body = Reader::new(body);
                while let Some(fragment) = take_fragment(&mut body) {
                    if fragment.message_type == CLIENT_HELLO {
                        take_hello(&fragment, direction, held, last, sink);
                    }
                }
            }
            ALERT if epoch == 0 => {}
            CHANGE_CIPHER_SPEC | APPLICATION_DATA => heard = Heard::Protected,
            _ if epoch > 0 => heard = Heard::Protected,
            _ => break,
        }
    }
    heard
}

fn take_record<'a>(reader: &mut Reader<'a>) -> Option<(u8, u16, &'a [u8])> {
    let content = reader.u8()?;
    let [high, low] = reader.take_array()?;
    let epoch = reader.u16()?;
    reader.take(6)?;
    let len = usize::from(reader.u16()?);
    let body = reader.take(len.min(reader.left()))?;
    is_version(high, low).then_some((content, epoch, body))
}

fn take_fragment<'a>(reader: &mut Reader<'a>) -> Option<Fragment<'a>> {
    let message_type = reader.u8()?;
    let length = usize::try_from(reader.u24()?).ok()?;
    let message = reader.u16()?;
    let offset = usize::try_from(reader.u24()?).ok()?;
    let announced = usize::try_from(reader.u24()?).ok()?;
    let data = reader.take(announced.min(reader.left()))?;
    let fits = offset.checked_add(announced)? <= length;
    fits.then_some(Fragment {
        message_type,
        length,
        message,
        offset,
        data,
    })
}

fn take_hello(
    fragment: &Fragment<'_>,
    direction: Direction,
    held: &mut Option<Box<Fragments>>,
    last: &mut u32,
    sink: &mut impl MessageSink,
) {
    if fragment.data.len() == fragment.length {
        give(fragment.data, fragment.message, direction, last, sink);
        return;
    }
    let fragments = held.get_or_insert_default();
    let Some(partial) = fragments.partial(fragment, direction, sink) else {
        return;
    };
    let offset = u64::try_from(fragment.offset).unwrap_or(u64::MAX);
    match partial.received.insert(offset, fragment.data) {
        Ok(()) => {}
        Err(AssemblyError::TooFar | AssemblyError::TooManyPieces) => {
            sink.rejected(Reject::Tls(TlsError::TooLong));
        }
    }
    if partial.received.contiguous() >= partial.length {
        let body = partial.received.prefix(partial.length);
        give(&body, fragment.message, direction, last, sink);
        let done = partial.message;
        fragments.partial.retain(|partial| partial.message != done);
        if fragments.partial.is_empty() {
            *held = None;
        }
    }
}

/// Gives a whole hello unless it is the one that was given last, sent again.
fn give(
    body: &[u8],
    message: u16,
    direction: Direction,
    last: &mut u32,
    sink: &mut impl MessageSink,
) {
    let number = number(body, message, direction);
    if number == *last {
        return;
    }
    match ClientHello::parse_body(body, Carrier::Datagram) {
        Ok(hello) => {
            *last = number;
            sink.message(direction, Message::Dtls(&hello));
        }
        Err(error) => sink.rejected(Reject::Tls(error)),
    }
}

/// A number that stands for a hello: by its place in the handshake, its direction and how it begins.
fn number(body: &[u8], message: u16, direction: Direction) -> u32 {
    let begin = body.get(..TELLING).unwrap_or(body);
    let seed = u32::from(message) | u32::from(direction == Direction::ToOriginator) << 16;
    fnv(seed, begin)
}
