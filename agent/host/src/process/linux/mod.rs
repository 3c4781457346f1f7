//! Processes as Linux shows them: `/proc`, or what a kernel event brought along.

mod background;
mod clock;
mod container;
mod debian;
mod facts;
mod login;
mod stat;
mod sys;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flow::{Package, ParentProcess, ProcessIdentity};
use wire::Timestamp;

use super::{home, package, redact, text};
use crate::bounded::Bounded;
use background::{Background, FileState};
use clock::BootClock;
pub(crate) use clock::{TICK_NANOS, wall_at_boot};
pub(crate) use facts::Facts;
use login::Accounts;
pub(crate) use stat::Stat;

/// Processes that are remembered.
const MAX_PROCESSES: usize = 4096;
/// Parents that are named.
pub(crate) const MAX_PARENTS: usize = 8;
const DELETED: &[u8] = b" (deleted)";

/// A process that was looked at.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which program it is.
    pub identity: Arc<ProcessIdentity>,
    /// Login name of its user, or the number where there is no name.
    pub login: Option<Arc<str>>,
}

/// Where the program file of a process can be read.
#[derive(Clone, Debug)]
struct Place {
    state: FileState,
    path: PathBuf,
    /// Its path where this system's packages put it; empty when it is in a container.
    installed: String,
}

#[derive(Clone, Debug)]
struct Entry {
    executable: Vec<u8>,
    name: Vec<u8>,
    place: Option<Place>,
    known: Known,
}

/// Makes identities of processes, and remembers them.
#[derive(Debug)]
pub struct Processes {
    proc: PathBuf,
    clock: BootClock,
    accounts: Accounts,
    background: Background,
    /// By pid and start time.
    entries: Bounded<(u32, Timestamp), Entry>,
}

impl Processes {
    /// Reads processes from a proc file system.
    #[must_use]
    pub fn open(proc: &Path) -> Self {
        Self {
            proc: proc.to_owned(),
            clock: BootClock::now(),
            accounts: Accounts::new(),
            background: Background::new(),
            entries: Bounded::new(MAX_PROCESSES),
        }
    }

    /// Returns the moment of the system's start, as the clock was when this was opened.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.clock.started()
    }

    /// Looks at a process; none when it is gone or became another one meanwhile.
    pub fn identify(&mut self, pid: u32) -> Option<Known> {
        let stat = Stat::read(&self.proc, pid)?;
        let executable = stat::executable(&self.proc, pid).unwrap_or_default();
        let key = (pid, self.clock.at_ticks(stat.start_ticks));
        if let Some(entry) = self.entries.find(&key)
            && entry.executable == executable
            && entry.name == stat.name
        {
            return Some(entry.known.clone());
        }
        let facts = Facts {
            pid,
            start_ticks: stat.start_ticks,
            executable,
            inode: None,
            arguments: stat::arguments(&self.proc, pid),
            groups: stat::groups(&self.proc, pid),
            uid: stat::uid(&self.proc, pid),
            parents: self.parents(&stat),
            name: stat.name,
        };
        // All of this was read of one process only if it is still the same one.
        (Stat::read(&self.proc, pid)?.start_ticks == facts.start_ticks)
            .then(|| self.describe(facts))
    }

    /// What a kernel event brought along, and of what it lacks that which the process still shows.
    pub(crate) fn with_rest(&self, mut facts: Facts) -> Facts {
        if !facts.executable.is_empty() && !facts.groups.trim_ascii().is_empty() {
            return facts;
        }
        let executable = stat::executable(&self.proc, facts.pid).unwrap_or_default();
        let groups = stat::groups(&self.proc, facts.pid);
        let same = Stat::read(&self.proc, facts.pid)
            .is_some_and(|stat| stat.start_ticks == facts.start_ticks && stat.name == facts.name);
        if same {
            if facts.executable.is_empty() {
                facts.executable = executable;
            }
            facts.groups.push_str(&groups);
        }
        facts
    }

    /// Makes an identity, and remembers it.
    pub(crate) fn describe(&mut self, facts: Facts) -> Known {
        let account = facts.uid.map(|uid| self.accounts.find(uid));
        let path = facts
            .executable
            .strip_suffix(DELETED)
            .unwrap_or(&facts.executable);
        let path = text::clean(path);
        let words = stat::words(&facts.arguments);
        let place = self.place(&facts, &path);
        let start_time = self.clock.at_ticks(facts.start_ticks);
        let (own_home, login) = account.as_ref().map_or((None, None), |a| {
            (a.home.as_deref(), Some(a.login.as_ref()))
        });
        let flatpak = || facts.groups.lines().find_map(container::flatpak_id);
        let identity = ProcessIdentity {
            pid: facts.pid,
            start_time,
            executable: home::shortened(&path, own_home, login),
            name: text::clean(&facts.name),
            command: redact::redacted_command(&path, &words),
            sha256: None,
            package: package::package_of_path(&path).or_else(|| {
                flatpak().map(|id| Package {
                    kind: "flatpak",
                    name: id.to_owned(),
                })
            }),
            container: facts
                .groups
                .lines()
                .find_map(container::container_id)
                .map(str::to_owned),
            parents: facts
                .parents
                .iter()
                .take(MAX_PARENTS)
                .map(|(pid, name)| ParentProcess {
                    pid: *pid,
                    name: text::clean(name),
                })
                .collect(),
        };
        let identity = Arc::new(self.filled(place.as_ref(), identity));
        let known = Known {
            identity,
            login: account.map(|account| account.login),
        };
        let entry = Entry {
            executable: facts.executable,
            name: facts.name,
            place,
            known: known.clone(),
        };
        self.entries.insert((facts.pid, start_time), entry);
        known
    }

    /// Returns the identity with what was found out since it was made: hash and package.
    #[must_use]
    pub fn completed(&mut self, process: &Arc<ProcessIdentity>) -> Arc<ProcessIdentity> {
        if process.sha256.is_some() {
            return Arc::clone(process);
        }
        let place = self
            .entries
            .find(&(process.pid, process.start_time))
            .filter(|entry| entry.known.identity.executable == process.executable)
            .and_then(|entry| entry.place.clone());
        let Some(place) = place else {
            return Arc::clone(process);
        };
        let filled = self.filled(Some(&place), process.as_ref().clone());
        if filled == **process {
            return Arc::clone(process);
        }
        let filled = Arc::new(filled);
        if let Some(entry) = self.entries.find(&(process.pid, process.start_time)) {
            entry.known.identity = Arc::clone(&filled);
        }
        filled
    }

    /// Program files that had no hash since too many waited, and identities that were forgotten.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 2] {
        [
            ("program_files_refused", self.background.refused()),
            ("processes_forgotten", self.entries.evicted()),
        ]
    }

    pub(crate) fn login(&mut self, uid: u32) -> Arc<str> {
        self.accounts.find(uid).login
    }

    pub(crate) fn at_ticks(&self, ticks: u64) -> Timestamp {
        self.clock.at_ticks(ticks)
    }

    /// Whether a process may have begun after a moment of the wall clock as it is now set. Its start is known
    /// to a tick only, and what began in the same tick may have begun later.
    pub(crate) fn began_after(&self, start: Timestamp, moment: Timestamp) -> bool {
        let set_since = wall_at_boot().saturating_sub(self.clock.started().as_nanos());
        let tick = i64::try_from(TICK_NANOS).unwrap_or_default();
        let latest = start
            .as_nanos()
            .saturating_add(tick)
            .saturating_add(set_since);
        latest > moment.as_nanos()
    }

    fn filled(&mut self, place: Option<&Place>, mut identity: ProcessIdentity) -> ProcessIdentity {
        let found = place.and_then(|place| {
            self.background
                .ask(place.state, &place.path, &place.installed)
        });
        if let Some(found) = found {
            identity.sha256 = found.sha256;
            identity.package = identity.package.or(found.package);
        }
        identity
    }

    /// Where the file is: under its own path when that is the same file, else through the process.
    fn place(&self, facts: &Facts, path: &str) -> Option<Place> {
        if path.is_empty() {
            return None;
        }
        let plain = Path::new(path);
        let link = self.proc.join(format!("{}/exe", facts.pid));
        let alive = || {
            Stat::read(&self.proc, facts.pid).is_some_and(|s| s.start_ticks == facts.start_ticks)
        };
        let running = FileState::of(&link).filter(|_| alive());
        let own = FileState::of(plain).filter(|state| match running {
            Some(running) => *state == running,
            None => facts.inode == Some(state.inode()) && !facts.executable.ends_with(DELETED),
        });
        match (own, running) {
            (Some(state), _) => Some(Place {
                state,
                path: plain.to_owned(),
                installed: path.to_owned(),
            }),
            (None, Some(state)) => Some(Place {
                state,
                path: link,
                installed: String::new(),
            }),
            (None, None) => None,
        }
    }

    /// The parent, and those above it up to the leader of the session.
    fn parents(&self, stat: &Stat) -> Vec<(u32, Vec<u8>)> {
        let mut parents = Vec::new();
        let mut pid = stat.parent;
        while pid != 0 && parents.len() < MAX_PARENTS {
            let Some(parent) = Stat::read(&self.proc, pid) else {
                break;
            };
            parents.push((pid, parent.name));
            if pid == stat.session || parent.session != stat.session {
                break;
            }
            pid = parent.parent;
        }
        parents
    }
}

#[cfg(test)]
mod tests;
