//! The body of the fuzz target, which takes any bytes and panics only when a promise is broken. The target
//! itself is one line and lives in `tests/fuzz`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use wire::Frame;

use crate::file::{CaptureFile, DamageReason, MAX_RECORD_BYTES};
use crate::{BATCH_FRAMES, PacketSource, Polled};

/// What was read from a file.
#[derive(PartialEq, Eq, Debug)]
struct Read {
    frames: u64,
    bytes: u64,
    dropped: u64,
    /// Of times, link types, lengths and bytes of all frames.
    digest: u64,
    damage: Option<(u64, DamageReason)>,
}

/// `capture_file`: `bytes` as a file at `path`, plain and compressed.
///
/// # Panics
/// When a frame is longer than any may be, frames are not numbered one by one, what is counted is not what was
/// handed on, something comes after the end, or compression changes what is read.
pub fn capture_file(path: &Path, bytes: &[u8]) {
    let plain = read(path, bytes);
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    let compressed = read(path, &written.unwrap_or_default());
    assert_eq!(plain, compressed, "compression changes nothing");
}

fn read(path: &Path, bytes: &[u8]) -> Option<Read> {
    let written = fs::write(path, bytes);
    assert!(written.is_ok(), "no file to fuzz with: {written:?}");
    let mut source = CaptureFile::open(path).ok()?;
    let mut read = Read {
        frames: 0,
        bytes: 0,
        dropped: 0,
        digest: 0xcbf2_9ce4_8422_2325,
        damage: None,
    };
    loop {
        let before = read.frames;
        let polled = source.poll_batch(Duration::ZERO, &mut |frames| {
            assert!(
                (1..=BATCH_FRAMES).contains(&frames.len()),
                "a batch has frames, and not too many"
            );
            for frame in frames {
                read.take(frame);
            }
        });
        match polled {
            Ok(Polled::Frames(count)) => {
                assert_eq!(
                    read.frames,
                    before.saturating_add(count as u64),
                    "as many as were handed on"
                );
            }
            Ok(Polled::Idle | Polled::End) | Err(_) => break,
        }
    }
    let again = source.poll_batch(Duration::ZERO, &mut |_| {});
    assert!(
        matches!(again, Ok(Polled::End)),
        "nothing comes after the end: {again:?}"
    );
    let stats = source.stats();
    assert_eq!(
        (stats.received, stats.bytes),
        (read.frames, read.bytes),
        "what was handed on is counted"
    );
    read.dropped = stats.dropped;
    read.damage = source
        .warning()
        .map(|damage| (damage.offset, damage.reason));
    Some(read)
}

impl Read {
    fn take(&mut self, frame: &Frame<'_>) {
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(frame.data.len() as u64);
        assert_eq!(frame.number, self.frames, "frames are numbered one by one");
        assert!(
            frame.data.len() <= MAX_RECORD_BYTES as usize,
            "no frame is longer"
        );
        self.mix(&frame.ts.as_nanos().to_le_bytes());
        self.mix(&frame.link_type.0.to_le_bytes());
        self.mix(&frame.orig_len.to_le_bytes());
        self.mix(&frame.vlan.unwrap_or_default().to_le_bytes());
        self.mix(frame.data);
    }

    /// FNV-1a.
    fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
