//! Frames to flows and messages, without a catalogue.
//!
//! A flow goes from fresh through dissecting to done; a done flow costs one look-up and its byte
//! counters. Dissectors hold state only where one packet did not answer everything, under one cap
//! for all. See [`Observer`] for what comes out.

mod ahead;
mod budget;
mod clock;
mod closing;
mod counters;
mod counting;
mod dissecting;
mod flows;
mod held;
mod observer;
mod orientation;
mod sink;

use wire::{Decoder, Frame, Timestamp};

use crate::key::FiveTuple;
use ahead::look_ahead;
pub(crate) use ahead::{AHEAD, Ahead};
pub(crate) use clock::Clock;
pub use counters::TrackerCounters;
use flows::Flows;
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
    /// QUIC Initial packets opened in a second of packet time.
    pub quic_openings_per_second: u32,
}

impl Default for TrackerConfig {
    fn default() -> Self {
        Self {
            max_flows: MAX_FLOWS_TAP,
            dissector_memory: MAX_DISSECTOR_MEMORY,
            quic_openings_per_second: budget::QUIC_OPENINGS_PER_SECOND,
        }
    }
}

/// Follows flows and reads the messages in them.
#[derive(Debug)]
pub struct Tracker {
    decoder: Decoder,
    flows: Flows,
}

impl Default for Tracker {
    fn default() -> Self {
        Self::new(TrackerConfig::default())
    }
}

impl Tracker {
    /// Starts with no flow.
    #[must_use]
    pub fn new(config: TrackerConfig) -> Self {
        Self {
            decoder: Decoder::new(),
            flows: Flows::new(config),
        }
    }

    /// Takes one frame; what it completes goes to `observer`.
    pub fn handle_frame(&mut self, frame: &Frame<'_>, observer: &mut impl Observer) {
        self.handle_ahead(frame, &Ahead::EMPTY, observer);
    }

    /// Takes frames in their order; faster than one by one where many flows are followed.
    pub fn handle_frames(&mut self, frames: &[Frame<'_>], observer: &mut impl Observer) {
        let mut ahead = [Ahead::EMPTY; AHEAD];
        for frames in frames.chunks(AHEAD) {
            self.look_ahead(frames, &mut ahead);
            for (frame, ahead) in frames.iter().zip(&ahead) {
                self.handle_ahead(frame, ahead, observer);
            }
        }
    }

    /// Finds out which the flows of at most [`AHEAD`] frames are, and where.
    #[inline(always)]
    pub(crate) fn look_ahead(&self, frames: &[Frame<'_>], ahead: &mut [Ahead; AHEAD]) {
        look_ahead(frames, &self.flows.table, ahead);
    }

    /// Takes one frame, with what was found out about it before.
    #[inline(always)]
    pub(crate) fn handle_ahead(
        &mut self,
        frame: &Frame<'_>,
        ahead: &Ahead,
        observer: &mut impl Observer,
    ) {
        self.flows.handle_time(frame.ts, observer);
        self.flows.count_frame(frame);
        if self.flows.count_only(frame, ahead, observer) {
            return;
        }
        if let Some(packet) = &ahead.packet(frame) {
            self.flows.handle_packet(packet, ahead, observer);
        } else if let Ok(packet) = &self.decoder.decode(frame) {
            self.flows.handle_packet(packet, &Ahead::EMPTY, observer);
        }
    }

    /// Lets time pass without a frame: flows that were idle too long end.
    pub fn handle_timeout(&mut self, now: Timestamp, observer: &mut impl Observer) {
        self.flows.handle_time(now, observer);
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) may have something to do.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.flows.poll_timeout()
    }

    /// Ends every flow, in the order in which they began; named but incomplete messages come out.
    pub fn finish(&mut self, observer: &mut impl Observer) {
        self.flows.finish(observer);
    }

    /// Returns the flow between these endpoints, whichever of them opened it.
    pub(crate) fn find(&self, tuple: &FiveTuple) -> Option<FlowId> {
        self.flows.find(tuple)
    }

    /// Takes it from elsewhere that the connection between these endpoints is over.
    pub(crate) fn close(&mut self, tuple: &FiveTuple) {
        self.flows.close(tuple);
    }

    /// Returns how many flows are followed.
    #[must_use]
    pub const fn flow_count(&self) -> usize {
        self.flows.len()
    }

    /// Returns how many bytes the dissectors hold; at most what the configuration allows.
    #[must_use]
    pub const fn dissector_memory(&self) -> usize {
        self.flows.held.memory()
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn counters(&self) -> TrackerCounters {
        let mut rows = self.flows.counter_rows();
        let decoder = self.decoder.counters();
        rows.extend(decoder.iter().filter(|(_, count)| *count > 0));
        TrackerCounters {
            rows,
            unknown_link_types: decoder.unknown_link_types().collect(),
        }
    }
}
