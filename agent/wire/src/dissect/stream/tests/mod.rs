//! Connections in all the ways a capture can show them.

mod conversations;
mod dns;
mod gaps;
mod http;
mod properties;
mod tls;

use crate::decode::{Segment, TcpFlags};
use crate::dissect::stream::{First, Heads, StreamDissector};
use crate::dissect::{Counters, Direction, Message, MessageSink, Reject, StreamState};
use crate::frame::Timestamp;

/// Sequence numbers that wrap inside every test.
const CLIENT: u32 = u32::MAX - 300;
const SERVER: u32 = 77_000;

/// Messages as text, and what was refused.
#[derive(Default)]
struct Seen {
    messages: Vec<String>,
    counters: Counters,
}

impl MessageSink for Seen {
    fn message(&mut self, _: Direction, message: Message<'_>) {
        self.messages.push(describe(&message));
    }

    fn rejected(&mut self, reject: Reject) {
        self.counters.count(reject);
    }
}

impl Seen {
    fn count(&self, counter: &str) -> u64 {
        self.counters
            .iter()
            .find(|(name, _)| *name == counter)
            .map_or(0, |(_, count)| count)
    }
}

fn describe(message: &Message<'_>) -> String {
    let name =
        |name: Option<crate::dissect::Name<'_>>| name.map_or("-".to_owned(), |n| n.to_string());
    let cut = |complete: bool| if complete { "" } else { " cut" };
    match message {
        Message::Tls(hello) => {
            format!(
                "tls {}{}",
                name(hello.server_name()),
                cut(hello.is_complete())
            )
        }
        Message::SslV2(hello) => format!("sslv2 {:04x}", hello.version()),
        Message::Http(head) => {
            let method = String::from_utf8_lossy(head.method());
            format!(
                "http {method} {}{}",
                name(head.name()),
                cut(head.is_complete())
            )
        }
        Message::Http2(request) => {
            let method = String::from_utf8_lossy(request.method());
            format!("http2 {method} {}", name(request.name()))
        }
        Message::Dns(dns) => {
            let question = dns
                .question()
                .map_or(String::new(), |question| question.name.to_string());
            format!(
                "dns {} {question}",
                if dns.is_response() { "answer" } else { "query" }
            )
        }
        Message::Quic(_) | Message::Dtls(_) | Message::Gquic(_) => "not over TCP".to_owned(),
    }
}

/// A connection between two sides, as a flow table would drive it.
struct Connection {
    heads: Heads,
    state: State,
    seen: Seen,
    now: Timestamp,
    ports: (u16, u16),
}

enum State {
    Fresh,
    Answered(super::Answered),
    Held(Box<StreamDissector>),
    Done,
}

impl Connection {
    /// One whose SYNs were captured.
    fn new() -> Self {
        let heads = Heads {
            to_responder: Some(CLIENT),
            to_originator: Some(SERVER),
        };
        Self {
            heads,
            ..Self::mid_stream()
        }
    }

    /// One that the capture met later.
    fn mid_stream() -> Self {
        Self {
            heads: Heads::default(),
            state: State::Fresh,
            seen: Seen::default(),
            now: Timestamp::from_nanos(0),
            ports: (50_000, 4_433),
        }
    }

    fn segment(&mut self, direction: Direction, segment: &Segment<'_>) {
        let (heads, now) = (self.heads, self.now);
        let sink = &mut self.seen;
        let first = match std::mem::replace(&mut self.state, State::Done) {
            State::Fresh => StreamDissector::first(direction, segment, heads, now, sink),
            State::Answered(answered) => answered.segment(direction, segment, heads, now, sink),
            State::Held(mut held) => match held.segment(direction, segment, now, sink) {
                StreamState::Wanting => {
                    self.state = State::Held(held);
                    return;
                }
                StreamState::Done => First::Done,
            },
            State::Done => First::Done,
        };
        self.state = match first {
            First::Done => State::Done,
            First::Answered(answered) => State::Answered(answered),
            First::Need(dissector) => State::Held(Box::new(dissector)),
        };
    }

    /// The client sends `payload`, whose first byte lies `at` bytes into its stream.
    fn client(&mut self, at: usize, payload: &[u8]) {
        self.client_cut(at, payload, payload.len());
    }

    /// As `client`, of a frame that held only part of so many bytes.
    fn client_cut(&mut self, at: usize, payload: &[u8], wire_length: usize) {
        let (src, dst) = self.ports;
        let seq = CLIENT.wrapping_add(u32::try_from(at).expect("short"));
        self.segment(
            Direction::ToResponder,
            &segment((src, dst), seq, payload, wire_length),
        );
    }

    fn server(&mut self, at: usize, payload: &[u8]) {
        let (src, dst) = self.ports;
        let seq = SERVER.wrapping_add(u32::try_from(at).expect("short"));
        self.segment(
            Direction::ToOriginator,
            &segment((dst, src), seq, payload, payload.len()),
        );
    }

    fn finish(&mut self) -> &[String] {
        if let State::Held(held) = &mut self.state {
            held.finish(&mut self.seen);
        }
        self.state = State::Done;
        &self.seen.messages
    }

    fn messages(&self) -> &[String] {
        &self.seen.messages
    }

    fn memory(&self) -> usize {
        match &self.state {
            State::Held(held) => held.memory(),
            State::Fresh | State::Answered(_) | State::Done => 0,
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    fn holds_nothing(&self) -> bool {
        !matches!(self.state, State::Held(_))
    }
}

fn segment((src, dst): (u16, u16), seq: u32, payload: &[u8], wire_length: usize) -> Segment<'_> {
    Segment {
        src_port: src,
        dst_port: dst,
        seq,
        ack: 0,
        flags: TcpFlags(0),
        payload,
        payload_len: u32::try_from(wire_length).expect("short"),
    }
}
