//! What can go wrong in a store, by what the caller can do about it.

use std::path::PathBuf;

use inventory::{Invalid, SensorId};

/// Why a store did not do it. Whatever it was, nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk, or the space allowed, is full: make room and try again.
    #[error("no space left for the inventory; make room, agents keep their data until then")]
    Full(#[source] rusqlite::Error),
    /// The files cannot be written: correct owner, permissions or mount and try again.
    #[error("the inventory at {} cannot be written; check owner, permissions and mount", .path.display())]
    Unwritable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Somebody else holds it: try again soon.
    #[error("the inventory is busy; try again")]
    Busy(#[source] rusqlite::Error),
    /// The file is damaged or is no inventory: restore a backup.
    #[error("{} is damaged or is no inventory; restore a backup", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said, where it was SQLite.
        #[source]
        source: Option<rusqlite::Error>,
    },
    /// The file is from a newer collector: upgrade this one.
    #[error(
        "the inventory has schema {found}, this collector knows up to {supported}; upgrade the collector"
    )]
    TooNew {
        /// Version in the file.
        found: u32,
        /// Highest version known here.
        supported: u32,
    },
    /// Name, serial, secret or file is taken: choose another.
    #[error("{what} is there already")]
    Exists {
        /// What it is.
        what: &'static str,
    },
    /// No such sensor is enrolled: enrol it.
    #[error("sensor {0} is not enrolled")]
    UnknownSensor(SensorId),
    /// The sensor was revoked: refuse it.
    #[error("sensor {0} is revoked")]
    Revoked(SensorId),
    /// A record breaks the rules: refuse it for good.
    #[error("the record is not valid")]
    Invalid(#[from] Invalid),
    /// The cursor is not one that this store gave: begin with the first page.
    #[error("the page marker is not one of this query; begin with the first page")]
    BadCursor,
    /// Reading or writing failed in the system: look at the disk, try again.
    #[error("the inventory could not be read or written")]
    Database(#[source] rusqlite::Error),
    /// The file that was to be written could not be.
    #[error("{} could not be written", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
