//! Frames in memory and time on the processor, for the benchmarks.

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use flow::{Engine, EngineConfig};
use wire::{Frame, LinkType, Timestamp};

const SECOND: i64 = 1_000_000_000;
const BATCH: usize = 64;

/// Many frames in one piece of memory, as a ring or a file buffer would hold them.
pub(crate) struct Frames {
    bytes: Vec<u8>,
    pub(crate) ends: Vec<(usize, u32)>,
    start: i64,
    step: i64,
}

impl Frames {
    pub(crate) fn new(start: i64, step: i64) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            start,
            step,
        }
    }

    pub(crate) fn push(&mut self, frame: &[u8], orig_len: usize) {
        self.bytes.extend_from_slice(frame);
        self.ends
            .push((self.bytes.len(), u32::try_from(orig_len).unwrap()));
    }

    /// Gives all frames to `handle`, a batch at a time, as if they came at `at` seconds.
    pub(crate) fn play(&self, at: i64, mut handle: impl FnMut(&[Frame<'_>])) {
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
pub(crate) struct ProcessorTime;

impl ProcessorTime {
    pub(crate) fn now() -> Duration {
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
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).unwrap()
    }
}

pub(crate) fn headers(protocol: u8, client: u32, out: bool, payload: usize) -> Vec<u8> {
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

pub(crate) fn tcp(client: u32, out: bool, seq: u32, flags: u8, payload: usize) -> Vec<u8> {
    let mut frame = headers(6, client, out, payload);
    frame.extend_from_slice(&seq.to_be_bytes());
    frame.extend_from_slice(&[0, 0, 0, 0, 0x50, flags, 255, 255, 0, 0, 0, 0]);
    frame
}

pub(crate) fn udp(client: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = headers(17, client, true, payload.len());
    frame.extend_from_slice(&u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&[0, 0]);
    frame.extend_from_slice(payload);
    frame
}

pub(crate) fn engine() -> Engine {
    Engine::new(EngineConfig::default())
}

pub(crate) fn resident() -> u64 {
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
