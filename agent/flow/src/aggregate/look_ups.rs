//! Look-ups on an endpoint of which no program is known wait a little for the contact they lead to.
//!
//! The resolver of the system asks on behalf of a program: the same use shows once as a look-up
//! without a program and once as the program's connection. The look-up strengthens the finding of
//! that connection, and stands alone only when no contact followed. Since the key of a finding that
//! was emitted stays, a look-up is held back before it may get a finding of its own; so it does not
//! matter whether it or the contact is reported first.

use std::collections::VecDeque;
use std::time::Duration;

use crate::device::Device;
use crate::finding::Stage;
use crate::report::FlowReport;

use super::flows::News;

/// Longest time that a look-up waits for its contact.
pub(super) const HOLD: Duration = Duration::from_secs(10);
/// Look-ups that wait at a time; beyond it the oldest goes at once, counted.
const MAX_HELD: usize = 4_096;

/// Look-ups that wait, in the order in which they came.
#[derive(Debug)]
pub(super) struct LookUps {
    hold: u64,
    held: VecDeque<(u64, FlowReport, News)>,
}

impl LookUps {
    /// `interval` is the time between two revisions of a finding: none waits longer.
    pub(super) fn new(interval: u64) -> Self {
        let hold = u64::try_from(HOLD.as_nanos()).unwrap_or(u64::MAX);
        Self {
            hold: hold.min(interval),
            held: VecDeque::new(),
        }
    }

    /// Whether a report is about a look-up that may be somebody else's.
    pub(super) fn wants(report: &FlowReport) -> bool {
        report.device == Device::Enrolled
            && report.flow.is_none()
            && report.socket.is_some()
            && report.stage == Stage::Resolved
            && report.stands_alone
            && report.attribution.process.is_none()
    }

    /// Holds a look-up back; returns one that must go at once to make room.
    pub(super) fn hold(
        &mut self,
        report: FlowReport,
        news: News,
        elapsed: u64,
    ) -> Option<(FlowReport, News)> {
        let due = elapsed.saturating_add(self.hold);
        self.held.push_back((due, report, news));
        if self.held.len() <= MAX_HELD {
            return None;
        }
        self.take(u64::MAX)
    }

    /// Takes the first that has waited long enough when `elapsed` has passed.
    pub(super) fn take(&mut self, elapsed: u64) -> Option<(FlowReport, News)> {
        let (due, ..) = self.held.front()?;
        if *due > elapsed {
            return None;
        }
        let (_, report, news) = self.held.pop_front()?;
        Some((report, news))
    }

    pub(super) fn next_due(&self) -> Option<u64> {
        self.held.front().map(|(due, ..)| *due)
    }
}
