//! Holders in a proc file system of the test's own.

use super::*;
use std::os::unix::fs::symlink;

/// A process in a proc file system of the test's own.
fn process(proc: &Path, pid: u32, start: u64, sockets: &[(u32, u64)]) {
    let folder = proc.join(pid.to_string());
    fs::create_dir_all(folder.join("fd")).unwrap();
    let zeros = "0 ".repeat(15);
    fs::write(
        folder.join("stat"),
        format!("{pid} (p) S 1 1 1 {zeros} {start} 0"),
    )
    .unwrap();
    for (descriptor, inode) in sockets {
        symlink(
            format!("socket:[{inode}]"),
            folder.join(format!("fd/{descriptor}")),
        )
        .unwrap();
    }
}

fn pid_of(held: Held) -> u32 {
    let Held::By(holder) = held else {
        panic!("{held:?}");
    };
    holder.pid
}

#[test]
fn one_holder_is_named_several_are_not() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), 10, 1, &[(3, 100), (4, 100), (5, 101)]);
    process(proc.path(), 11, 2, &[(3, 101)]);
    let mut holders = Holders::new(proc.path());
    assert_eq!(pid_of(holders.of(100)), 10);
    assert_eq!(holders.of(101), Held::Shared);
    assert_eq!(holders.of(102), Held::NotYet, "two passes in a row");
    holders.next_pass = None;
    assert_eq!(holders.of(102), Held::Nobody);
}

#[test]
fn a_pid_or_a_number_used_again_is_not_the_one_before() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), 10, 1, &[(3, 100)]);
    process(proc.path(), 11, 1, &[(3, 101)]);
    let mut holders = Holders::new(proc.path());
    assert_eq!(pid_of(holders.of(100)), 10);
    // The pid is another process's now, and the number another socket's.
    fs::remove_dir_all(proc.path().join("10")).unwrap();
    process(proc.path(), 10, 99, &[(3, 100)]);
    assert_eq!(holders.of(100), Held::NotYet);
    fs::remove_dir_all(proc.path().join("11")).unwrap();
    process(proc.path(), 11, 1, &[(3, 102)]);
    assert_eq!(holders.of(101), Held::NotYet);
    holders.next_pass = None;
    assert_eq!(holders.of(101), Held::Nobody);
}

#[test]
fn entries_that_vanish_or_are_odd_are_passed_over() {
    let proc = tempfile::tempdir().unwrap();
    process(proc.path(), 10, 1, &[(3, 100)]);
    fs::create_dir_all(proc.path().join("12")).unwrap();
    fs::create_dir_all(proc.path().join("13/fd")).unwrap();
    symlink("socket:[7]", proc.path().join("13/fd/3")).unwrap();
    symlink("socket:[x]", proc.path().join("10/fd/8")).unwrap();
    symlink("/dev/null", proc.path().join("10/fd/9")).unwrap();
    fs::write(proc.path().join("99999999999"), "").unwrap();
    let mut holders = Holders::new(proc.path());
    assert_eq!(pid_of(holders.of(100)), 10);
    assert_eq!(holders.of(7), Held::NotYet);
}

#[test]
fn ten_thousand_processes_with_a_hundred_thousand_sockets() {
    // In memory where that can be had: a disk is slow to make so many links.
    let proc = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    for pid in 1..=10_000 {
        let inode = |descriptor: u32| u64::from(pid) * 10 + u64::from(descriptor);
        let sockets: Vec<_> = (0..10).map(|fd| (fd, inode(fd))).collect();
        process(proc.path(), pid, 1, &sockets);
    }
    let mut holders = Holders::new(proc.path());
    let begun = Instant::now();
    for pid in (1..=10_000).step_by(97) {
        assert_eq!(pid_of(holders.of(u64::from(pid) * 10 + 5)), pid);
    }
    println!("one pass: {:?}", begun.elapsed());
    assert_eq!(
        holders.counts(),
        [("holder_passes", 1), ("holder_passes_cut", 0)]
    );
    assert_eq!(holders.sockets.len(), 100_000);
    assert!(holders.next_pass > Some(Instant::now()));
}
