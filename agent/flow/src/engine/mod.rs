//! Frames to reports: a tracker with a catalogue. Only wires.

mod account;
mod blind_spots;
mod bytes;
mod config;
mod counters;
mod counting;
mod devices;
mod dhcp;
mod found;
mod hidden;
mod ladder;
mod looking_up;
mod mentions;
mod observing;
mod reporting;
mod state;
mod station;
mod thresholds;
mod watched;

use std::net::IpAddr;
use std::sync::Arc;

use signatures::Catalogue;
use wire::{Frame, Timestamp};

pub use config::{EngineConfig, Mode, REPORT_INTERVAL, WINDOW};
pub use counters::EngineCounters;
use state::State;

use crate::coverage::CoverageDelta;
use crate::report::FlowReport;
use crate::tracker::{AHEAD, Ahead, Tracker};

/// Nanoseconds of packet time after which coverage is accounted.
const ACCOUNT_EVERY: u64 = 60_000_000_000;

/// Turns frames into reports about flows that match the catalogue; one for each capture queue.
#[derive(Debug)]
pub struct Engine {
    tracker: Tracker,
    state: State,
    /// Elapsed time at which coverage is to be accounted.
    account_at: u64,
}

impl Engine {
    /// Starts with nothing seen.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        Self {
            tracker: Tracker::new(config.tracker()),
            state: State::new(&config),
            account_at: ACCOUNT_EVERY,
        }
    }

    /// Takes one frame.
    pub fn handle_frame(&mut self, frame: &Frame<'_>) {
        self.pass_time(frame.ts);
        self.state.count_frame(frame);
        self.tracker.handle_frame(frame, &mut self.state);
    }

    /// Takes frames in their order; faster than one by one where many flows are followed.
    pub fn handle_frames(&mut self, frames: &[Frame<'_>]) {
        let mut ahead = [Ahead::EMPTY; AHEAD];
        for frames in frames.chunks(AHEAD) {
            self.tracker.look_ahead(frames, &mut ahead);
            for (frame, ahead) in frames.iter().zip(&ahead) {
                self.pass_time(frame.ts);
                self.state.count_frame(frame);
                self.tracker.handle_ahead(frame, ahead, &mut self.state);
            }
        }
    }

    /// Lets time pass without a frame.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.pass_time(now);
        self.tracker.handle_timeout(now, &mut self.state);
    }

    #[inline(always)]
    fn pass_time(&mut self, ts: Timestamp) {
        if !self.state.clock.observe_calm(ts, self.state.calm_until) {
            self.leave_calm(ts);
        }
    }

    /// Before time passes into another window, everything in this one is reported.
    fn leave_calm(&mut self, ts: Timestamp) {
        if self.state.leaves_window(ts) {
            self.state.report_all();
            self.account();
        }
        self.state.pass_time(ts);
        if self.state.clock.elapsed() >= self.account_at {
            self.account();
        }
        let account = self.state.clock.when(self.account_at);
        self.state.expect_calm(account);
    }

    fn account(&mut self) {
        self.account_at = self.state.clock.elapsed().saturating_add(ACCOUNT_EVERY);
        if self.state.account.is_open() {
            self.state
                .account
                .cut(&self.tracker.counters(), self.state.clock.now());
        }
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) has something to do, if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let account = self
            .state
            .account
            .is_open()
            .then(|| self.state.clock.when(self.account_at));
        [self.tracker.poll_timeout(), self.state.next_due(), account]
            .into_iter()
            .flatten()
            .min()
    }

    /// Returns the next report.
    pub fn poll_report(&mut self) -> Option<FlowReport> {
        self.state.poll_report()
    }

    /// Ends every flow: the capture is over. Reports and coverage are still to be taken.
    pub fn finish(&mut self) {
        self.state.finish();
        self.tracker.finish(&mut self.state);
        self.account();
    }

    /// Returns the coverage accounts that are complete; after [`finish`](Self::finish) all.
    pub fn take_coverage(&mut self) -> CoverageDelta {
        self.state.account.take()
    }

    /// Looks for `catalogue` from now on; flows that matched already stay matched.
    pub fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.state.lookout.set_catalogue(catalogue);
    }

    /// Takes the machine's present addresses; without effect on a tap.
    pub fn set_local_addresses(&mut self, addresses: &[IpAddr]) {
        self.state.devices.set_local_addresses(addresses);
    }

    /// Returns what was counted so far, the tracker's counters included.
    #[must_use]
    pub fn counters(&self) -> EngineCounters {
        let mut rows: Vec<_> = self.tracker.counters().iter().collect();
        rows.extend(self.state.counts.rows());
        rows.push(("names_forgotten", self.state.names.forgotten()));
        EngineCounters { rows }
    }
}
