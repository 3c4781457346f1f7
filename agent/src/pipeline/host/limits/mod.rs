//! Keeps the agent within what it may cost on an endpoint.

mod budget;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

use std::time::{Duration, Instant};

use budget::Budget;
pub(super) use budget::Step;

use super::super::Shared;

/// Time between two looks, and over which the processor's share is taken.
const INTERVAL: Duration = Duration::from_secs(60);

/// Looks now and then at what the agent uses.
#[derive(Debug)]
pub(super) struct Limits {
    shared: Shared,
    budget: Budget,
    started: Instant,
    next: Instant,
}

impl Limits {
    pub(super) fn new(shared: &Shared) -> Self {
        let limits = shared.config.limits;
        let started = Instant::now();
        Self {
            shared: shared.clone(),
            budget: Budget::new(limits.cpu_percent, limits.memory_bytes),
            started,
            // The start itself, which reads the catalogue and scans once, is not held against it.
            next: started + INTERVAL,
        }
    }

    /// What is shed from now on, when it is time to look.
    pub(super) fn look(&mut self) -> Option<Step> {
        if self.next > Instant::now() {
            return None;
        }
        self.next = Instant::now() + INTERVAL;
        let used = imp::used()?;
        let step = self.budget.look(self.started.elapsed(), used);
        let problem = self.budget.problem();
        self.shared
            .health
            .update(|status| status.over_budget = problem);
        Some(step)
    }
}
