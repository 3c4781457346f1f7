//! Reading other programs' files, bounded: regular files only, each up to a size, folders up to a
//! number of entries, and all of it up to a budget. What is refused is counted and told in words,
//! without paths.

use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Limits;
use super::faults::{FAULTS, Fault};
use super::os::{open_regular, owner_of};

/// Entries of one folder that are read.
pub(super) const MAX_ENTRIES: usize = 4_096;
/// Largest settings file.
pub(super) const MAX_SETTINGS: u64 = 1 << 20;
/// Paths that one pattern is expanded to.
const MAX_EXPANDED: usize = 256;

/// An entry of a folder. Links are told apart by their own type, not that of their targets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
    pub(super) is_link: bool,
}

/// The disk, with what may still be read of it in this scan.
#[derive(Debug)]
pub(super) struct Disk {
    limits: Limits,
    started: Instant,
    entries: u64,
    bytes: u64,
    files: u64,
    faults: [u64; FAULTS.len()],
    is_spent: bool,
    /// Files must belong to this user or to user 0.
    pub(super) owner: Option<u32>,
}

impl Disk {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            started: Instant::now(),
            entries: 0,
            bytes: 0,
            files: 0,
            faults: [0; FAULTS.len()],
            is_spent: false,
            owner: None,
        }
    }

    /// Reads a whole file of at most `cap` bytes; what is missing gives nothing, quietly.
    pub(super) fn read(&mut self, path: &Path, cap: u64) -> Option<Vec<u8>> {
        if !self.may_go_on() {
            return None;
        }
        let (file, metadata) = match open_regular(path) {
            Ok(Some(opened)) => opened,
            Ok(None) => return self.fault(Fault::NotRegular),
            Err(error) => return self.failed(&error),
        };
        self.files = self.files.saturating_add(1);
        let is_foreign = |owner: u32| self.owner.is_some_and(|own| owner != own && owner != 0);
        if owner_of(&metadata).is_some_and(is_foreign) {
            return self.fault(Fault::ForeignOwner);
        }
        let mut bytes = Vec::new();
        match file.take(cap.saturating_add(1)).read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(error) => return self.failed(&error),
        }
        let length = bytes.len() as u64;
        self.bytes = self.bytes.saturating_add(length);
        if length > cap {
            return self.fault(Fault::TooLarge);
        }
        Some(bytes)
    }

    /// Reads at most `cap` bytes of a file that the kernel makes up, below `/proc` or `/sys`, which never blocks.
    pub(super) fn read_made_up(&mut self, path: &Path, cap: u64) -> Option<Vec<u8>> {
        if !self.may_go_on() {
            return None;
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(path).ok()?;
        file.take(cap).read_to_end(&mut bytes).ok()?;
        self.files = self.files.saturating_add(1);
        Some(bytes)
    }

    /// Lists a folder in the order of names; names that are not UTF-8 are nothing that the catalogue lists.
    pub(super) fn list(&mut self, folder: &Path) -> Vec<Entry> {
        self.list_up_to(folder, MAX_ENTRIES)
    }

    /// The same with another bound for the number of entries.
    pub(super) fn list_up_to(&mut self, folder: &Path, cap: usize) -> Vec<Entry> {
        if !self.may_go_on() {
            return Vec::new();
        }
        let read = match fs::read_dir(folder) {
            Ok(read) => read,
            Err(error) => {
                self.failed::<()>(&error);
                return Vec::new();
            }
        };
        let mut entries = Vec::new();
        for (count, entry) in read.enumerate() {
            if count >= cap {
                self.fault::<()>(Fault::LongFolder);
                break;
            }
            self.entries = self.entries.saturating_add(1);
            let Ok(entry) = entry else { continue };
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(Entry {
                    name,
                    path: entry.path(),
                    is_folder: kind.is_dir(),
                    is_link: kind.is_symlink(),
                });
            }
        }
        entries.sort_unstable();
        entries
    }

    /// Tells whether there is something of this name, which may be a link.
    pub(super) fn exists(&mut self, path: &Path) -> bool {
        self.may_go_on() && fs::symlink_metadata(path).is_ok()
    }

    /// Tells whether there is a folder, or a link to one.
    pub(super) fn is_folder(&mut self, path: &Path) -> bool {
        self.may_go_on() && fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
    }

    /// Length of a regular file, or of the one that a link leads to.
    pub(super) fn length(&mut self, path: &Path) -> Option<u64> {
        if !self.may_go_on() {
            return None;
        }
        self.entries = self.entries.saturating_add(1);
        let metadata = fs::metadata(path).ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// What a link says.
    pub(super) fn link(&mut self, path: &Path) -> Option<PathBuf> {
        if self.may_go_on() {
            fs::read_link(path).ok()
        } else {
            None
        }
    }

    /// Lists the paths below `base` that `pattern` names; a part of it may hold one `*` for any text.
    pub(super) fn expand(&mut self, base: &Path, pattern: &str) -> Vec<PathBuf> {
        let mut paths = vec![base.to_path_buf()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            if part == ".." {
                return Vec::new();
            }
            let Some((start, end)) = part.split_once('*') else {
                paths.iter_mut().for_each(|path| path.push(part));
                continue;
            };
            let mut found = Vec::new();
            for folder in &paths {
                let fits = |entry: &Entry| {
                    let long_enough = entry.name.len() >= start.len().saturating_add(end.len());
                    long_enough && entry.name.starts_with(start) && entry.name.ends_with(end)
                };
                let entries = self.list(folder).into_iter().filter(fits);
                found.extend(entries.map(|entry| entry.path));
            }
            if found.len() > MAX_EXPANDED {
                found.truncate(MAX_EXPANDED);
                self.fault::<()>(Fault::LongFolder);
            }
            paths = found;
        }
        paths
    }

    /// Counts a fault.
    pub(super) fn fault<T>(&mut self, fault: Fault) -> Option<T> {
        if let Some(count) = self.faults.get_mut(fault as usize) {
            *count = count.saturating_add(1);
        }
        None
    }

    fn failed<T>(&mut self, error: &std::io::Error) -> Option<T> {
        let kind = error.kind();
        if matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory) {
            None
        } else if kind == ErrorKind::PermissionDenied {
            self.fault(Fault::Denied)
        } else {
            self.fault(Fault::Unreadable)
        }
    }

    fn may_go_on(&mut self) -> bool {
        self.is_spent = self.is_spent
            || self.entries >= self.limits.entries
            || self.bytes >= self.limits.bytes
            || self.started.elapsed() >= self.limits.time;
        !self.is_spent
    }

    /// What could not be looked at, in words.
    pub(super) fn degradations(&self) -> Vec<String> {
        let faults = FAULTS
            .iter()
            .zip(&self.faults)
            .filter(|(_, count)| **count > 0);
        let mut told: Vec<String> = faults
            .map(|((_, _, words), count)| format!("presence: {count} {words}"))
            .collect();
        if self.is_spent {
            told.push(
                "presence: the scan stopped at its bounds of time, entries and bytes: AI tools that come later are not seen"
                    .to_owned(),
            );
        }
        told
    }

    /// What was done and what was refused.
    pub(super) fn counts(&self) -> Vec<(&'static str, u64)> {
        let elapsed = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut counts = vec![
            ("files_read", self.files),
            ("bytes_read", self.bytes),
            ("entries_seen", self.entries),
            ("microseconds", elapsed),
        ];
        let faults = FAULTS.iter().zip(&self.faults);
        counts.extend(faults.map(|((_, name, _), count)| (*name, *count)));
        counts
    }
}

/// File name of a path as text.
pub(super) fn name_of(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}
