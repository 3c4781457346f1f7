//! From a datagram to a DNS message and the names in it.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run should stop"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wire::dissect::dns::{Ports, parse_datagram};

const PORTS: Ports = Ports {
    src: 53,
    dst: 40_000,
};
const ELSEWHERE: Ports = Ports {
    src: 5300,
    dst: 40_000,
};

fn query() -> Vec<u8> {
    let mut bytes = vec![0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    for label in ["api", "openai", "com"] {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.extend([0, 0, 1, 0, 1]);
    bytes.extend([0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// An alias and four addresses, each record's owner a pointer.
fn answer() -> Vec<u8> {
    let mut bytes = query();
    bytes[2..4].copy_from_slice(&[0x81, 0x80]);
    bytes[6..12].copy_from_slice(&[0, 5, 0, 0, 0, 0]);
    bytes.truncate(bytes.len() - 11);
    bytes.extend([
        0xc0, 12, 0, 5, 0, 1, 0, 0, 1, 44, 0, 7, 4, b'e', b'd', b'g', b'e', 0xc0, 16,
    ]);
    let alias = u8::try_from(bytes.len() - 7).unwrap();
    for last in 1..=4 {
        bytes.extend([0xc0, alias, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, last]);
    }
    bytes
}

fn bench(criterion: &mut Criterion) {
    let (query, answer) = (query(), answer());
    assert_eq!(
        parse_datagram(&answer, false, PORTS)
            .unwrap()
            .answers()
            .count(),
        5
    );
    let mut group = criterion.benchmark_group("dns");
    group.throughput(Throughput::Elements(1));
    for (label, ports) in [("port 53", PORTS), ("another port", ELSEWHERE)] {
        group.bench_function(format!("query to name, {label}"), |bencher| {
            bencher.iter(|| {
                let message = parse_datagram(black_box(&query), false, ports).unwrap();
                message
                    .question()
                    .map(|question| question.name.as_bytes().len())
            });
        });
    }
    group.bench_function("answer to five records", |bencher| {
        bencher.iter(|| {
            let message = parse_datagram(black_box(&answer), false, PORTS).unwrap();
            message
                .answers()
                .map(|record| record.name.as_bytes().len())
                .sum::<usize>()
        });
    });
    let other = [0x5a; 200];
    group.bench_function("datagram of no protocol", |bencher| {
        bencher.iter(|| parse_datagram(black_box(&other), false, ELSEWHERE).is_ok());
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
