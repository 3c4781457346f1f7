//! The agent's folder: what is in it, and how files are written so that a crash leaves the old or
//! the new one, never a part.
//!
//! | path | what | who may read |
//! |---|---|---|
//! | `identity/agent.json` | private key, certificates, collector, sensor id | the agent alone |
//! | `identity/privacy.json` | how users are named, and the fleet's key | the agent alone |
//! | `catalogue/` | catalogue bundles, and the key that checks them | the agent alone |
//! | `spool/` | records that are not acknowledged yet | the agent alone |
//! | `reported.jsonl`, `reported.old.jsonl` | what was reported (see [`journal`]) | everybody on an endpoint |
//! | `waiting.json` | what waits to be reported (see [`waiting`]) | everybody on an endpoint |
//! | `status.json` | how the agent is doing (see [`status`]) | everybody on an endpoint |
//! | `agent.lock` | locked while an agent runs | the agent alone |

pub(crate) mod journal;
#[cfg_attr(unix, path = "permissions/unix.rs")]
#[cfg_attr(not(unix), path = "permissions/stub.rs")]
mod permissions;
pub(crate) mod status;
pub(crate) mod waiting;

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Audience {
    /// The user that the agent runs as.
    Agent,
    /// Every user of the machine.
    Everybody,
}

/// The folder, and the names of what is in it.
#[derive(Clone, Debug)]
pub(crate) struct StateDir {
    root: PathBuf,
}

impl StateDir {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn identity_file(&self) -> PathBuf {
        self.root.join("identity").join("agent.json")
    }

    pub(crate) fn privacy_file(&self) -> PathBuf {
        self.root.join("identity").join("privacy.json")
    }

    pub(crate) fn spool_dir(&self) -> PathBuf {
        self.root.join("spool")
    }

    pub(crate) fn catalogue_dir(&self) -> PathBuf {
        self.root.join("catalogue")
    }

    pub(crate) fn status_file(&self) -> PathBuf {
        self.root.join("status.json")
    }

    pub(crate) fn journal_file(&self) -> PathBuf {
        self.root.join("reported.jsonl")
    }

    pub(crate) fn waiting_file(&self) -> PathBuf {
        self.root.join("waiting.json")
    }

    pub(crate) fn old_journal_file(&self) -> PathBuf {
        self.root.join("reported.old.jsonl")
    }

    fn lock_file(&self) -> PathBuf {
        self.root.join("agent.lock")
    }

    /// Makes the folder and the private folders in it.
    pub(crate) fn create(&self) -> Result<()> {
        if !self.root.is_dir() {
            permissions::create_dir(&self.root, Audience::Everybody).with_context(|| {
                format!("cannot create the state folder {}", self.root.display())
            })?;
        }
        for private in [
            self.root.join("identity"),
            self.catalogue_dir(),
            self.spool_dir(),
        ] {
            permissions::create_dir(&private, Audience::Agent)
                .with_context(|| format!("cannot create {}", private.display()))?;
        }
        Ok(())
    }

    /// Takes the lock that one running agent holds; it ends with the returned file.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.lock_file();
        let file = permissions::open_for_writing(&path, Audience::Agent)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => bail!(
                "another gnomon-agent runs with the state folder {}; stop it, or give this one \
                 another folder with --state-dir",
                self.root.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Whether an agent runs with this folder.
    pub(crate) fn is_running(&self) -> Result<bool> {
        let path = self.lock_file();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot look at {}", path.display()))
            }
        }
    }
}

/// Replaces the file at `path` by one that holds `bytes`, durably and at once.
pub(crate) fn replace(path: &Path, bytes: &[u8], audience: Audience) -> io::Result<()> {
    swap(path, |temporary| {
        let mut file = permissions::create_new(temporary, audience)?;
        file.write_all(bytes)?;
        file.sync_all()
    })?;
    permissions::sync_parent(path)
}

/// Replaces the file at `path` at once, but leaves it to the system when that becomes durable: for
/// what is written often and is worth nothing after a power cut.
pub(crate) fn publish(path: &Path, bytes: &[u8], audience: Audience) -> io::Result<()> {
    swap(path, |temporary| {
        permissions::create_new(temporary, audience)?.write_all(bytes)
    })
}

fn swap(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    remove(&temporary)?;
    let swapped = write(&temporary).and_then(|()| fs::rename(&temporary, path));
    if swapped.is_err() {
        // What could not be written is of no use; the error that matters is the first.
        drop(remove(&temporary));
    }
    swapped
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Opens `path` to append to it, making it when it is not there.
pub(crate) fn append(path: &Path, audience: Audience) -> io::Result<File> {
    permissions::open_for_appending(path, audience)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_even_when_a_crash_left_its_successor() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("file");
        replace(&path, b"one", Audience::Agent).expect("written");
        fs::write(dir.path().join("file.new"), b"torn").expect("written");
        replace(&path, b"two", Audience::Agent).expect("written");
        assert_eq!(fs::read(&path).expect("readable"), b"two");
    }

    #[test]
    fn the_lock_says_that_an_agent_runs() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let state = StateDir::new(dir.path());
        assert!(!state.is_running().expect("readable"));
        let lock = state.lock().expect("free");
        assert!(state.is_running().expect("readable"));
        assert!(state.lock().is_err());
        drop(lock);
        assert!(!state.is_running().expect("readable"));
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_for_the_agent_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("temporary folder");
        let state = StateDir::new(&dir.path().join("state"));
        state.create().expect("made");
        replace(&state.identity_file(), b"key", Audience::Agent).expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&state.identity_file()), 0o600);
        assert_eq!(
            mode(state.identity_file().parent().expect("has one")),
            0o700
        );
        assert_eq!(mode(&state.spool_dir()), 0o700);
    }
}
