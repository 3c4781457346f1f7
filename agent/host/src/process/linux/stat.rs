//! What `/proc/PID` says, read with a bound (`proc(5)`).

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

/// Longest file of `/proc/PID` that is read.
const MAX_FILE: u64 = 16 << 10;
/// Of a command line, its start is enough.
const MAX_ARGUMENTS: u64 = 4 << 10;

/// The fields of `/proc/PID/stat` that are used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stat {
    pub(crate) name: Vec<u8>,
    pub(crate) parent: u32,
    /// Process id of the session leader.
    pub(crate) session: u32,
    /// Between the system's start and its own.
    pub(crate) start_ticks: u64,
}

impl Stat {
    pub(crate) fn read(proc: &Path, pid: u32) -> Option<Self> {
        Self::parse(&bytes(&proc.join(format!("{pid}/stat")), MAX_FILE).ok()?)
    }

    /// The name stands in brackets and may hold brackets and spaces itself.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|c| *c == b'(')?;
        let close = line.iter().rposition(|c| *c == b')')?;
        let name = line.get(open.checked_add(1)?..close)?.to_vec();
        let rest = std::str::from_utf8(line.get(close.checked_add(1)?..)?).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        // Behind the name: state, parent, group, session, and the start time as the 20th.
        let parent = fields.nth(1)?.parse().ok()?;
        let session = fields.nth(1)?.parse().ok()?;
        let start_ticks = fields.nth(15)?.parse().ok()?;
        Some(Self {
            name,
            parent,
            session,
            start_ticks,
        })
    }
}

/// The real user id (`Uid:` of `status`).
pub(crate) fn uid(proc: &Path, pid: u32) -> Option<u32> {
    let status = bytes(&proc.join(format!("{pid}/status")), MAX_FILE).ok()?;
    let line = status
        .split(|c| *c == b'\n')
        .find_map(|line| line.strip_prefix(b"Uid:"))?;
    std::str::from_utf8(line)
        .ok()?
        .split_ascii_whitespace()
        .next()?
        .parse()
        .ok()
}

/// The program file; none for a thread of the kernel, or where that may not be read.
pub(crate) fn executable(proc: &Path, pid: u32) -> Option<Vec<u8>> {
    let link = std::fs::read_link(proc.join(format!("{pid}/exe"))).ok()?;
    Some(link.into_os_string().into_vec())
}

/// The words of the command line.
pub(crate) fn arguments(proc: &Path, pid: u32) -> Vec<u8> {
    bytes(&proc.join(format!("{pid}/cmdline")), MAX_ARGUMENTS).unwrap_or_default()
}

/// The paths of the control groups, one in each line.
pub(crate) fn groups(proc: &Path, pid: u32) -> String {
    let read = bytes(&proc.join(format!("{pid}/cgroup")), MAX_FILE).unwrap_or_default();
    String::from_utf8_lossy(&read).into_owned()
}

/// The first bytes of a file.
pub(crate) fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut read)?;
    Ok(read)
}

/// The words of a command line that ends each with a zero byte.
pub(crate) fn words(line: &[u8]) -> Vec<&[u8]> {
    let line = line.strip_suffix(b"\0").unwrap_or(line);
    line.split(|c| *c == 0).take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_may_look_like_the_rest() {
        let line = b"42 (a) R 1 (b) S 7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2";
        let stat = Stat::parse(line).unwrap();
        assert_eq!(stat.name, b"a) R 1 (b");
        assert_eq!(
            (stat.parent, stat.session, stat.start_ticks),
            (7, 9, 987_654)
        );
    }

    #[test]
    fn reads_its_own_process() {
        let pid = std::process::id();
        let proc = Path::new("/proc");
        let stat = Stat::read(proc, pid).unwrap();
        assert_eq!(stat.parent, std::os::unix::process::parent_id());
        assert!(stat.start_ticks > 0);
        assert!(executable(proc, pid).is_some());
        assert!(uid(proc, pid).is_some());
        assert!(!words(&arguments(proc, pid)).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let _stat = Stat::parse(&line);
            let _words = words(&line);
        }
    }
}
