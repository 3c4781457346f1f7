//! What it costs to read a capture file, per frame: from the page cache to a view of each frame.

use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use capture::file::CaptureFile;
use capture::{PacketSource, Polled};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const FRAMES: u32 = 200_000;
/// The mean of ordinary traffic.
const FRAME_BYTES: u32 = 777;

fn pcap() -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for number in 0..FRAMES {
        for word in [number, 0, FRAME_BYTES, FRAME_BYTES] {
            file.extend(word.to_le_bytes());
        }
        file.extend(vec![0; FRAME_BYTES as usize]);
    }
    file
}

fn pcapng() -> Vec<u8> {
    let mut file = Vec::new();
    let section = [0x0a0d_0d0a_u32, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28];
    let interface = [1, 20, 1, 0, 20];
    let padded = FRAME_BYTES.next_multiple_of(4);
    for word in section.into_iter().chain(interface) {
        file.extend(word.to_le_bytes());
    }
    for number in 0..FRAMES {
        for word in [6, padded + 32, 0, 0, number, FRAME_BYTES, FRAME_BYTES] {
            file.extend(word.to_le_bytes());
        }
        file.extend(vec![0; padded as usize]);
        file.extend((padded + 32).to_le_bytes());
    }
    file
}

fn read(path: &Path) -> u64 {
    let mut bytes = 0;
    if let Ok(mut source) = CaptureFile::open(path) {
        while let Ok(Polled::Frames(_)) = source.poll_batch(Duration::ZERO, &mut |frames| {
            for frame in frames {
                bytes += u64::from(frame.data.first().copied().unwrap_or_default())
                    + u64::from(frame.orig_len);
            }
        }) {}
    }
    bytes
}

fn file(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("file");
    group.throughput(Throughput::Elements(FRAMES.into()));
    group.sample_size(20);
    for (name, content) in [("pcap", pcap()), ("pcapng", pcapng())] {
        let path = std::env::temp_dir().join(format!("gnomon-bench-{}.{name}", std::process::id()));
        let made = fs::File::create(&path).and_then(|mut file| file.write_all(&content));
        assert!(made.is_ok() && read(&path) == u64::from(FRAMES) * u64::from(FRAME_BYTES));
        group.bench_function(name, |bencher| bencher.iter(|| black_box(read(&path))));
        assert!(fs::remove_file(&path).is_ok(), "the file is removed");
    }
    group.finish();
}

criterion_group!(benches, file);
criterion_main!(benches);
