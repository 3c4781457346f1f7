//! What can go wrong, sorted by what the caller can do about it.

use std::io;
use std::path::PathBuf;

/// Why the spool refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process has the spool open: stop it, or use another folder.
    #[error("the spool in {} is in use by another process", dir.display())]
    InUse {
        /// The spool's folder.
        dir: PathBuf,
    },
    /// The folder or a file in it cannot be made, opened, read or removed: fix permissions or the path.
    #[error("cannot use {}", path.display())]
    Access {
        /// The file or folder in question.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Bytes could not be written or made durable (disk full, disk broken): free space, then try
    /// again. What was accepted before is still there, and nothing of the refused call is.
    #[error("cannot write to {}", path.display())]
    Write {
        /// The file that refused.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The record can never fit: make it smaller, or the limit larger.
    #[error("a record of {bytes} bytes is larger than the limit of {limit}")]
    RecordTooLarge {
        /// Length of the refused record.
        bytes: usize,
        /// The longest that would be taken.
        limit: usize,
    },
    /// The folder was written by a newer version of the format: run that version, or use another folder.
    #[error("{} has format version {found}, this program reads up to {supported}", path.display())]
    NewerFormat {
        /// The file in question.
        path: PathBuf,
        /// The version it says.
        found: u8,
        /// The newest version this program reads.
        supported: u8,
    },
}
