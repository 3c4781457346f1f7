//! From a QUIC Initial packet to the name in it, and what packets cost that give none.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should stop"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wire::dissect::datagram::{Answered, First};
use wire::{Datagram, DatagramDissector, Direction, Message, Timestamp};

#[path = "../src/dissect/quic/tests/sealer.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod sealer;

use sealer::{Ids, Sealer, V1, V2, crypto};

const DCID: [u8; 8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];

/// The handshake message of RFC 9001 appendix A.2, with `padding` more bytes in an extension that
/// nobody reads.
fn hello(padding: u16) -> Vec<u8> {
    let mut extensions = vec![0, 0, 0, 16, 0, 14, 0, 0, 11];
    extensions.extend(b"example.com");
    extensions.extend([0, 16, 0, 5, 0, 3, 2, b'h', b'3']);
    extensions.extend([0, 43, 0, 3, 2, 3, 4]);
    extensions.extend([0, 21]);
    extensions.extend(padding.to_be_bytes());
    extensions.extend(vec![0; usize::from(padding)]);
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0x13, 1, 0x13, 2, 1, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[1], &length[1..], &body].concat()
}

fn datagram(payload: &[u8]) -> Datagram<'_> {
    let payload_len = u32::try_from(payload.len()).unwrap();
    Datagram {
        src_port: 50_000,
        dst_port: 443,
        payload,
        payload_len,
    }
}

/// Reads datagrams of one flow as a flow table does; gives how many names there were.
fn names(payloads: &[Vec<u8>]) -> usize {
    let mut found = 0;
    let mut sink = |_: Direction, message: Message<'_>| {
        if let Message::Quic(quic) = message {
            found += usize::from(quic.hello().server_name().is_some());
        }
    };
    let mut state = First::Answered(Answered::default());
    for payload in payloads {
        let (to, ts) = (Direction::ToResponder, Timestamp::default());
        state = match state {
            First::Done => First::Done,
            First::Answered(known) => known.datagram(to, &datagram(payload), ts, &mut sink),
            First::Need(mut dissector) => {
                dissector.datagram(to, &datagram(payload), ts, &mut sink);
                dissector.settle()
            }
        };
    }
    drop(state);
    found
}

fn bench(criterion: &mut Criterion) {
    let ids = Ids {
        dcid: &DCID,
        scid: &[],
        token: &[],
    };
    let small = hello(100);
    let large = hello(1500);
    let one = |sealer: &Sealer| vec![sealer.seal(&ids, 0, &crypto(0, &small), 1200)];
    let v1 = Sealer::client(&V1, &DCID);
    let shuffled: Vec<u8> = (0..12)
        .rev()
        .flat_map(|piece| {
            let step = small.len().div_ceil(12);
            let start = (piece * step).min(small.len());
            crypto(start, &small[start..(start + step).min(small.len())])
        })
        .collect();
    let (head, tail) = large.split_at(1000);
    let flows = [
        ("one datagram", one(&v1)),
        ("one datagram, version 2", one(&Sealer::client(&V2, &DCID))),
        (
            "one datagram, twelve shuffled pieces",
            vec![v1.seal(&ids, 0, &shuffled, 1200)],
        ),
        (
            "two datagrams, the second first",
            vec![
                v1.seal(&ids, 1, &crypto(1000, tail), 1200),
                v1.seal(&ids, 0, &crypto(0, head), 1200),
            ],
        ),
    ];
    let mut group = criterion.benchmark_group("quic");
    group.throughput(Throughput::Elements(1));
    for (label, payloads) in &flows {
        assert_eq!(names(payloads), 1);
        group.bench_function(format!("initial to name, {label}"), |bencher| {
            bencher.iter(|| names(black_box(payloads)));
        });
    }
    let mut wrong = one(&v1);
    wrong[0][6] ^= 1;
    assert_eq!(names(&wrong), 0);
    group.bench_function("initial that does not open", |bencher| {
        bencher.iter(|| names(black_box(&wrong)));
    });
    let established = datagram(&[0x42; 1200]);
    group.bench_function("payload of an established flow", |bencher| {
        let answered = Answered::default();
        bencher.iter(|| black_box(&answered).wants(black_box(established.payload)));
    });
    group.bench_function("datagram of no protocol", |bencher| {
        let mut sink = |_: Direction, _: Message<'_>| ();
        bencher.iter(|| {
            let (to, ts) = (Direction::ToResponder, Timestamp::default());
            DatagramDissector::first(to, black_box(&established), ts, &mut sink)
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
