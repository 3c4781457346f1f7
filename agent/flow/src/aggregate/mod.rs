//! Reports of all engines to one finding for each device, service, surface and window.

use std::time::Duration;

use wire::Timestamp;

use crate::coverage::{CoverageDelta, CoverageWindow};
use crate::engine::{REPORT_INTERVAL, WINDOW};
use crate::finding::{Epoch, Finding};
use crate::report::FlowReport;

/// How an aggregator is set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AggregatorConfig {
    /// The run or the capture.
    pub epoch: Epoch,
    /// Length of a window, aligned to the Unix epoch; the engines must have the same.
    pub window: Duration,
    /// A finding that goes on is emitted at most once in this time.
    pub report_interval: Duration,
    /// Whether [`Aggregator::handle_timeout`] opens a coverage window even when nothing was seen
    /// in it: right when the time is a clock's, wrong in a replay.
    pub idle_windows: bool,
}

impl AggregatorConfig {
    /// Returns the usual set-up for `epoch`.
    #[must_use]
    pub const fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            window: WINDOW,
            report_interval: REPORT_INTERVAL,
            idle_windows: false,
        }
    }
}

/// What an aggregator emits.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are findings, and each is moved once"
)]
pub enum Output {
    /// A finding, new or with a higher revision.
    Finding(Finding),
    /// What was seen of a window, new or with a higher revision.
    Coverage(CoverageWindow),
}

/// Counts of an aggregator, each with a stable name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AggregatorCounters {
    rows: Vec<(&'static str, u64)>,
}

impl AggregatorCounters {
    /// Returns every counter with its name, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.rows.iter().copied()
    }
}

/// Folds reports into findings.
#[derive(Debug)]
pub struct Aggregator {
    config: AggregatorConfig,
}

impl Aggregator {
    /// Starts with nothing reported.
    #[must_use]
    pub fn new(config: AggregatorConfig) -> Self {
        Self { config }
    }

    /// Takes one report.
    pub fn record(&mut self, report: FlowReport) {
        let _ = (report, &self.config);
    }

    /// Takes what the engine of `source` saw.
    pub fn record_coverage(&mut self, source: u16, delta: CoverageDelta) {
        let _ = (source, delta);
    }

    /// Takes how many frames the kernel dropped before `source` saw them, since it was last told.
    pub fn record_dropped(&mut self, source: u16, now: Timestamp, frames: u64) {
        let _ = (source, now, frames);
    }

    /// Lets time pass: emits what is due and closes windows that are over.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) has something to do, if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// Returns the next finding or coverage window to ship.
    pub fn poll(&mut self) -> Option<Output> {
        None
    }

    /// Ends the run: emits everything that changed and closes all windows.
    pub fn finish(&mut self) {}

    /// Returns what was counted so far.
    #[must_use]
    pub fn counters(&self) -> AggregatorCounters {
        AggregatorCounters::default()
    }
}
