//! The engine alone, frames in memory: the bulk of established flows, and their memory.
//!
//! `cargo bench -p flow`. Frames are cut after their headers, as a snap length would, so that the
//! cost of the engine shows and not that of reading payload.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop and print"
)]
#![expect(dead_code, reason = "a module of helpers for several benchmarks")]

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use support::{Frames, ProcessorTime, Random, engine, resident, tcp};
use wire::Decoder;

/// Frames of one round.
const ROUND: usize = 1 << 20;

/// The first segments of `flows` connections, after which nothing more is to be read in them.
fn openings(flows: u32) -> Frames {
    let mut frames = Frames::new(0, 10_000);
    for client in 0..flows {
        frames.push(&tcp(client, true, 0, 2, 0), 54);
        frames.push(&tcp(client, false, 0, 0x12, 0), 54);
        for out in [true, false] {
            let payload = b"SSH-2.0-nothing that names anybody\r\n\0\0";
            let mut frame = tcp(client, out, 1, 0x18, payload.len());
            frame.extend_from_slice(payload);
            frames.push(&frame, frame.len());
        }
    }
    frames
}

/// Full segments of random connections, three of four towards the client.
fn bulk(flows: u32) -> Frames {
    let mut random = Random(0x5eed);
    let mut frames = Frames::new(0, 100);
    for round in 0..u32::try_from(ROUND).unwrap() {
        let (client, out) = (random.below(flows), random.below(4) == 0);
        let payload = if out { 0 } else { 1_448 };
        let seq = 1_000 + round.wrapping_mul(1_448);
        frames.push(&tcp(client, out, seq, 0x10, payload), 54 + payload);
    }
    frames
}

/// What of the cost is the reading of headers, and what the making of frames.
fn without_engine(criterion: &mut Criterion<ProcessorTime>) {
    let rounds = bulk(30_000);
    let mut group = criterion.benchmark_group("without the engine");
    group.throughput(Throughput::Elements(u64::try_from(ROUND).unwrap()));
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    group.bench_function("frames", |bencher| {
        bencher.iter(|| rounds.play(0, |frames| assert!(!black_box(frames).is_empty())));
    });
    let mut decoder = Decoder::new();
    group.bench_function("frames and headers", |bencher| {
        bencher.iter(|| {
            rounds.play(0, |frames| {
                for frame in frames {
                    black_box(decoder.decode(frame).is_ok());
                }
            });
        });
    });
    group.finish();
}

fn established(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("established bulk");
    group.throughput(Throughput::Elements(u64::try_from(ROUND).unwrap()));
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    for flows in [30_000_u32, 1_000_000] {
        let opening = openings(flows);
        let rounds = bulk(flows);
        let before = resident();
        let mut engine = engine();
        opening.play(0, |frames| engine.handle_frames(frames));
        let per_flow = resident().saturating_sub(before) / u64::from(flows);
        println!("{flows} flows: {per_flow} bytes resident for each");
        let mut second = 60;
        for (name, batched) in [("one by one", false), ("in batches", true)] {
            group.bench_function(BenchmarkId::new(name, flows), |bencher| {
                bencher.iter(|| {
                    second += 1;
                    rounds.play(second, |frames| {
                        if batched {
                            engine.handle_frames(frames);
                        } else {
                            frames.iter().for_each(|frame| engine.handle_frame(frame));
                        }
                    });
                });
            });
        }
        black_box(engine.poll_report());
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = without_engine, established
}
criterion_main!(benches);
