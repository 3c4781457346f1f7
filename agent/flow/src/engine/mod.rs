//! Frames to reports: a tracker with a catalogue. Only wires.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use signatures::{Catalogue, ServiceId};
use wire::{Frame, Timestamp};

use crate::coverage::CoverageDelta;
use crate::report::FlowReport;
use crate::tracker::{MAX_DISSECTOR_MEMORY, MAX_FLOWS_TAP};

/// Length of a window unless it is set otherwise.
pub const WINDOW: Duration = Duration::from_secs(3600);
/// How often a flow or a finding is reported while it goes on, unless set otherwise.
pub const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Where the sensor stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// On the machine whose traffic it reports: only flows that one of these addresses opened.
    Endpoint {
        /// Addresses of the machine; loopback always counts as one.
        local_addresses: Vec<IpAddr>,
    },
    /// On a tap, a SPAN port or a capture: each client is a device.
    Tap,
}

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where the sensor stands.
    pub mode: Mode,
    /// What is looked for.
    pub catalogue: Arc<Catalogue>,
    /// Index of the capture source, told apart in "seen twice".
    pub source: u16,
    /// Flows followed at a time.
    pub max_flows: usize,
    /// Bytes that all dissectors may hold together.
    pub dissector_memory: usize,
    /// Length of a window; the aggregator must have the same.
    pub window: Duration,
    /// How often a flow is reported while it goes on.
    pub report_interval: Duration,
    /// Shared services that make a finding by themselves.
    pub shared_services: BTreeSet<ServiceId>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Tap,
            catalogue: Arc::clone(Catalogue::builtin()),
            source: 0,
            max_flows: MAX_FLOWS_TAP,
            dissector_memory: MAX_DISSECTOR_MEMORY,
            window: WINDOW,
            report_interval: REPORT_INTERVAL,
            shared_services: BTreeSet::new(),
        }
    }
}

/// Counts of an engine, each with a stable name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EngineCounters {
    rows: Vec<(&'static str, u64)>,
}

impl EngineCounters {
    /// Returns every counter with its name, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.rows.iter().copied()
    }
}

/// Turns frames into reports about flows that match the catalogue; one for each capture queue.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
}

impl Engine {
    /// Starts with nothing seen.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        Self { config }
    }

    /// Takes one frame.
    pub fn handle_frame(&mut self, frame: &Frame<'_>) {
        let _ = frame;
    }

    /// Lets time pass without a frame.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) has something to do, if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// Returns the next report.
    pub fn poll_report(&mut self) -> Option<FlowReport> {
        None
    }

    /// Ends every flow: the capture is over. Reports and coverage are still to be taken.
    pub fn finish(&mut self) {}

    /// Returns the coverage accounts that are complete; after [`finish`](Self::finish) all.
    pub fn take_coverage(&mut self) -> CoverageDelta {
        CoverageDelta::default()
    }

    /// Looks for `catalogue` from now on; flows that matched already stay matched.
    pub fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.config.catalogue = catalogue;
    }

    /// Takes the machine's present addresses; without effect on a tap.
    pub fn set_local_addresses(&mut self, addresses: &[IpAddr]) {
        if let Mode::Endpoint { local_addresses } = &mut self.config.mode {
            *local_addresses = addresses.to_vec();
        }
    }

    /// Returns what was counted so far, the tracker's counters included.
    #[must_use]
    pub fn counters(&self) -> EngineCounters {
        EngineCounters::default()
    }
}
