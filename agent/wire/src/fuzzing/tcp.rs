//! What TCP carries: ClientHellos, request heads, and whole connections.

use std::time::Duration;

use crate::decode::{Segment, TcpFlags};
use crate::dissect::http::RequestHead;
use crate::dissect::stream::{First, Heads, StreamDissector};
use crate::dissect::tls::{Carrier, ClientHello, SslV2Hello};
use crate::dissect::{Counters, Direction, Message, MessageSink, Progress, Reject, StreamState};
use crate::frame::Timestamp;
use crate::reader::Reader;

/// No connection holds more than this, whatever it carries: both directions, their bytes in order and ahead, and
/// what the allocator rounds up.
const MAX_MEMORY: usize = 512 * 1024;

/// A handshake message, whole and cut.
///
/// # Panics
/// When a cut hello says something else than the whole one.
pub fn client_hello(data: &[u8]) {
    let (first, message) = data.split_first().unwrap_or((&0, &[]));
    let carrier = match first % 3 {
        0 => Carrier::Tcp,
        1 => Carrier::Quic,
        _ => Carrier::Datagram,
    };
    let whole = ClientHello::parse(message, carrier);
    if let Progress::Done(hello) = &whole {
        assert!(hello.is_complete(), "a parsed hello is whole");
        touch(hello);
    }
    if let Some(cut) = ClientHello::prefix(message, carrier) {
        assert!(
            !cut.is_complete() && cut.ja4().is_none(),
            "a cut hello has no fingerprint"
        );
        if let Progress::Done(hello) = &whole {
            assert_eq!(
                hello.server_name(),
                cut.server_name(),
                "the same bytes name the same server"
            );
        }
    }
    if let Progress::Done(hello) = &whole {
        for cut in cuts(message, ClientHello::message_length(message)) {
            assert!(
                matches!(ClientHello::parse(cut, carrier), Progress::NeedMore),
                "the begin of a hello needs more"
            );
            let named = ClientHello::prefix(cut, carrier);
            assert!(
                named.is_none_or(|named| named.server_name() == hello.server_name()),
                "a cut hello gives no other name"
            );
        }
    }
    if let Progress::Done(hello) = SslV2Hello::parse(message) {
        assert!(
            hello.wire_length() <= message.len(),
            "a view lies inside its bytes"
        );
    }
}

/// Begins of the `length` bytes that `bytes` start with: about sixteen, the shortest and the longest among them.
fn cuts(bytes: &[u8], length: Option<usize>) -> impl Iterator<Item = &[u8]> {
    let last = length.unwrap_or_default().saturating_sub(1);
    (0..last)
        .step_by((last / 15).max(1))
        .chain([last])
        .filter_map(|length| bytes.get(..length))
}

fn touch(hello: &ClientHello<'_>) {
    let ja4 = hello.ja4().map(|ja4| ja4.as_str().len());
    assert_eq!(ja4, Some(36), "a whole hello has a fingerprint");
    assert!(hello.ja3().is_some(), "a whole hello has a fingerprint");
    let lists = hello
        .alpn()
        .count()
        .saturating_add(hello.extensions().count());
    assert!(
        lists <= usize::from(u16::MAX),
        "lists are bounded by the message"
    );
}

/// The head of a request, whole and cut.
///
/// # Panics
/// When the head reaches past its bytes, or a cut one says something else than the whole one.
pub fn http_head(data: &[u8]) {
    if let Progress::Done((head, length)) = RequestHead::parse(data) {
        assert!(length <= data.len(), "a head lies inside its bytes");
        assert!(
            !head.method().is_empty() && !head.target().is_empty(),
            "a request asks for something"
        );
        let fields = head.headers().count();
        assert!(fields <= length, "a field has at least one byte");
        let _ = (head.path(), head.header("user-agent"));
        for cut in cuts(data, Some(length)) {
            assert!(
                matches!(RequestHead::parse(cut), Progress::NeedMore),
                "the begin of a head needs more"
            );
            let named = RequestHead::prefix(cut);
            assert!(
                named.is_none_or(|named| named.name() == head.name()),
                "a cut head gives no other name"
            );
        }
    }
    if let Some(head) = RequestHead::prefix(data) {
        assert!(
            head.name().is_some() && !head.is_complete(),
            "a cut head is given for its name"
        );
    }
}

/// Counts messages and rejects, and looks at everything a message offers.
#[derive(Default)]
struct Sink {
    messages: usize,
    counters: Counters,
}

impl MessageSink for Sink {
    fn message(&mut self, _: Direction, message: Message<'_>) {
        self.messages = self.messages.saturating_add(1);
        match message {
            Message::Tls(hello) if hello.is_complete() => touch(hello),
            Message::Tls(hello) => assert!(hello.server_name().is_some(), "a cut hello has a name"),
            Message::Http(head) => {
                assert!(
                    head.is_complete() || head.name().is_some(),
                    "a cut head has a name"
                );
            }
            Message::Http2(request) => {
                assert!(!request.method().is_empty(), "it asks for something")
            }
            Message::Dns(message) => {
                let _ = (message.questions().count(), message.records().count());
            }
            Message::Quic(_) | Message::Dtls(_) | Message::SslV2(_) | Message::Gquic(_) => {}
        }
    }

    fn rejected(&mut self, reject: Reject) {
        self.counters.count(reject);
    }
}

/// A connection: each segment is a byte of flags, a sequence number, bytes that were not captured, a length, and
/// its payload.
///
/// # Panics
/// When a connection holds more than its cap, or a finished one anything at all.
pub fn stream(data: &[u8]) {
    let mut reader = Reader::new(data);
    let flags = reader.u8().unwrap_or_default();
    let heads = Heads {
        to_responder: (flags & 1 != 0).then_some(u32::MAX),
        to_originator: (flags & 2 != 0).then_some(0),
    };
    let port = if flags & 4 != 0 { 53 } else { 443 };
    let mut sink = Sink::default();
    let mut state = None;
    let mut now = Timestamp::from_nanos(0);
    while let Some((direction, segment)) = next_segment(&mut reader, port) {
        now = now.saturating_add(Duration::from_millis(u64::from(segment.ack % 1024)));
        state = match state.take() {
            None => Some(StreamDissector::first(
                direction, &segment, heads, now, &mut sink,
            )),
            Some(First::Answered(answered)) => {
                Some(answered.segment(direction, &segment, heads, now, &mut sink))
            }
            Some(First::Need(mut held)) => {
                let state = held.segment(direction, &segment, now, &mut sink);
                assert!(
                    held.memory() <= MAX_MEMORY,
                    "a connection holds {} bytes",
                    held.memory()
                );
                assert!(
                    state == StreamState::Wanting || held.memory() == 0,
                    "what is done holds nothing"
                );
                Some(if state == StreamState::Done {
                    First::Done
                } else {
                    First::Need(held)
                })
            }
            Some(First::Done) => return,
        };
    }
    if let Some(First::Need(mut held)) = state {
        held.finish(&mut sink);
        assert_eq!(held.memory(), 0, "what is finished holds nothing");
    }
    assert!(
        sink.messages <= data.len(),
        "a message has at least one byte"
    );
}

fn next_segment<'a>(reader: &mut Reader<'a>, port: u16) -> Option<(Direction, Segment<'a>)> {
    let flags = reader.u8()?;
    let direction = if flags & 1 == 0 {
        Direction::ToResponder
    } else {
        Direction::ToOriginator
    };
    let seq = if flags & 2 == 0 {
        u32::from(reader.u16()?)
    } else {
        reader.u32()?
    };
    let ack = if flags & 4 == 0 { 0 } else { reader.u32()? };
    let missing = if flags & 8 == 0 {
        0
    } else {
        u32::from(reader.u16()?)
    };
    let length = usize::from(if flags & 16 == 0 {
        u16::from(reader.u8()?)
    } else {
        reader.u16()?
    });
    let payload = reader.take(length.min(reader.left()))?;
    let (src_port, dst_port) = if direction == Direction::ToResponder {
        (50_000, port)
    } else {
        (port, 50_000)
    };
    let captured = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let control = (flags >> 4) & (TcpFlags::SYN | TcpFlags::FIN);
    let acknowledges = if flags & 4 == 0 { 0 } else { TcpFlags::ACK };
    Some((
        direction,
        Segment {
            src_port,
            dst_port,
            seq,
            ack,
            flags: TcpFlags(control | acknowledges),
            payload,
            payload_len: captured.saturating_add(missing),
        },
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::Hello;

    proptest! {
        #[test]
        fn bodies_take_any_bytes(data in prop::collection::vec(any::<u8>(), 0..2000)) {
            client_hello(&data);
            http_head(&data);
            stream(&data);
        }

        #[test]
        fn bodies_take_changed_hellos(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)) {
            let mut message = vec![0];
            message.extend(Hello::browser("a.example").message());
            let mut wire = vec![3, 16, 0, 0];
            let records = Hello::browser("a.example").records(200);
            wire.extend(crate::testing::long(&records));
            for (at, byte) in flips {
                let place = at.index(message.len());
                message[place] = byte;
                let place = at.index(wire.len());
                wire[place] = byte;
            }
            client_hello(&message);
            stream(&wire);
        }
    }
}
