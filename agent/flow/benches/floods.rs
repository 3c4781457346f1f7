//! The engine under floods: connections that are only opened, and QUIC Initials that say nothing,
//! each frame a flow of its own and the engine new each time.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop and print"
)]

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::{Frames, ProcessorTime, Random, engine, resident, tcp, udp};

fn floods(criterion: &mut Criterion<ProcessorTime>) {
    let mut random = Random(0xf100d);
    let mut opening = Frames::new(0, 1_000);
    let mut initials = Frames::new(0, 1_000);
    for _ in 0..200_000 {
        opening.push(
            &tcp(random.below(1 << 24), true, random.below(1 << 30), 2, 0),
            54,
        );
    }
    for _ in 0..50_000 {
        let mut payload = vec![0xc3, 0, 0, 0, 1, 8];
        payload.extend_from_slice(&random.next().to_be_bytes());
        payload.extend_from_slice(&[0, 0, 0x44, 0x96]);
        payload.resize(1_200, 0x5a);
        initials.push(&udp(random.below(1 << 24), &payload), 1_242);
    }
    let mut group = criterion.benchmark_group("floods");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    for (name, frames) in [("opening segments", &opening), ("QUIC Initials", &initials)] {
        group.throughput(Throughput::Elements(
            u64::try_from(frames.ends.len()).unwrap(),
        ));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut engine = engine();
                frames.play(0, |frames| engine.handle_frames(frames));
                black_box(engine.take_coverage());
            });
        });
        let mut engine = engine();
        frames.play(0, |frames| engine.handle_frames(frames));
        let shed = engine.counters().count_of("quic_openings_shed");
        println!(
            "{name}: {shed} openings shed, {} MiB resident",
            resident() >> 20
        );
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = floods
}
criterion_main!(benches);
