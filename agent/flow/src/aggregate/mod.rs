//! Reports of all engines to one finding for each device, service, surface and window.
//!
//! A finding is emitted shortly after its first report, then at most once in each report interval
//! while it grows, and a last time when its window closes; each time with all its counters and a
//! higher revision. Time is that of the reports, so how often [`Aggregator::handle_timeout`] is
//! called in between changes nothing. Findings and coverage keep time apart, since their reports
//! may be handed over in any order between two engines' batches.

mod counters;
mod coverage;
mod findings;
mod flows;
mod judge;
mod look_ups;
mod open;

use std::collections::VecDeque;
use std::time::Duration;

use wire::Timestamp;

pub use counters::AggregatorCounters;
use counters::{Counts, bump};
use coverage::Coverage;
use findings::{Findings, Pace};
use flows::{Flows, News, Refused};
use look_ups::LookUps;

use crate::coverage::{CoverageDelta, CoverageSlice, CoverageWindow};
use crate::engine::{REPORT_INTERVAL, WINDOW};
use crate::finding::{Epoch, Finding};
use crate::report::FlowReport;
use crate::tracker::Clock;
use crate::window::Windows;

/// From the first report of a finding to its first revision, at most: the handshake and the first
/// exchange then make one revision, not three.
const FIRST_AFTER: Duration = Duration::from_secs(2);
/// A window closes at the latest this long after its end, so that what was under way arrives.
const LONGEST_GRACE: Duration = Duration::from_secs(300);

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

/// Folds reports into findings.
#[derive(Debug)]
pub struct Aggregator {
    config: AggregatorConfig,
    windows: Windows,
    grace: Duration,
    pace: Pace,
    findings_clock: Clock,
    findings: Findings,
    flows: Flows,
    look_ups: LookUps,
    coverage_clock: Clock,
    coverage: Coverage,
    counts: Counts,
    found: VecDeque<Finding>,
    covered: VecDeque<CoverageWindow>,
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Aggregator {
    /// Starts with nothing reported.
    #[must_use]
    pub fn new(config: AggregatorConfig) -> Self {
        let windows = Windows::new(config.window);
        let interval = nanos(config.report_interval);
        Self {
            windows,
            grace: config.report_interval.saturating_mul(2).min(LONGEST_GRACE),
            pace: Pace {
                first: interval.min(nanos(FIRST_AFTER)),
                interval,
            },
            findings_clock: Clock::default(),
            findings: Findings::default(),
            flows: Flows::default(),
            look_ups: LookUps::new(interval),
            coverage_clock: Clock::default(),
            coverage: Coverage::new(config.epoch, windows, interval),
            counts: Counts::default(),
            found: VecDeque::new(),
            covered: VecDeque::new(),
            config,
        }
    }

    /// Takes one report.
    pub fn record(&mut self, report: FlowReport) {
        self.pass_time_for_findings(report.at);
        let elapsed = self.findings_clock.elapsed();
        let news = match self.flows.news(&report) {
            Ok(news) => news,
            Err(Refused::SeenTwice) => return bump(&mut self.counts.reports_seen_twice),
            Err(Refused::OverCap) => return bump(&mut self.counts.reports_over_cap),
        };
        let epoch = self.config.epoch;
        if !report.stands_alone {
            let with = (self.pace, &mut self.counts);
            self.findings.support(epoch, &report, &news, elapsed, with);
        } else if LookUps::wants(&report) {
            if let Some((first, news)) = self.look_ups.hold(report, news, elapsed) {
                bump(&mut self.counts.look_ups_not_held);
                self.settle(&first, &news);
            }
        } else {
            let with = (self.pace, &mut self.counts, &mut self.found);
            self.findings
                .fold((epoch, None), &report, &news, elapsed, with);
        }
    }

    /// Gives a look-up to the contact it led to, else lets it stand alone.
    fn settle(&mut self, report: &FlowReport, news: &News) {
        let epoch = self.config.epoch;
        let contact = self.findings.contact_of(epoch, report);
        if contact.is_some() {
            bump(&mut self.counts.look_ups_joined);
        }
        let elapsed = self.findings_clock.elapsed();
        let with = (self.pace, &mut self.counts, &mut self.found);
        self.findings
            .fold((epoch, contact), report, news, elapsed, with);
    }

    /// Takes what the engine of `source` saw.
    pub fn record_coverage(&mut self, source: u16, delta: CoverageDelta) {
        let _ = source;
        for slice in delta.slices {
            self.pass_time_for_coverage(slice.at);
            let elapsed = self.coverage_clock.elapsed();
            self.coverage
                .add(&slice, elapsed, &mut self.counts, &mut self.covered);
        }
    }

    /// Takes how many frames the kernel dropped before `source` saw them, since it was last told.
    pub fn record_dropped(&mut self, source: u16, now: Timestamp, frames: u64) {
        let slice = CoverageSlice {
            window_start: self.windows.start_of(now),
            at: now,
            first_seen: now,
            last_seen: now,
            frames_dropped: frames,
            ..CoverageSlice::default()
        };
        if frames > 0 {
            self.record_coverage(
                source,
                CoverageDelta {
                    slices: vec![slice],
                },
            );
        }
    }

    /// Lets time pass: emits what is due and closes windows that are over.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.pass_time_for_findings(now);
        self.pass_time_for_coverage(now);
        if self.config.idle_windows {
            let elapsed = self.coverage_clock.elapsed();
            self.coverage
                .open_idle(now, elapsed, &mut self.counts, &mut self.covered);
        }
    }

    fn pass_time_for_findings(&mut self, at: Timestamp) {
        self.findings_clock.observe(at);
        while let Some((report, news)) = self.look_ups.take(self.findings_clock.elapsed()) {
            self.settle(&report, &news);
        }
        self.findings
            .emit_due(self.findings_clock.elapsed(), &mut self.found);
        let now = self.findings_clock.now();
        self.findings
            .close_before(now, (self.windows, self.grace), &mut self.found);
    }

    fn pass_time_for_coverage(&mut self, at: Timestamp) {
        self.coverage_clock.observe(at);
        self.coverage
            .emit_due(self.coverage_clock.elapsed(), &mut self.covered);
        self.coverage
            .close_before(self.coverage_clock.now(), self.grace, &mut self.covered);
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) has something to do, if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let end = |start| self.windows.end_of(start).saturating_add(self.grace);
        [
            self.findings
                .next_due()
                .map(|due| self.findings_clock.when(due)),
            self.look_ups
                .next_due()
                .map(|due| self.findings_clock.when(due)),
            self.coverage
                .next_due()
                .map(|due| self.coverage_clock.when(due)),
            self.findings.first_window().map(end),
            self.coverage.first_window().map(end),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Returns all findings that are to be shipped.
    pub fn take_findings(&mut self) -> VecDeque<Finding> {
        let found = std::mem::take(&mut self.found);
        let taken = u64::try_from(found.len()).unwrap_or(u64::MAX);
        self.counts.findings_emitted = self.counts.findings_emitted.saturating_add(taken);
        found
    }

    /// Returns the next finding or coverage window to ship; findings come first.
    pub fn poll(&mut self) -> Option<Output> {
        if let Some(finding) = self.found.pop_front() {
            bump(&mut self.counts.findings_emitted);
            return Some(Output::Finding(finding));
        }
        let window = self.covered.pop_front()?;
        bump(&mut self.counts.coverage_emitted);
        Some(Output::Coverage(window))
    }

    /// Ends the run: emits everything that changed and closes all windows. Nothing is to be recorded after it.
    pub fn finish(&mut self) {
        while let Some((report, news)) = self.look_ups.take(u64::MAX) {
            self.settle(&report, &news);
        }
        self.findings.finish(&mut self.found);
        self.coverage.finish(&mut self.covered);
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn counters(&self) -> AggregatorCounters {
        AggregatorCounters {
            rows: self.counts.rows(),
        }
    }
}
