//! Frames to flows and messages, without a catalogue.

mod counters;
mod observer;

use wire::{Frame, Timestamp};

pub use counters::TrackerCounters;
pub use observer::{EndReason, FlowId, FlowView, MessageContext, Observer};

/// Flows that a tap follows at a time.
pub const MAX_FLOWS_TAP: usize = 1_000_000;
/// Flows that an endpoint follows at a time.
pub const MAX_FLOWS_ENDPOINT: usize = 65_536;
/// Bytes that all dissectors of a tap may hold together.
pub const MAX_DISSECTOR_MEMORY: usize = 64 << 20;

/// Caps of a tracker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrackerConfig {
    /// Flows followed at a time.
    pub max_flows: usize,
    /// Bytes that all dissectors may hold together.
    pub dissector_memory: usize,
}

impl Default for TrackerConfig {
    fn default() -> Self {
        Self {
            max_flows: MAX_FLOWS_TAP,
            dissector_memory: MAX_DISSECTOR_MEMORY,
        }
    }
}

/// Follows flows and reads the messages in them.
#[derive(Debug, Default)]
pub struct Tracker {
    config: TrackerConfig,
    counters: TrackerCounters,
}

impl Tracker {
    /// Starts with no flow.
    #[must_use]
    pub fn new(config: TrackerConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Takes one frame; what it completes goes to `observer`.
    pub fn handle_frame(&mut self, frame: &Frame<'_>, observer: &mut impl Observer) {
        let _ = (frame, observer);
    }

    /// Lets time pass without a frame: flows that were idle too long end.
    pub fn handle_timeout(&mut self, now: Timestamp, observer: &mut impl Observer) {
        let _ = (now, observer);
    }

    /// Ends every flow, in the order in which they began; named but incomplete messages come out.
    pub fn finish(&mut self, observer: &mut impl Observer) {
        let _ = observer;
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn counters(&self) -> TrackerCounters {
        self.counters.clone()
    }
}
