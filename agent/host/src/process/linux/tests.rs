//! Identities of processes: of this one, and of some in a proc file system of the test's own.

use std::fs;
use std::os::unix::fs::symlink;

use super::*;

/// A process with parents 1 and 2, of which 2 leads the session.
fn process(proc: &Path, pid: u32, name: &str, executable: &str, line: &[u8]) {
    let zeros = "0 ".repeat(15);
    let parents = [(1, 0, 1, "init"), (2, 1, 2, "bash"), (pid, 2, 2, name)];
    for (pid, parent, session, name) in parents {
        let folder = proc.join(pid.to_string());
        fs::create_dir_all(&folder).unwrap();
        let stat = format!("{pid} ({name}) S {parent} {pid} {session} {zeros} 4711 0");
        fs::write(folder.join("stat"), stat).unwrap();
    }
    let folder = proc.join(pid.to_string());
    fs::write(folder.join("status"), "Name:\tx\nUid:\t0\t0\t0\t0\n").unwrap();
    fs::write(folder.join("cmdline"), line).unwrap();
    fs::write(folder.join("cgroup"), "0::/user.slice\n").unwrap();
    let _old = fs::remove_file(folder.join("exe"));
    symlink(executable, folder.join("exe")).unwrap();
}

#[test]
fn a_process_has_one_identity_until_it_becomes_another_program() {
    let proc = tempfile::tempdir().unwrap();
    let mut processes = Processes::open(proc.path());
    process(
        proc.path(),
        77,
        "python3",
        "/usr/bin/python3",
        b"python3\0-m\0aider\0--key\0S\0",
    );
    let first = processes.identify(77).unwrap();
    assert_eq!(first.identity.program(), "python -m aider");
    assert_eq!(first.login.as_deref(), Some("root"));
    let parents: Vec<_> = first
        .identity
        .parents
        .iter()
        .map(|parent| parent.name.as_str())
        .collect();
    assert_eq!(parents, ["bash"], "up to the leader of the session");
    let again = processes.identify(77).unwrap();
    assert!(Arc::ptr_eq(&first.identity, &again.identity));
    process(
        proc.path(),
        77,
        "curl",
        "/usr/bin/curl",
        b"curl\0https://secret\0",
    );
    let other = processes.identify(77).unwrap();
    assert_eq!(other.identity.program(), "/usr/bin/curl");
    assert_eq!(other.identity.start_time, first.identity.start_time);
    fs::remove_dir_all(proc.path().join("77")).unwrap();
    assert!(processes.identify(77).is_none());
}

#[test]
fn a_name_made_to_deceive_is_cleaned_and_the_path_shows() {
    let proc = tempfile::tempdir().unwrap();
    let mut processes = Processes::open(proc.path());
    process(
        proc.path(),
        77,
        "chro\u{202e}me\n) S 9 9 9",
        "/tmp/chrome (deleted)",
        b"",
    );
    let known = processes.identify(77).unwrap();
    assert_eq!(known.identity.name, "chro?me?) S 9 9 9");
    assert_eq!(known.identity.executable, "/tmp/chrome");
    process(proc.path(), 78, "x", "/root/.cache/tool/bin/x", b"");
    assert_eq!(processes.identify(78).unwrap().identity.executable, "~/…/x");
}

#[test]
fn a_container_and_its_files_are_told() {
    let proc = tempfile::tempdir().unwrap();
    let mut processes = Processes::open(proc.path());
    process(
        proc.path(),
        77,
        "node",
        "/usr/local/bin/node",
        b"node\0/app/server.js\0",
    );
    let id = "ab".repeat(32);
    fs::write(
        proc.path().join("77/cgroup"),
        format!("12:cpu:/docker/{id}\n0::/\n"),
    )
    .unwrap();
    let known = processes.identify(77).unwrap();
    assert_eq!(known.identity.container.as_deref(), Some(id.as_str()));
    assert_eq!(known.identity.command.as_deref(), Some("node server.js"));
}

#[test]
fn a_clock_that_is_set_gives_no_second_start() {
    let processes = Processes::open(Path::new("/proc"));
    let start = processes.at_ticks(100);
    assert_eq!(
        start,
        processes
            .started()
            .saturating_add(std::time::Duration::from_secs(1))
    );
    let since = wall_at_boot().abs_diff(processes.started().as_nanos());
    assert!(
        since < 1_000_000_000,
        "the two agree as long as no clock is set"
    );
}

#[test]
fn what_is_not_there_any_more_is_no_process() {
    let mut processes = Processes::open(Path::new("/nonexistent"));
    assert!(processes.identify(1).is_none());
    let mut real = Processes::open(Path::new("/proc"));
    let known = real.identify(std::process::id()).unwrap();
    assert_eq!(known.identity.pid, std::process::id());
    assert!(real.identify(u32::MAX).is_none());
}
