//! What it costs to walk the headers of one frame, common and rare.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use etherparse::PacketBuilder;
use wire::{Decoder, Frame, LinkType, Timestamp};

/// As many frames as stay in the second-level cache, so that the walk is measured and not memory.
const FRAMES: usize = 256;

const MAC_A: [u8; 6] = [2, 0, 0, 0, 0, 1];
const MAC_B: [u8; 6] = [2, 0, 0, 0, 0, 2];
const PAYLOAD: [u8; 512] = [7; 512];

fn tcp_over_ipv4() -> Vec<u8> {
    let builder = PacketBuilder::ethernet2(MAC_A, MAC_B)
        .ipv4([10, 0, 0, 1], [192, 0, 2, 1], 64)
        .tcp(40_000, 443, 1, 1_000);
    written(builder.size(PAYLOAD.len()), |out| {
        builder.write(out, &PAYLOAD).is_ok()
    })
}

fn tcp_over_ipv6() -> Vec<u8> {
    let builder = PacketBuilder::ethernet2(MAC_A, MAC_B)
        .ipv6([1; 16], [2; 16], 64)
        .tcp(40_000, 443, 1, 1_000);
    written(builder.size(PAYLOAD.len()), |out| {
        builder.write(out, &PAYLOAD).is_ok()
    })
}

fn udp_behind_vlan() -> Vec<u8> {
    let builder = PacketBuilder::ethernet2(MAC_A, MAC_B)
        .single_vlan(7.try_into().unwrap_or_default())
        .ipv4([10, 0, 0, 1], [192, 0, 2, 1], 64)
        .udp(40_000, 443);
    written(builder.size(PAYLOAD.len()), |out| {
        builder.write(out, &PAYLOAD).is_ok()
    })
}

fn in_vxlan() -> Vec<u8> {
    let inner = [vec![8, 0, 0, 0, 0, 0, 1, 0], tcp_over_ipv4()].concat();
    let builder = PacketBuilder::ethernet2(MAC_A, MAC_B)
        .ipv4([10, 0, 0, 1], [192, 0, 2, 1], 64)
        .udp(40_000, 4789);
    written(builder.size(inner.len()), |out| {
        builder.write(out, &inner).is_ok()
    })
}

fn arp() -> Vec<u8> {
    let mut frame = vec![0; 60];
    frame[12..14].copy_from_slice(&[8, 6]);
    frame
}

fn written(size: usize, write: impl FnOnce(&mut Vec<u8>) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    assert!(write(&mut out), "a frame is built");
    out
}

fn walk(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: &[u8]) {
    let copies: Vec<Vec<u8>> = (0..FRAMES).map(|_| bytes.to_vec()).collect();
    let frames: Vec<_> = copies
        .iter()
        .map(|data| Frame {
            ts: Timestamp::default(),
            number: 1,
            link_type: LinkType::ETHERNET,
            orig_len: u32::try_from(data.len()).unwrap_or_default(),
            vlan: None,
            data,
        })
        .collect();
    let mut decoder = Decoder::new();
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for frame in &frames {
                black_box(&decoder.decode(black_box(frame)));
            }
        });
    });
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    walk(&mut group, "tcp_ipv4", &tcp_over_ipv4());
    walk(&mut group, "tcp_ipv6", &tcp_over_ipv6());
    walk(&mut group, "udp_ipv4_vlan", &udp_behind_vlan());
    walk(&mut group, "tcp_in_vxlan", &in_vxlan());
    walk(&mut group, "arp", &arp());
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
