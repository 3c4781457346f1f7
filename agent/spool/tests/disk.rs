//! The spool on a real folder: permissions, the lock, and a process that is killed.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use spool::{Config, Error, Sequence, Spool, SyncPolicy};

const CONFIG: Config = Config {
    max_bytes: 1 << 20,
    segment_bytes: 1 << 14,
    sync: SyncPolicy::OnRequest,
};

/// Held while a process is started, and by whoever opens a spool again: for a moment a new process has a copy of every
/// open file, locks included.
static STARTING: Mutex<()> = Mutex::new(());

fn nothing_starts() -> MutexGuard<'static, ()> {
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn what_is_durable_is_there_after_reopening() {
    let _guard = nothing_starts();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("not/yet/there");
    let mut spool = Spool::open(&path, CONFIG).unwrap();
    for number in 0..1000_u32 {
        spool.append(&number.to_le_bytes()).unwrap();
    }
    spool.sync().unwrap();
    spool.ack(Sequence::new(500)).unwrap();
    let stats = spool.stats();
    drop(spool);
    let mut spool = Spool::open(&path, CONFIG).unwrap();
    assert_eq!(spool.stats(), stats);
    let batch = spool.read_batch(Sequence::ZERO, 2000, usize::MAX).unwrap();
    assert_eq!(batch.len(), 500);
    assert_eq!(batch[0].sequence, Sequence::new(501));
    assert_eq!(batch[0].bytes, 500_u32.to_le_bytes());
}

#[test]
fn a_second_opener_is_refused_in_plain_words() {
    let _guard = nothing_starts();
    let dir = tempfile::tempdir().unwrap();
    let first = Spool::open(dir.path(), CONFIG).unwrap();
    let error = Spool::open(dir.path(), CONFIG).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }));
    assert!(error.to_string().ends_with("is in use by another process"));
    drop(first);
    Spool::open(dir.path(), CONFIG).unwrap();
}

#[test]
fn an_unusable_place_is_an_access_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(
        Spool::open(&file, CONFIG).unwrap_err(),
        Error::Access { .. }
    ));
}

#[test]
#[cfg(unix)]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool");
    let mut spool = Spool::open(&path, CONFIG).unwrap();
    spool.append(b"private").unwrap();
    spool.sync().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
        files += 1;
    }
    assert_eq!(files, 3, "lock, state and one segment");
}

/// Not a test of its own: what the killed process does. It says which records are durable.
#[test]
fn appends_until_it_is_killed() {
    use std::io::Write;

    let Ok(dir) = std::env::var("GNOMON_SPOOL_TO_FILL") else {
        return;
    };
    let mut spool = Spool::open(Path::new(&dir), CONFIG).unwrap();
    let mut out = std::io::stdout().lock();
    for round in 0_u64.. {
        let mut last = Sequence::ZERO;
        for _ in 0..=round % 40 {
            last = spool
                .append(&spool.stats().next_sequence.get().to_le_bytes().repeat(20))
                .unwrap();
        }
        spool.sync().unwrap();
        writeln!(out, "durable {last}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_that_was_durable() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let dir = tempfile::tempdir().unwrap();
    let mut before = 0;
    for round in 0..6 {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "appends_until_it_is_killed", "--nocapture"])
            .env("GNOMON_SPOOL_TO_FILL", dir.path())
            .stdout(Stdio::piped());
        let guard = nothing_starts();
        let mut child = command.spawn().unwrap();
        drop(guard);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut durable = 0;
        let mut seen = 0;
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("durable ") {
                durable = number.parse().unwrap();
                seen += 1;
            }
            if seen > 20 + round * 7 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let mut spool = Spool::open(dir.path(), CONFIG).unwrap();
        let batch = spool
            .read_batch(Sequence::ZERO, usize::MAX, usize::MAX)
            .unwrap();
        let shed = spool.stats().shed_records;
        let last = batch.last().unwrap().sequence.get();
        assert!(
            last >= durable && durable > before,
            "durable {durable}, found {last}"
        );
        for record in &batch {
            assert_eq!(record.bytes, record.sequence.get().to_le_bytes().repeat(20));
        }
        assert!(spool.stats().next_sequence.get() > last);
        assert!(shed == 0 || batch.len() > 1000);
        before = last;
    }
}
