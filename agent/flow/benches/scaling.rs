//! Whether engines share nothing: two on halves of the traffic in memory, against one on both halves.
//!
//! `cargo bench -p flow --bench scaling`. A plain program and no criterion bench, because what counts is the
//! ratio of wall-clock times in one run. On processors that others use too, read the second column: the time
//! on the processor that each engine took beside the other one, which grows only if they get in each other's
//! way.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop and print"
)]
#![expect(dead_code, reason = "a module of helpers for several benchmarks")]
#![expect(clippy::disallowed_methods, reason = "a benchmark may look at a clock")]

mod support;

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use support::{Frames, ProcessorTime, Random, engine, tcp};

/// Flows of each half.
const FLOWS: u32 = 15_000;
/// Frames of each half, in one round.
const ROUND: u32 = 1 << 19;
/// Rounds of one measurement.
const ROUNDS: i64 = 12;
/// Measurements, of which the best counts.
const RUNS: usize = 5;

/// Established flows of the clients from `first` on: their openings, and full segments of all.
fn half(first: u32) -> [Frames; 2] {
    let mut openings = Frames::new(0, 10_000);
    for client in first..first + FLOWS {
        openings.push(&tcp(client, true, 0, 2, 0), 54);
        openings.push(&tcp(client, false, 0, 0x12, 0), 54);
    }
    let mut random = Random(u64::from(first) + 0x5eed);
    let mut bulk = Frames::new(0, 100);
    for round in 0..ROUND {
        let (client, out) = (first + random.below(FLOWS), random.below(4) == 0);
        let payload = if out { 0 } else { 1_448 };
        let seq = 1_000 + round.wrapping_mul(1_448);
        bulk.push(&tcp(client, out, seq, 0x10, payload), 54 + payload);
    }
    [openings, bulk]
}

/// Wall-clock and processor time of one engine that takes `halves`, once all are ready.
fn run(halves: &[&[Frames; 2]], ready: &Barrier) -> (Duration, Duration) {
    let mut engine = engine();
    for [openings, _] in halves {
        openings.play(0, |frames| engine.handle_frames(frames));
    }
    ready.wait();
    let (wall, processor) = (Instant::now(), ProcessorTime::now());
    for round in 1..=ROUNDS {
        for [_, bulk] in halves {
            bulk.play(round, |frames| engine.handle_frames(frames));
        }
    }
    (
        wall.elapsed(),
        ProcessorTime::now().saturating_sub(processor),
    )
}

/// The longer one of the times of two engines side by side.
fn side_by_side(halves: &[[Frames; 2]; 2]) -> (Duration, Duration) {
    let ready = Barrier::new(2);
    thread::scope(|scope| {
        let threads = halves
            .each_ref()
            .map(|half| scope.spawn(|| run(&[half], &ready)));
        let [(wall, processor), (other_wall, other_processor)] =
            threads.map(|thread| thread.join().unwrap());
        (wall.max(other_wall), processor.max(other_processor))
    })
}

fn main() {
    let halves = [half(0), half(FLOWS)];
    let mut best = [(Duration::MAX, Duration::MAX); 2];
    for _ in 0..RUNS {
        let one = run(&halves.each_ref(), &Barrier::new(1));
        for (best, now) in best.iter_mut().zip([one, side_by_side(&halves)]) {
            *best = (best.0.min(now.0), best.1.min(now.1));
        }
    }
    let [one, two] = best;
    println!("two engines on halves against one on both, {FLOWS} flows each");
    println!("{:<12}{:>16}{:>16}", "", "wall clock", "processor");
    println!("{:<12}{:>16.1?}{:>16.1?}", "one", one.0, one.1);
    println!("{:<12}{:>16.1?}{:>16.1?}", "two", two.0, two.1);
    println!(
        "{:<12}{:>16.2}{:>16.2}",
        "times",
        one.0.as_secs_f64() / two.0.as_secs_f64(),
        one.1.as_secs_f64() / two.1.as_secs_f64()
    );
}
