//! Which processes hold a socket: `/proc/PID/fd`, read as a whole and remembered for a while.
//!
//! Only a whole pass can say that nobody else holds a socket, so there is no shorter way; it costs much
//! where many processes run. So a pass is made only for a socket that the last one did not show, and a
//! pass is followed by a pause many times as long. Processes that were an answer before are read first,
//! then the newest, so that a pass which has to stop at its caps has seen those that matter most; what it
//! has not seen makes the answer uncertain, and an uncertain answer is none.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::bounded::Bounded;
use crate::process::Stat;

/// Processes and descriptors that one pass reads.
const MAX_PROCESSES: usize = 32_768;
const MAX_DESCRIPTORS: usize = 1 << 20;
/// Sockets that are remembered of one pass.
const MAX_SOCKETS: usize = 262_144;
/// Processes that are read first.
const MAX_RECENT: usize = 64;
/// Between passes: at least this, and this many times what the last one took.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSE_FACTOR: u32 = 20;

/// One process that holds a socket, and by which number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Holder {
    pub(super) pid: u32,
    pub(super) start_ticks: u64,
    descriptor: u32,
}

/// Who holds a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Held {
    /// This process and no other.
    By(Holder),
    /// Several processes.
    Shared,
    /// Nobody that may be read.
    Nobody,
    /// Not known: the caps stopped the pass.
    Uncertain,
    /// Not known: it is too early for another pass.
    NotYet,
}

/// Remembers who holds which socket.
#[derive(Debug)]
pub(super) struct Holders {
    proc: PathBuf,
    /// By inode; none where several processes hold it.
    sockets: HashMap<u64, Option<Holder>>,
    recent: Bounded<u32, ()>,
    complete: bool,
    denied: bool,
    next_pass: Option<Instant>,
    passes: u64,
    cut: u64,
}

impl Holders {
    pub(super) fn new(proc: &Path) -> Self {
        Self {
            proc: proc.to_owned(),
            sockets: HashMap::new(),
            recent: Bounded::new(MAX_RECENT),
            complete: true,
            denied: false,
            next_pass: None,
            passes: 0,
            cut: 0,
        }
    }

    /// Says who holds a socket.
    pub(super) fn of(&mut self, inode: u64) -> Held {
        if let Some(held) = self.remembered(inode) {
            return held;
        }
        let now = Instant::now();
        if self.next_pass.is_some_and(|next| now < next) {
            return Held::NotYet;
        }
        self.pass();
        self.next_pass = Some(Instant::now() + PAUSE.max(now.elapsed() * PAUSE_FACTOR));
        self.remembered(inode).unwrap_or(if self.complete {
            Held::Nobody
        } else {
            Held::Uncertain
        })
    }

    /// Whether descriptors of some process could not be read, for want of a capability.
    pub(super) const fn denied(&self) -> bool {
        self.denied
    }

    pub(super) const fn counts(&self) -> [(&'static str, u64); 2] {
        [
            ("holder_passes", self.passes),
            ("holder_passes_cut", self.cut),
        ]
    }

    /// What the last pass saw, if it is still so.
    fn remembered(&mut self, inode: u64) -> Option<Held> {
        let held = match self.sockets.get(&inode)? {
            None => Held::Shared,
            Some(_) if !self.complete => Held::Uncertain,
            Some(holder) => Held::By(*holder),
        };
        let Held::By(holder) = held else {
            return Some(held);
        };
        if self.still(holder, inode) {
            self.recent.insert(holder.pid, ());
            return Some(Held::By(holder));
        }
        self.sockets.remove(&inode);
        None
    }

    fn still(&self, holder: Holder, inode: u64) -> bool {
        let link = self
            .proc
            .join(format!("{}/fd/{}", holder.pid, holder.descriptor));
        let same = fs::read_link(link).is_ok_and(|to| socket_inode(&to) == Some(inode));
        same && Stat::read(&self.proc, holder.pid)
            .is_some_and(|stat| stat.start_ticks == holder.start_ticks)
    }

    fn pass(&mut self) {
        self.passes = self.passes.saturating_add(1);
        self.sockets.clear();
        self.complete = true;
        self.denied = false;
        let mut left = MAX_DESCRIPTORS;
        for pid in self.pids() {
            let Some(descriptors) = left.checked_sub(self.read(pid, left)) else {
                break;
            };
            left = descriptors;
            if left == 0 || self.sockets.len() >= MAX_SOCKETS {
                self.complete = false;
            }
            if !self.complete {
                break;
            }
        }
        if !self.complete {
            self.cut = self.cut.saturating_add(1);
        }
    }

    /// Recent answers first, then from the newest.
    fn pids(&mut self) -> Vec<u32> {
        let entries = fs::read_dir(&self.proc).into_iter().flatten().flatten();
        let mut pids: Vec<u32> = entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        pids.sort_unstable_by_key(|pid| (self.recent.find(pid).is_none(), std::cmp::Reverse(*pid)));
        if pids.len() > MAX_PROCESSES {
            pids.truncate(MAX_PROCESSES);
            self.complete = false;
        }
        pids
    }

    /// Reads the descriptors of one process; says how many there were.
    fn read(&mut self, pid: u32, most: usize) -> usize {
        let folder = self.proc.join(format!("{pid}/fd"));
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.denied |= error.kind() == std::io::ErrorKind::PermissionDenied;
                return 0;
            }
        };
        let mut start_ticks = None;
        let mut seen = 0;
        for entry in entries.flatten().take(most) {
            seen += 1;
            let Some(inode) = fs::read_link(entry.path())
                .ok()
                .and_then(|to| socket_inode(&to))
            else {
                continue;
            };
            let Some(descriptor) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            else {
                continue;
            };
            // Read once, and only for processes that hold sockets.
            let start = *start_ticks
                .get_or_insert_with(|| Stat::read(&self.proc, pid).map(|stat| stat.start_ticks));
            let Some(start_ticks) = start else {
                return seen;
            };
            let holder = Holder {
                pid,
                start_ticks,
                descriptor,
            };
            self.sockets
                .entry(inode)
                .and_modify(|held| {
                    if held.is_none_or(|held| held.pid != pid) {
                        *held = None;
                    }
                })
                .or_insert(Some(holder));
        }
        seen
    }
}

/// The number in `socket:[4711]`.
fn socket_inode(link: &Path) -> Option<u64> {
    link.to_str()?
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests;
