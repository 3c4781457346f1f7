//! How many records a second the spool takes, and gives back.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot run should stop"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use spool::{Config, Sequence, Spool, SyncPolicy};

const RECORDS: usize = 1000;
const CONFIG: Config = Config {
    max_bytes: 64 << 20,
    segment_bytes: 1 << 20,
    sync: SyncPolicy::OnRequest,
};

fn fill(spool: &mut Spool, record: &[u8]) {
    for _ in 0..RECORDS {
        black_box(spool.append(record).expect("room"));
    }
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spool");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let record = [0x5a; 300];
    let dir = tempfile::tempdir().expect("a folder");
    let mut spool = Spool::open(dir.path(), CONFIG).expect("a spool");
    group.bench_function("append 1000 x 300 bytes", |bencher| {
        bencher.iter(|| fill(&mut spool, &record));
    });
    group.bench_function("append 1000 x 300 bytes and sync", |bencher| {
        bencher.iter(|| {
            fill(&mut spool, &record);
            spool.sync().expect("a disk");
        });
    });
    group.bench_function("read and acknowledge 1000 x 300 bytes", |bencher| {
        bencher.iter_batched(
            || {
                let dir = tempfile::tempdir().expect("a folder");
                let mut spool = Spool::open(dir.path(), CONFIG).expect("a spool");
                fill(&mut spool, &record);
                spool.sync().expect("a disk");
                (dir, spool)
            },
            |(dir, mut spool)| {
                let batch = spool
                    .read_batch(Sequence::ZERO, RECORDS, usize::MAX)
                    .expect("readable");
                spool
                    .ack(batch.last().expect("a record").sequence)
                    .expect("a disk");
                (dir, spool)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
