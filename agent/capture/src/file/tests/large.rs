//! Files larger than what is held at a time.

use std::time::Duration;

use proptest::prelude::*;

use super::build::*;
use super::read;
use crate::file::order::ByteOrder;
use crate::file::{CaptureFile, MAX_RECORD_BYTES};
use crate::{BATCH_FRAMES, PacketSource, Polled};

const LITTLE: ByteOrder = ByteOrder::Little;

/// Bytes that tell which frame they are of and where in it they are.
fn content(number: usize, length: usize) -> Vec<u8> {
    let start = u8::try_from(number % 199).unwrap();
    (0..=250)
        .cycle()
        .map(|at| start.wrapping_add(at))
        .take(length)
        .collect()
}

#[test]
fn the_largest_frames_are_read_whole() {
    let length = MAX_RECORD_BYTES as usize;
    let mut classic = pcap(LITTLE, MICROS, 1);
    let mut blocks = [section(LITTLE), interface(LITTLE, 1, 0, &[])].concat();
    for number in 0..7 {
        let data = content(number, length);
        classic.extend(record(LITTLE, [0, 0], MAX_RECORD_BYTES, &data));
        blocks.extend(enhanced(LITTLE, 0, 0, MAX_RECORD_BYTES, &data));
    }
    for file in [classic, blocks] {
        let read = read(&file).unwrap();
        assert_eq!((read.frames.len(), read.warning), (7, None));
        for (number, frame) in read.frames.iter().enumerate() {
            assert!(frame.4 == content(number, length), "frame {number}");
        }
    }
}

#[test]
fn batches_are_bounded_and_polls_return_in_between() {
    let mut file = pcap(LITTLE, MICROS, 1);
    for _ in 0..20_000 {
        file.extend(record(LITTLE, [0, 0], 60, &[1; 60]));
    }
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), file).unwrap();
    let mut source = CaptureFile::open(path.path()).unwrap();
    let (mut polls, mut frames, mut last) = (0, 0, 0);
    loop {
        let mut given = 0;
        let polled = source
            .poll_batch(Duration::ZERO, &mut |batch| {
                assert!((1..=BATCH_FRAMES).contains(&batch.len()));
                given += batch.len();
            })
            .unwrap();
        let (position, total) = source.position();
        assert!(position >= last && position <= total);
        last = position;
        match polled {
            Polled::Frames(count) => assert_eq!(count, given),
            Polled::End => break,
            Polled::Idle => panic!("a file is never idle"),
        }
        frames += given;
        polls += 1;
    }
    assert_eq!(frames, 20_000);
    assert!(polls > 3, "{polls}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn frames_of_any_lengths_come_out_as_they_went_in(
        lengths in prop::collection::vec(prop_oneof![0_usize..200, 0_usize..70_000], 1..60),
        is_pcapng: bool,
    ) {
        let mut file = if is_pcapng {
            [section(LITTLE), interface(LITTLE, 1, 0, &[])].concat()
        } else {
            pcap(LITTLE, MICROS, 1)
        };
        for (number, length) in lengths.iter().enumerate() {
            let data = content(number, *length);
            let original = u32::try_from(*length).unwrap();
            file.extend(match is_pcapng {
                true => enhanced(LITTLE, 0, 0, original, &data),
                false => record(LITTLE, [0, 0], original, &data),
            });
        }
        let read = read(&file).unwrap();
        prop_assert_eq!(read.frames.len(), lengths.len());
        for ((number, length), frame) in lengths.iter().enumerate().zip(&read.frames) {
            prop_assert!(frame.4 == content(number, *length));
        }
    }
}
