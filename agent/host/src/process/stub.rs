//! Where processes are not read yet.

use std::path::Path;
use std::sync::Arc;

use flow::ProcessIdentity;
use wire::Timestamp;

/// A process that was looked at.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which program it is.
    pub identity: Arc<ProcessIdentity>,
    /// Login name of its user, or the number where there is no name.
    pub login: Option<Arc<str>>,
}

/// Makes identities of processes: nothing here.
#[derive(Debug)]
pub struct Processes;

impl Processes {
    /// Opens nothing.
    #[must_use]
    pub const fn open(_proc: &Path) -> Self {
        Self
    }

    /// Looks at a process; it is not known.
    pub fn identify(&mut self, _pid: u32) -> Option<Known> {
        None
    }

    /// Returns the moment of the system's start by the clock of now.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        Timestamp::from_nanos(0)
    }

    /// Returns the identity with what was found out since it was made.
    #[must_use]
    pub fn completed(&mut self, process: &Arc<ProcessIdentity>) -> Arc<ProcessIdentity> {
        Arc::clone(process)
    }
}
