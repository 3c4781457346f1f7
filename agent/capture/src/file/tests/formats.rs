//! Both formats, as many programs write them.

use super::build::*;
use super::read;
use crate::file::order::ByteOrder;
use crate::file::{DamageReason, MAX_BLOCK_BYTES};

const LITTLE: ByteOrder = ByteOrder::Little;

#[test]
fn pcap_in_both_orders_and_units() {
    for order in ORDERS {
        for (magic, nanos) in [(MICROS, 7_000), (NANOS, 7)] {
            let mut file = pcap(order, magic, 113);
            file.extend(record(order, [5, 7], 60, b"first"));
            file.extend(record(order, [4_000_000_000, 0], 6, b"second"));
            let read = read(&file).unwrap();
            let expected = [
                (5_000_000_000 + nanos, 1, 113, 60, b"first".to_vec()),
                (4_000_000_000_000_000_000, 2, 113, 6, b"second".to_vec()),
            ];
            assert_eq!(read.frames, expected);
            assert_eq!(read.warning, None);
            assert_eq!((read.stats.received, read.stats.bytes), (2, 11));
            assert_eq!(read.position, (file.len() as u64, file.len() as u64));
        }
    }
}

#[test]
fn pcap_of_kuznetzov_has_longer_record_headers() {
    let mut file = pcap(LITTLE, KUZNETZOV, 1);
    for text in [b"one", b"two"] {
        let mut record = record(LITTLE, [1, 0], 3, &[]);
        record[8] = 3;
        record.extend([9; 8]);
        record.extend(text);
        file.extend(record);
    }
    let read = read(&file).unwrap();
    assert_eq!(read.frames[1].4, b"two");
}

#[test]
fn pcap_says_in_the_upper_half_that_check_sequences_follow() {
    let mut file = pcap(LITTLE, MICROS, 0x2400_0001);
    file.extend(record(LITTLE, [1, 0], 4, b"data"));
    assert_eq!(read(&file).unwrap().frames[0].2, 1);
}

#[test]
fn pcap_of_early_versions_may_have_its_lengths_swapped() {
    let mut file = pcap(LITTLE, MICROS, 1);
    file[6] = 2;
    let mut swapped = record(LITTLE, [1, 0], 0, b"data");
    swapped[8..16].copy_from_slice(&[60, 0, 0, 0, 4, 0, 0, 0]);
    file.extend(swapped);
    let frame = &read(&file).unwrap().frames[0];
    assert_eq!((frame.3, frame.4.len()), (60, 4));
}

#[test]
fn pcapng_with_several_sections_and_link_types() {
    let mut file = Vec::new();
    for order in [ByteOrder::Little, ByteOrder::Big, ByteOrder::Little] {
        file.extend(section(order));
        file.extend(interface(order, 1, 0, &[]));
        file.extend(enhanced(order, 0, 1_000_001, 90, b"in ethernet"));
        file.extend(interface(order, 276, 0, &[]));
        file.extend(enhanced(order, 1, 2_000_000, 7, b"in sll2"));
        file.extend(obsolete(order, 1, 3_000_000, 8, b"obsolete"));
    }
    let read = read(&file).unwrap();
    let links: Vec<_> = read
        .frames
        .iter()
        .map(|frame| (frame.0, frame.1, frame.2))
        .collect();
    assert_eq!(
        links[..3],
        [
            (1_000_001_000, 1, 1),
            (2_000_000_000, 2, 276),
            (3_000_000_000, 3, 276)
        ]
    );
    assert_eq!((links[8].1, links[8].2), (9, 276));
    assert_eq!(read.frames[0].3, 90);
    assert_eq!(read.frames[8].4, b"obsolete");
    assert_eq!(read.warning, None);
}

#[test]
fn pcapng_with_units_and_offsets() {
    let cases: [(&[Vec<u8>], u64, i64); 9] = [
        (&[], 1_234_567, 1_234_567_000),
        (&[option(LITTLE, 9, &[3])], 1_234, 1_234_000_000),
        (&[option(LITTLE, 9, &[0])], 5, 5_000_000_000),
        (&[option(LITTLE, 9, &[9])], 1_234_567, 1_234_567),
        (&[option(LITTLE, 9, &[12])], 1_234_567, 1_234),
        (&[option(LITTLE, 9, &[0x80 | 10])], 1_536, 1_500_000_000),
        (
            &[option(LITTLE, 9, &[0x80 | 32])],
            (9 << 32) + (1 << 31),
            9_500_000_000,
        ),
        (
            &[
                option(LITTLE, 2, b"eth0"),
                option(LITTLE, 14, &3_600_i64.to_le_bytes()),
            ],
            1,
            3_600_000_001_000,
        ),
        (
            &[
                option(LITTLE, 9, &[6]),
                option(LITTLE, 0, &[]),
                option(LITTLE, 9, &[0]),
            ],
            1,
            1_000,
        ),
    ];
    for (options, time, nanos) in cases {
        let mut file = section(LITTLE);
        file.extend(interface(LITTLE, 1, 0, options));
        file.extend(enhanced(LITTLE, 0, time, 1, b"x"));
        assert_eq!(read(&file).unwrap().frames[0].0, nanos, "{options:?}");
    }
}

#[test]
fn pcapng_with_units_that_are_absurd_does_not_overflow() {
    for unit in [0, 19, 20, 28, 29, 63, 0x7f, 0x80, 0xff] {
        let mut file = section(LITTLE);
        file.extend(interface(
            LITTLE,
            1,
            0,
            &[
                option(LITTLE, 9, &[unit]),
                option(LITTLE, 14, &i64::MAX.to_le_bytes()),
            ],
        ));
        file.extend(enhanced(LITTLE, 0, u64::MAX, 1, b"x"));
        assert_eq!(read(&file).unwrap().frames.len(), 1);
    }
}

#[test]
fn pcapng_simple_packets_are_cut_to_the_snap_length_and_have_the_time_before() {
    let mut file = section(LITTLE);
    file.extend(interface(LITTLE, 1, 4, &[]));
    file.extend(enhanced(LITTLE, 0, 77, 3, b"abc"));
    file.extend(simple(LITTLE, 9, b"simp"));
    file.extend(simple(LITTLE, 2, b"si"));
    let read = read(&file).unwrap();
    assert_eq!(read.frames[1], (77_000, 2, 1, 9, b"simp".to_vec()));
    assert_eq!(read.frames[2], (77_000, 3, 1, 2, b"si".to_vec()));
}

#[test]
fn pcapng_blocks_of_other_kinds_are_stepped_over_however_long() {
    let huge = vec![7; MAX_BLOCK_BYTES as usize * 3 + 2];
    for order in ORDERS {
        let mut file = section(order);
        file.extend(block(order, 10, b"secrets"));
        file.extend(interface(order, 1, 0, &[]));
        file.extend(block(order, 4, &huge));
        file.extend(enhanced(order, 0, 1, 3, b"abc"));
        file.extend(block(order, 0xbad, b"custom"));
        file.extend(enhanced(order, 0, 1, 3, b"def"));
        file.extend(block(order, 0x4000_0bad, &huge));
        let read = read(&file).unwrap();
        assert_eq!(read.frames.len(), 2);
        assert_eq!(read.frames[1].4, b"def");
        assert_eq!(read.warning, None);
    }
}

#[test]
fn pcapng_tells_what_the_capturing_program_lost() {
    let counts = |order: ByteOrder, interface: u32, lost: u64| {
        let mut body = order.put_32(interface).to_vec();
        body.extend([0; 8]);
        body.extend(option(order, 4, &order.put_64(1_000)));
        body.extend(option(order, 5, &order.put_64(lost)));
        body.extend(option(order, 7, &order.put_64(1)));
        block(order, 5, &body)
    };
    let mut file = Vec::new();
    for order in ORDERS {
        file.extend(section(order));
        file.extend(interface(order, 1, 0, &[]));
        file.extend(counts(order, 0, 10));
        // The later count is of the whole time.
        file.extend(counts(order, 0, 30));
        file.extend(counts(order, 9, 500));
    }
    let read = read(&file).unwrap();
    assert_eq!(read.stats.dropped, 62);
}

#[test]
fn pcapng_frames_of_interfaces_that_are_not_there_are_left_out_and_told() {
    let mut file = section(LITTLE);
    file.extend(interface(LITTLE, 1, 0, &[]));
    let at = file.len() as u64;
    file.extend(enhanced(LITTLE, 3, 1, 3, b"???"));
    file.extend(enhanced(LITTLE, 0, 1, 3, b"abc"));
    let read = read(&file).unwrap();
    assert_eq!(read.frames.len(), 1);
    let warning = read.warning.unwrap();
    assert_eq!(
        (warning.offset, warning.reason),
        (at, DamageReason::NoSuchInterface)
    );
}
