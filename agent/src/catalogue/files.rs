//! What is kept of bundles, in the folder `catalogue` of the state folder.
//!
//! | file | what |
//! |---|---|
//! | `key.pub` | the key that came with the enrolment |
//! | `current.gnomcat` | the bundle that runs |
//! | `previous.gnomcat` | the one before, for when the other cannot be read |
//! | `newest` | the highest number that was ever accepted, so that deleting the bundles does not let an old one in |

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use signatures::bundle::{MAX_BUNDLE_BYTES, PublicKey};

use crate::state::{Audience, StateDir, replace};

/// Longest file of a key or a number, in bytes.
const MAX_SMALL: usize = 4096;

/// The files of bundles.
#[derive(Clone, Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

/// Keeps the key that came with an enrolment; an enrolment that brings none takes away the one before.
pub(crate) fn pin(state: &StateDir, key: Option<&PublicKey>) -> Result<()> {
    let path = state.catalogue_dir().join("key.pub");
    match key {
        Some(key) => replace(&path, key.to_file().as_bytes(), Audience::Agent),
        None => match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    }
    .with_context(|| format!("cannot write {}", path.display()))
}

impl Files {
    pub(super) fn new(state: &StateDir) -> Self {
        Self {
            folder: state.catalogue_dir(),
        }
    }

    /// The key that counts: the one of the configuration, else the one of the enrolment.
    pub(super) fn key(&self, configured: Option<&Path>) -> Result<Option<PublicKey>> {
        let pinned = self.folder.join("key.pub");
        let path = configured.unwrap_or(&pinned);
        let text = match read(path, MAX_SMALL) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && configured.is_none() => {
                return Ok(None);
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let text = String::from_utf8_lossy(&text);
        let key = text.parse().with_context(|| path.display().to_string())?;
        Ok(Some(key))
    }

    pub(super) fn current(&self) -> io::Result<Option<Vec<u8>>> {
        self.bundle("current.gnomcat")
    }

    pub(super) fn previous(&self) -> io::Result<Option<Vec<u8>>> {
        self.bundle("previous.gnomcat")
    }

    /// The highest number that was ever accepted; 0 when there was none.
    pub(super) fn newest(&self) -> u64 {
        let text = read(&self.folder.join("newest"), MAX_SMALL).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.trim().parse().unwrap_or(0)
    }

    /// Keeps a bundle that was accepted. The number comes last: a crash before it costs nothing, for the bundle says it too.
    pub(super) fn keep(&self, bytes: &[u8], number: u64) -> Result<()> {
        let write = |name: &str, bytes: &[u8]| {
            let path = self.folder.join(name);
            replace(&path, bytes, Audience::Agent)
                .with_context(|| format!("cannot write {}", path.display()))
        };
        if let Some(before) = self.current().context("cannot read the bundle before")? {
            write("previous.gnomcat", &before)?;
        }
        write("current.gnomcat", bytes)?;
        write("newest", format!("{number}\n").as_bytes())
    }

    fn bundle(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match read(&self.folder.join(name), MAX_BUNDLE_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Reads a file that is no longer than `most`; of a longer one a byte more, so that it is refused later.
pub(super) fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
