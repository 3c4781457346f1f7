//! Traces of AI tools: installed, configured, running.
//!
//! [`Scanner`] looks once through home folders, the system and the running programs; [`Worker`]
//! does that on a thread of low priority, at start, after changes and now and then. Only what the
//! catalogue lists is kept, see [`flow::Wanted`]; of settings of other programs only a few facts.

mod disk;
mod faults;
#[doc(hidden)]
pub mod fuzzing;
mod homes;
mod look;
mod mcp;
mod os;
mod power;
mod read;
mod scan;
mod schedule;
mod text;
mod watch;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flow::{Trace, Wanted};

pub use scan::Scanner;
pub use schedule::Pace;
pub use worker::Worker;

/// What a scan looks through, and how much work it may do.
#[derive(Clone, Debug)]
pub struct PresenceConfig {
    /// Home folders.
    pub homes: Homes,
    /// Folder that everything else is below: `/`, or another one in tests.
    pub root: PathBuf,
    /// What the catalogue lists.
    pub wanted: Arc<Wanted>,
    /// Bounds of one scan.
    pub limits: Limits,
}

impl PresenceConfig {
    /// Returns the usual set-up: all home folders of this system.
    #[must_use]
    pub fn new(wanted: Arc<Wanted>) -> Self {
        Self {
            homes: Homes::Auto,
            root: PathBuf::from("/"),
            wanted,
            limits: Limits::default(),
        }
    }
}

/// Lists the ids of the services whose settings, models or accounts are read.
#[must_use]
pub fn tools() -> Vec<&'static str> {
    let mut tools: Vec<&'static str> = mcp::tools()
        .chain(look::accounts::tools())
        .chain(look::autonomy::tools())
        .chain(look::models::tools())
        .collect();
    tools.sort_unstable();
    tools.dedup();
    tools
}

/// Which home folders are looked through.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Homes {
    /// Those of the people that the system knows.
    #[default]
    Auto,
    /// These; each belongs to the person whose login name is that of the folder.
    Listed(Vec<PathBuf>),
}

/// Bounds of one scan; what is beyond them is counted and told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Time that a scan may take.
    pub time: Duration,
    /// Entries of folders that are read in one scan.
    pub entries: u64,
    /// Bytes of files that are read in one scan.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            entries: 400_000,
            bytes: 128 << 20,
        }
    }
}

/// What one scan found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scan {
    /// Traces, in a fixed order, no two alike.
    pub traces: Vec<Trace>,
    /// What could not be looked at, why, and what is lost by that; without paths and names.
    pub degradations: Vec<String>,
    /// What was done and what was refused, by name.
    pub counts: Vec<(&'static str, u64)>,
}
