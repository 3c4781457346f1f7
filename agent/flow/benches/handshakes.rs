//! The engine on a capture of handshakes and look-ups, where it is on this machine.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop and print"
)]
#![expect(dead_code, reason = "a module of helpers for several benchmarks")]

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::{Frames, ProcessorTime, engine};

/// The frames of a pcap file (little-endian, microseconds, Ethernet), when it is on this machine.
fn shared_capture() -> Option<Frames> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/bench/hello_s.pcap"
    );
    #[expect(clippy::disallowed_methods, reason = "a benchmark may read files")]
    let bytes = std::fs::read(path).ok()?;
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk::<4>()?));
    let mut frames = Frames::new(0, 2_000);
    let mut at = 24;
    while let (Some(captured), Some(orig_len)) = (word(at + 8), word(at + 12)) {
        let end = at + 16 + usize::try_from(captured).unwrap();
        frames.push(bytes.get(at + 16..end)?, usize::try_from(orig_len).unwrap());
        at = end;
    }
    Some(frames)
}

/// Handshakes and look-ups, everything on, a new engine each time.
fn handshakes(criterion: &mut Criterion<ProcessorTime>) {
    let Some(frames) = shared_capture() else {
        println!("left out: no shared capture of handshakes");
        return;
    };
    let mut group = criterion.benchmark_group("handshakes");
    group.throughput(Throughput::Elements(
        u64::try_from(frames.ends.len()).unwrap(),
    ));
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    group.bench_function("hello_s", |bencher| {
        bencher.iter(|| {
            let mut engine = engine();
            frames.play(0, |frames| engine.handle_frames(frames));
            engine.finish();
            black_box(engine.take_coverage());
        });
    });
    let mut engine = engine();
    frames.play(0, |frames| engine.handle_frames(frames));
    engine.finish();
    let counters = engine.counters();
    let told: Vec<_> = counters.iter().filter(|(_, count)| *count > 0).collect();
    println!("hello_s: {told:?}");
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = handshakes
}
criterion_main!(benches);
