//! Compressed files.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::build::*;
use super::read;
use crate::file::order::ByteOrder;
use crate::file::{DamageReason, open_bytes};

const LITTLE: ByteOrder = ByteOrder::Little;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that do not compress, so that cuts fall between frames.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    })
    .take(count)
    .collect()
}

fn large() -> Vec<u8> {
    let mut file = pcap(LITTLE, NANOS, 1);
    for number in 0..2_000 {
        file.extend(record(LITTLE, [number, 1], 700, &noise(700)));
    }
    file
}

#[test]
fn a_compressed_file_reads_as_the_plain_one() {
    let plain = large();
    let packed = gzip(&plain);
    let (from_plain, from_packed) = (read(&plain).unwrap(), read(&packed).unwrap());
    assert_eq!(from_plain.frames, from_packed.frames);
    assert_eq!(from_packed.warning, None);
    assert_eq!(
        from_packed.position,
        (packed.len() as u64, packed.len() as u64)
    );
}

#[test]
fn members_follow_each_other_as_one_stream() {
    let plain = large();
    let (first, second) = plain.split_at(100_003);
    let packed = [gzip(first), gzip(b""), gzip(second)].concat();
    let found = read(&packed).unwrap();
    assert_eq!((found.frames.len(), found.warning), (2_000, None));
}

#[test]
fn a_compressed_file_that_is_cut_gives_what_is_there() {
    let packed = gzip(&large());
    let found = read(&packed[..packed.len() / 2]).unwrap();
    assert!(
        (500..1_999).contains(&found.frames.len()),
        "{}",
        found.frames.len()
    );
    assert_eq!(found.warning.unwrap().reason, DamageReason::Inflate);
    let found = read(&packed[..packed.len() - 4]).unwrap();
    assert_eq!(found.frames.len(), 2_000);
    assert_eq!(found.warning.unwrap().reason, DamageReason::Inflate);
}

#[test]
fn a_compressed_file_with_a_wrong_byte_gives_what_came_before() {
    let mut packed = gzip(&large());
    let middle = packed.len() / 2;
    for byte in &mut packed[middle..middle + 200] {
        *byte ^= 0x55;
    }
    let found = read(&packed).unwrap();
    assert!(found.frames.len() > 500);
    assert!(found.warning.is_some());
}

#[test]
fn a_compressed_file_that_holds_no_capture_is_refused() {
    assert!(read(&gzip(b"just text, and enough of it")).is_err());
    assert!(read(&[0x1f, 0x8b]).is_err());
    assert!(read(&gzip(b"")).unwrap_err().to_string().contains("empty"));
}

#[test]
fn the_bytes_to_digest_are_those_of_the_plain_file() {
    let plain = large();
    for content in [plain.clone(), gzip(&plain)] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let mut bytes = Vec::new();
        open_bytes(file.path())
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        assert_eq!(bytes, plain);
    }
}
