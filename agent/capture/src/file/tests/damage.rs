//! What is cut, corrupt, or no capture at all.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use super::build::*;
use super::{open_and_read, read};
use crate::Error;
use crate::file::order::ByteOrder;
use crate::file::{DamageReason, MAX_RECORD_BYTES};

const LITTLE: ByteOrder = ByteOrder::Little;

fn sample_pcap() -> Vec<u8> {
    let mut file = pcap(LITTLE, MICROS, 1);
    for number in 1..4_u32 {
        file.extend(record(
            LITTLE,
            [number, 0],
            99,
            &vec![7; number as usize * 5],
        ));
    }
    file
}

fn sample_pcapng(order: ByteOrder) -> Vec<u8> {
    let mut file = section(order);
    file.extend(interface(order, 1, 0, &[option(order, 9, &[9])]));
    file.extend(enhanced(order, 0, 1, 99, b"first"));
    file.extend(block(order, 4, b"names"));
    file.extend(simple(order, 5, b"third"));
    file.extend(section(order));
    file.extend(interface(order, 101, 0, &[]));
    file.extend(enhanced(order, 0, 3, 99, b"fourth"));
    file
}

#[test]
fn a_file_cut_anywhere_gives_everything_before_and_says_where() {
    for file in [
        sample_pcap(),
        sample_pcapng(LITTLE),
        sample_pcapng(ByteOrder::Big),
    ] {
        let whole = read(&file).unwrap();
        assert_eq!((whole.frames.len(), whole.warning), (3, None));
        for end in 0..file.len() {
            let Ok(cut) = read(&file[..end]) else {
                assert!(end < 24, "cut at {end}");
                continue;
            };
            assert_eq!(cut.frames, whole.frames[..cut.frames.len()], "cut at {end}");
            if let Some(warning) = cut.warning {
                assert_eq!(warning.reason, DamageReason::Cut);
                assert!(warning.offset <= end as u64);
            }
        }
        let cut = read(&file[..file.len() - 1]).unwrap();
        assert_eq!(cut.frames.len(), 2);
        assert!(
            cut.warning
                .unwrap()
                .to_string()
                .contains("ends inside a record")
        );
    }
}

#[test]
fn an_impossible_length_ends_the_reading() {
    let mut file = sample_pcap();
    let at = file.len() as u64;
    let mut bad = record(LITTLE, [9, 9], 10, b"x");
    bad[8..12].copy_from_slice(&(MAX_RECORD_BYTES + 1).to_le_bytes());
    file.extend(bad);
    let found = read(&file).unwrap();
    assert_eq!(found.frames.len(), 3);
    let warning = found.warning.unwrap();
    assert_eq!(
        (warning.offset, warning.reason),
        (at, DamageReason::BadLength)
    );
}

#[test]
fn blocks_that_contradict_themselves_end_the_reading() {
    let good = sample_pcapng(LITTLE);
    let mut trailer = enhanced(LITTLE, 0, 1, 3, b"abc");
    let last = trailer.len() - 4;
    trailer[last] ^= 4;
    let short = [6_u32.to_le_bytes(), 8_u32.to_le_bytes()].concat();
    let huge = [6_u32.to_le_bytes(), 0x7fff_fff0_u32.to_le_bytes()].concat();
    let no_order = [
        &0x0a0d_0d0a_u32.to_le_bytes()[..],
        &[28, 0, 0, 0, 1, 2, 3, 4],
    ]
    .concat();
    let cases = [
        (trailer, DamageReason::BadBlock),
        (short, DamageReason::BadBlock),
        (huge, DamageReason::BadLength),
        (no_order, DamageReason::BadSection),
    ];
    for (bad, reason) in cases {
        let file = [&good[..], &bad, &[0; 64]].concat();
        let found = read(&file).unwrap();
        assert_eq!(found.frames.len(), 3);
        let warning = found.warning.unwrap();
        assert_eq!(
            (warning.offset, warning.reason),
            (good.len() as u64, reason)
        );
    }
}

#[test]
fn a_frame_longer_than_its_block_is_left_out() {
    let mut bad = enhanced(LITTLE, 0, 1, 3, b"abcd");
    bad[20] = 200;
    let file = [
        section(LITTLE),
        interface(LITTLE, 1, 0, &[]),
        bad,
        enhanced(LITTLE, 0, 1, 3, b"abc"),
    ]
    .concat();
    let found = read(&file).unwrap();
    assert_eq!(found.frames.len(), 1);
    assert_eq!(found.warning.unwrap().reason, DamageReason::BadBlock);
}

#[test]
fn what_is_no_capture_is_told_in_plain_words() {
    let cases: [(&[u8], &str); 7] = [
        (b"", "is empty"),
        (b"hello, this is a text file", "is not a capture"),
        (&[0; 100], "is not a capture"),
        (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "ends in its header"),
        (&[0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0], "zstd"),
        (b"BZh91AY&SY", "bzip2"),
        (
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x01\x02\x03\x04",
            "is not a capture",
        ),
    ];
    for (bytes, expected) in cases {
        let message = read(bytes).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let missing = open_and_read(Path::new("/nonexistent/capture.pcap")).unwrap_err();
    assert!(matches!(missing, Error::Open { .. }), "{missing:?}");
    let folder = open_and_read(Path::new("/")).unwrap_err();
    assert!(
        matches!(folder, Error::Read { .. } | Error::Open { .. }),
        "{folder:?}"
    );
}

proptest! {
    #[test]
    fn any_bytes_behind_a_good_start_are_survived(
        which in 0_usize..3,
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..8),
        tail in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let files = [sample_pcap(), sample_pcapng(LITTLE), sample_pcapng(ByteOrder::Big)];
        let mut file = files[which].clone();
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        file.extend(tail);
        if let Ok(read) = read(&file) {
            let bytes: usize = read.frames.iter().map(|frame| frame.4.len()).sum();
            prop_assert!(bytes <= file.len());
        }
    }
}
