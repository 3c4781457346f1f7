//! The engine alone, frames in memory: bulk of established flows, floods, and memory.
//!
//! `cargo bench -p flow`. Frames are cut after their headers, as a snap length would, so that the
//! cost of the engine shows and not that of reading payload.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop and print"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flow::{Engine, EngineConfig};
use wire::{Decoder, Frame, LinkType, Timestamp};

const SECOND: i64 = 1_000_000_000;
const BATCH: usize = 64;
/// Frames of one round.
const ROUND: usize = 1 << 20;

/// Many frames in one piece of memory, as a ring or a file buffer would hold them.
struct Frames {
    bytes: Vec<u8>,
    ends: Vec<(usize, u32)>,
    start: i64,
    step: i64,
}

impl Frames {
    fn new(start: i64, step: i64) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            start,
            step,
        }
    }

    fn push(&mut self, frame: &[u8], orig_len: usize) {
        self.bytes.extend_from_slice(frame);
        self.ends
            .push((self.bytes.len(), u32::try_from(orig_len).unwrap()));
    }

    /// Gives all frames to `handle`, a batch at a time, as if they came at `at` seconds.
    fn play(&self, at: i64, mut handle: impl FnMut(&[Frame<'_>])) {
        let mut begin = 0;
        let mut number = 0_u64;
        let mut batch = Vec::with_capacity(BATCH);
        let mut ts = self.start + at * SECOND;
        for ends in self.ends.chunks(BATCH) {
            batch.clear();
            for (end, orig_len) in ends {
                number += 1;
                ts += self.step;
                batch.push(Frame {
                    ts: Timestamp::from_nanos(ts),
                    number,
                    link_type: LinkType::ETHERNET,
                    orig_len: *orig_len,
                    vlan: None,
                    data: &self.bytes[begin..*end],
                });
                begin = *end;
            }
            handle(&batch);
        }
    }
}

/// Time on the processor: on a shared machine the time on the wall says little.
struct ProcessorTime;

impl ProcessorTime {
    fn now() -> Duration {
        #[expect(
            clippy::disallowed_methods,
            reason = "a benchmark may ask for its time"
        )]
        let words = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Duration::from_nanos(words.split(' ').next().unwrap().parse().unwrap())
    }
}

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        Self::now()
    }

    fn end(&self, start: Duration) -> Duration {
        Self::now().saturating_sub(start)
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// A small generator, the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).unwrap()
    }
}

fn headers(protocol: u8, client: u32, out: bool, payload: usize) -> Vec<u8> {
    let transport = if protocol == 6 { 20 } else { 8 };
    let total = u16::try_from(20 + transport + payload)
        .unwrap()
        .to_be_bytes();
    let client_address = (0x0a00_0000_u32 + client).to_be_bytes();
    let server = (0xc633_0000_u32 + client % 5_000).to_be_bytes();
    let (src, dst) = if out {
        (client_address, server)
    } else {
        (server, client_address)
    };
    let client_port = (10_000 + u16::try_from(client % 50_000).unwrap()).to_be_bytes();
    let https = 443_u16.to_be_bytes();
    let (src_port, dst_port) = if out {
        (client_port, https)
    } else {
        (https, client_port)
    };
    [
        &[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0][..],
        &[0x45, 0],
        &total,
        &[0, 0, 0x40, 0, 64, protocol, 0, 0],
        &src,
        &dst,
        &src_port,
        &dst_port,
    ]
    .concat()
}

fn tcp(client: u32, out: bool, seq: u32, flags: u8, payload: usize) -> Vec<u8> {
    let mut frame = headers(6, client, out, payload);
    frame.extend_from_slice(&seq.to_be_bytes());
    frame.extend_from_slice(&[0, 0, 0, 0, 0x50, flags, 255, 255, 0, 0, 0, 0]);
    frame
}

fn udp(client: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = headers(17, client, true, payload.len());
    frame.extend_from_slice(&u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&[0, 0]);
    frame.extend_from_slice(payload);
    frame
}

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

fn engine() -> Engine {
    Engine::new(EngineConfig::default())
}

fn resident() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark may ask for its memory"
    )]
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = pages
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or_default();
    pages * 4_096
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
        let mut engine = engine();
        let mut second = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                second += 1;
                frames.play(second, |frames| engine.handle_frames(frames));
            });
        });
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
    targets = without_engine, established, floods
}
criterion_main!(benches);
