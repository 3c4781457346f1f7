//! A disk that is full, or cannot be written: nothing is acknowledged that is
//! not kept, agents learn why, and it goes on when there is room.
//!
//! Some mount a small file system of their own, which takes root; otherwise they
//! say that they were skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use store::Sqlite;
use tempfile::TempDir;
use tonic::Code;

use crate::client::{Reporting, channel, channel_to, enrol, tls};
use crate::crash::enrolled;
use crate::messages::{batch, finding};
use crate::process::{Process, run, stderr};
use crate::site::{Site, sightings};

const PER_BATCH: u64 = 500;

/// A mounted file system, unmounted when it is dropped.
struct Mount {
    place: TempDir,
}

impl Mount {
    fn new(arguments: &[&str]) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let status = Command::new("mount")
            .args(arguments)
            .arg(place.path())
            .output()
            .unwrap();
        if !status.status.success() {
            eprintln!("left out: a small disk: nothing can be mounted here");
            return None;
        }
        Some(Self { place })
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", options])
            .arg(self.place.path())
            .status();
        assert!(status.unwrap().success());
    }

    fn path(&self) -> &Path {
        self.place.path()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let unmounted = Command::new("umount")
            .arg("-l")
            .arg(self.place.path())
            .status();
        assert!(unmounted.unwrap().success() || std::thread::panicking());
    }
}

fn findings(number: u64) -> Vec<proto::v1::Finding> {
    (0..PER_BATCH)
        .map(|n| finding(number * PER_BATCH + n, 1))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let Some(mount) = Mount::new(&["-t", "tmpfs", "-o", "size=6m", "tmpfs"]) else {
        return;
    };
    let folder = TempDir::new_in(mount.path()).unwrap();
    let site = Site::start_with(folder, |_| {}).await;
    let channel = channel(&site, Some(&enrol(&site).await)).await;
    let mut stream = Reporting::open(channel.clone()).await.unwrap();
    let mut acknowledged = 0;
    let status = loop {
        match stream
            .report(batch(acknowledged + 1, findings(acknowledged)))
            .await
        {
            Ok(_) => acknowledged += 1,
            Err(status) => break status,
        }
        assert!(acknowledged < 1000, "the disk is never full");
    };
    assert!(acknowledged > 0);
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert_eq!(status.message(), "the collector's disk is full");
    // The same connection still answers, and still says no.
    let mut stream = Reporting::open(channel.clone()).await.unwrap();
    let again = stream
        .report(batch(acknowledged + 1, findings(acknowledged)))
        .await;
    assert_eq!(again.unwrap_err().code(), Code::ResourceExhausted);
    mount.remount("remount,size=64m");
    let all = usize::try_from(acknowledged * PER_BATCH).unwrap();
    assert_eq!(site.sightings().len(), all);
    let mut stream = Reporting::open(channel).await.unwrap();
    stream
        .report(batch(acknowledged + 1, findings(acknowledged)))
        .await
        .unwrap();
    assert_eq!(
        site.sightings().len(),
        all + usize::try_from(PER_BATCH).unwrap()
    );
    assert!(site.counters.batches_failed.get() >= 2);
    drop(site.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_grow_costs_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Process::start(folder.path()).terminate(), Some(0));
    let process = Process::start_limited(folder.path(), 2048);
    let (authority, identity) = enrolled(folder.path(), &process).await;
    let config = tls(&authority, Some(&identity));
    let channel = channel_to(process.address, config.clone()).await.unwrap();
    let mut stream = Reporting::open(channel.clone()).await.unwrap();
    let mut acknowledged = 0;
    let status = loop {
        match stream
            .report(batch(acknowledged + 1, findings(acknowledged)))
            .await
        {
            Ok(_) => acknowledged += 1,
            Err(status) => break status,
        }
        assert!(acknowledged < 1000, "the files grow without end");
    };
    assert!(
        matches!(status.code(), Code::ResourceExhausted | Code::Unavailable),
        "{status}"
    );
    let mut stream = Reporting::open(channel).await.unwrap();
    let again = stream
        .report(batch(acknowledged + 1, findings(acknowledged)))
        .await;
    assert_eq!(again.unwrap_err().code(), status.code());
    assert!(
        process.log().contains("cannot be recorded"),
        "{}",
        process.log()
    );
    process.kill();
    let process = Process::start(folder.path());
    let all = usize::try_from(acknowledged * PER_BATCH).unwrap();
    let store = Sqlite::open(&folder.path().join("data")).unwrap();
    assert_eq!(sightings(&store).len(), all);
    let channel = channel_to(process.address, config).await.unwrap();
    let mut stream = Reporting::open(channel).await.unwrap();
    stream
        .report(batch(acknowledged + 1, findings(acknowledged)))
        .await
        .unwrap();
    assert_eq!(
        sightings(&store).len(),
        all + usize::try_from(PER_BATCH).unwrap()
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_a_plain_error() {
    let folder = tempfile::tempdir().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    let path = folder.path().to_str().unwrap();
    let Some(mount) = Mount::new(&["--bind", path]) else {
        return;
    };
    mount.remount("remount,bind,ro");
    let place: PathBuf = mount.path().to_owned();
    let output = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        place.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot be written"), "{output:?}");
    let output = run(&["user", "add", "x", "--data-dir", place.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(sightings(&Sqlite::open(folder.path()).unwrap()).is_empty());
}
