//! From the bytes of a ClientHello to its name and fingerprints, alone and through a connection.
//!
//! The goal is at most 0.6 microseconds to name and JA4.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wire::dissect::stream::{First, Heads, StreamDissector};
use wire::dissect::tls::{Carrier, ClientHello};
use wire::dissect::{MAX_HOST_NAME, Progress};
use wire::{Direction, Message, Segment, TcpFlags, Timestamp};

#[path = "../src/testing.rs"]
mod testing;

use testing::Hello;

const NAME: &str = "chatgpt.com";

fn parsed(message: &[u8]) -> Option<ClientHello<'_>> {
    match ClientHello::parse(message, Carrier::Tcp) {
        Progress::Done(hello) => Some(hello),
        Progress::NeedMore | Progress::Reject(_) => None,
    }
}

fn messages(criterion: &mut Criterion) {
    for (label, hello) in [
        ("browser", Hello::browser(NAME)),
        ("plain", Hello::plain(NAME)),
    ] {
        let message = hello.message();
        let mut group = criterion.benchmark_group(format!("client_hello/{label}"));
        group.throughput(Throughput::Elements(1));
        group.bench_function("name", |bencher| {
            bencher.iter(|| {
                let hello = parsed(black_box(&message))?;
                let mut buffer = [0; MAX_HOST_NAME];
                hello
                    .server_name()?
                    .write_lower(&mut buffer)
                    .map(<[u8]>::len)
            });
        });
        group.bench_function("name_and_ja4", |bencher| {
            bencher.iter(|| {
                let hello = parsed(black_box(&message))?;
                Some((hello.server_name()?.as_bytes().len(), hello.ja4()?))
            });
        });
        group.bench_function("name_ja3_and_ja4", |bencher| {
            bencher.iter(|| {
                let hello = parsed(black_box(&message))?;
                Some((
                    hello.server_name()?.as_bytes().len(),
                    hello.ja3()?,
                    hello.ja4()?,
                ))
            });
        });
        group.finish();
    }
}

fn segment(seq: u32, payload: &[u8]) -> Segment<'_> {
    Segment {
        src_port: 50_000,
        dst_port: 443,
        seq,
        ack: 0,
        flags: TcpFlags(TcpFlags::ACK),
        payload,
        payload_len: u32::try_from(payload.len()).unwrap_or_default(),
    }
}

/// Gives the segments of one direction to a new connection; counts the messages.
fn connection(segments: &[Segment<'_>]) -> u64 {
    let mut messages = 0_u64;
    let mut sink = |_: Direction, message: Message<'_>| {
        black_box(&message);
        messages += 1;
    };
    let heads = Heads {
        to_responder: Some(1000),
        to_originator: None,
    };
    let now = Timestamp::from_nanos(0);
    let mut state = None;
    for segment in segments {
        let direction = Direction::ToResponder;
        state = Some(match state.take() {
            None => StreamDissector::first(direction, segment, heads, now, &mut sink),
            Some(First::Answered(answered)) => {
                answered.segment(direction, segment, heads, now, &mut sink)
            }
            Some(First::Need(mut held)) => {
                held.segment(direction, segment, now, &mut sink);
                First::Need(held)
            }
            Some(First::Done) => First::Done,
        });
    }
    black_box(&state);
    messages
}

fn connections(criterion: &mut Criterion) {
    let browser = Hello::browser(NAME);
    let (whole, spread) = (browser.records(1 << 14), browser.records(500));
    let small = Hello::plain(NAME).records(1 << 14);
    let (head, tail) = whole.split_at(1400);
    let foreign = [0xe3; 1400];
    let request =
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:11434\r\nContent-Length: 0\r\n\r\n";
    let mut group = criterion.benchmark_group("connection");
    group.throughput(Throughput::Elements(1));
    for (label, segments) in [
        ("hello_in_one_segment", vec![segment(1000, &small)]),
        (
            "hello_in_two_segments",
            vec![segment(1000, head), segment(2400, tail)],
        ),
        (
            "hello_in_swapped_segments",
            vec![segment(2400, tail), segment(1000, head)],
        ),
        ("hello_over_records", vec![segment(1000, &spread)]),
        ("foreign", vec![segment(1000, &foreign)]),
        ("request", vec![segment(1000, request)]),
    ] {
        group.bench_function(label, |bencher| {
            bencher.iter(|| connection(black_box(&segments)))
        });
    }
    group.finish();
}

criterion_group!(benches, messages, connections);
criterion_main!(benches);
