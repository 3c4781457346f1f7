//! Fuzz bodies, one function for each target; the targets themselves are one-liners.

use std::path::Path;
use std::{fs, io};

use crate::{Config, Sequence, Spool, SyncPolicy};

const CONFIG: Config = Config {
    max_bytes: 64 << 10,
    segment_bytes: 4 << 10,
    sync: SyncPolicy::OnRequest,
};

/// `spool_open`: opens a folder, made anew in `dir`, of which `bytes` are the files, and uses the spool.
///
/// The first byte says what the rest is: the state, a segment, or both with their border at the
/// second byte times 64.
///
/// # Panics
/// When the spool breaks a promise: it refuses files of its own version, gives numbers out of order or twice,
/// or does not find again what it made durable.
pub fn spool_open(dir: &Path, bytes: &[u8]) {
    let prepared = prepare(dir, bytes);
    assert!(prepared.is_ok(), "no folder to fuzz in: {prepared:?}");
    let Ok(mut spool) = Spool::open(dir, CONFIG) else {
        return;
    };
    let found = spool
        .read_batch(Sequence::ZERO, usize::MAX, usize::MAX)
        .unwrap_or_default();
    assert!(
        found.is_sorted_by(|a, b| a.sequence < b.sequence),
        "numbers out of order"
    );
    let next = spool.stats().next_sequence;
    assert!(
        found.last().is_none_or(|record| record.sequence < next),
        "a number given twice"
    );
    if spool.append(b"new").is_err() || spool.sync().is_err() {
        return;
    }
    drop(spool);
    let again = Spool::open(dir, CONFIG);
    assert!(again.is_ok(), "it opened before: {again:?}");
    let found = again.and_then(|mut spool| spool.read_batch(next.before(), 1, usize::MAX));
    let found = found.unwrap_or_default();
    assert!(
        found.first().is_some_and(|record| record.bytes == b"new"),
        "a durable record is lost"
    );
}

fn prepare(dir: &Path, bytes: &[u8]) -> io::Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    fs::create_dir_all(dir)?;
    let (state, segments) = files(bytes);
    put(&dir.join("state"), state)?;
    for (number, segment) in segments.iter().enumerate() {
        put(&dir.join(format!("{:020}.seg", number * 10 + 1)), segment)?;
    }
    Ok(())
}

fn files(bytes: &[u8]) -> (&[u8], Vec<&[u8]>) {
    match bytes {
        [0, state @ ..] => (state, Vec::new()),
        [1, segment @ ..] => (&[], vec![segment]),
        [2, border, rest @ ..] => {
            let (one, other) = rest.split_at(rest.len().min(usize::from(*border) * 64));
            (&[], vec![one, other])
        }
        [_, border, rest @ ..] => {
            let (state, segment) = rest.split_at(rest.len().min(usize::from(*border) * 64));
            (state, vec![segment])
        }
        _ => (&[], Vec::new()),
    }
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        Ok(())
    } else {
        fs::write(path, bytes)
    }
}
