//! Tests of the readers: files are built block by block.

mod build;
mod compressed;
mod damage;
mod formats;
mod large;

use std::path::Path;
use std::time::Duration;

use super::{CaptureFile, Damage};
use crate::{CaptureStats, Error, PacketSource, Polled};

/// What is kept of a frame: time, number, link type, length on the wire, bytes.
type Kept = (i64, u64, u16, u32, Vec<u8>);

#[derive(Debug)]
struct Read {
    frames: Vec<Kept>,
    warning: Option<Damage>,
    stats: CaptureStats,
    position: (u64, u64),
}

fn open_and_read(path: &Path) -> Result<Read, Error> {
    let mut source = CaptureFile::open(path)?;
    let mut frames = Vec::new();
    while source.poll_frames(Duration::ZERO, &mut |frame| {
        frames.push((
            frame.ts.as_nanos(),
            frame.number,
            frame.link_type.0,
            frame.orig_len,
            frame.data.to_vec(),
        ));
    })? != Polled::End
    {}
    assert_eq!(
        source.poll_frames(Duration::ZERO, &mut |_| panic!("it has ended"))?,
        Polled::End
    );
    Ok(Read {
        frames,
        warning: source.warning(),
        stats: source.stats(),
        position: source.position(),
    })
}

/// Writes the bytes to a file and reads it.
fn read(bytes: &[u8]) -> Result<Read, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    open_and_read(file.path())
}
