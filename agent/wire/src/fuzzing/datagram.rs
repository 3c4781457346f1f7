//! Whole UDP flows.

use crate::decode::Datagram;
use crate::dissect::datagram::{Answered, First};
use crate::dissect::{Counters, Direction, Message, MessageSink, Reject};
use crate::frame::Timestamp;

/// No flow holds more than this: one hello of QUIC and two of DTLS.
const MAX_MEMORY: usize = 512 * 1024;

/// A flow: the first byte chooses the ports; then datagrams, each behind a byte that says its direction and
/// whether it was cut, and two for its length.
///
/// # Panics
/// When more is held than the cap allows, or a message that is marked incomplete has no name.
pub fn datagram(data: &[u8]) {
    let (choice, mut bytes) = data.split_first().unwrap_or((&0, &[]));
    let server = match choice & 3 {
        0 => 53,
        1 => 5353,
        2 => 443,
        _ => 3478,
    };
    let mut sink = Sink::default();
    let mut state = First::Answered(Answered::default());
    while let Some(([head, high, low], rest)) = bytes.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (payload, rest) = rest.split_at(length);
        bytes = rest;
        let (to, src_port, dst_port) = if head & 1 == 0 {
            (Direction::ToResponder, 40_000, server)
        } else {
            (Direction::ToOriginator, server, 40_000)
        };
        let wire = if head & 2 == 0 {
            length
        } else {
            length.saturating_add(100)
        };
        let payload_len = u32::try_from(wire).unwrap_or(u32::MAX);
        let datagram = Datagram {
            src_port,
            dst_port,
            payload,
            payload_len,
        };
        let ts = Timestamp::default();
        state = match state {
            First::Done => return,
            First::Answered(answered) => answered.datagram(to, &datagram, ts, &mut sink),
            First::Need(mut dissector) => {
                dissector.datagram(to, &datagram, ts, &mut sink);
                assert!(dissector.memory() <= MAX_MEMORY, "the cap on what is held");
                dissector.settle()
            }
        };
    }
    if let First::Need(mut dissector) = state {
        dissector.finish(&mut sink);
    }
}

/// Looks at every message, and counts the rejects.
#[derive(Default)]
pub(super) struct Sink {
    counters: Counters,
}

impl MessageSink for Sink {
    fn message(&mut self, _: Direction, message: Message<'_>) {
        let hello = match message {
            Message::Quic(quic) => quic.hello(),
            Message::Dtls(hello) => hello,
            Message::Gquic(hello) => {
                assert!(hello.to_string().starts_with('Q'), "a version has a name");
                return;
            }
            Message::Tls(_)
            | Message::SslV2(_)
            | Message::Dns(_)
            | Message::Http(_)
            | Message::Http2(_) => return,
        };
        assert!(
            hello.is_complete() || hello.server_name().is_some(),
            "an incomplete hello is given for its name"
        );
        assert_eq!(
            hello.ja4().is_some(),
            hello.is_complete(),
            "only a whole hello has one"
        );
    }

    fn rejected(&mut self, reject: Reject) {
        self.counters.count(reject);
    }
}
