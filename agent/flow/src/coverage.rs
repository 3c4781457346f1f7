//! What a sensor saw and could not see: never "no data" as "no AI".

use std::collections::BTreeMap;

use wire::Timestamp;

use crate::finding::Epoch;

/// What one engine saw of one window since its last account.
///
/// Every flow with payload that is more than name look-ups counts once in `flows` and once in one
/// of `flows_named`, `flows_hidden`, `flows_unnamed` and `flows_mid_stream`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CoverageSlice {
    /// Start of the window.
    pub window_start: Timestamp,
    /// Time of the engine when the slice was cut.
    pub at: Timestamp,
    /// First frame.
    pub first_seen: Timestamp,
    /// Last frame.
    pub last_seen: Timestamp,
    /// Frames that came in.
    pub frames: u64,
    /// Their length on the wire.
    pub bytes: u64,
    /// Frames that the kernel dropped before the sensor saw them; set by whoever captures.
    pub frames_dropped: u64,
    /// Flows that carried payload.
    pub flows: u64,
    /// Flows whose server or host was named.
    pub flows_named: u64,
    /// Flows whose name ECH hides.
    pub flows_hidden: u64,
    /// Flows that named nothing.
    pub flows_unnamed: u64,
    /// Flows that began before the sensor saw them, or whose beginning was lost.
    pub flows_mid_stream: u64,
    /// Flows that were given up early to keep to a cap.
    pub flows_evicted: u64,
    /// Flows that carry DNS in TLS, QUIC or HTTPS.
    pub flows_encrypted_dns: u64,
    /// Flows of VPNs and relays.
    pub flows_tunnelled: u64,
    /// Refused bytes and costs of caps, by reason.
    pub rejects: BTreeMap<&'static str, u64>,
}

/// What one engine saw since it was last asked, one slice for each window, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CoverageDelta {
    /// One for each window; two may be of the same window.
    pub slices: Vec<CoverageSlice>,
}

/// What all sources of an agent saw in one window, so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoverageWindow {
    /// The run or the capture.
    pub epoch: Epoch,
    /// Start of the window.
    pub window_start: Timestamp,
    /// Length of the window in nanoseconds.
    pub window_length: u64,
    /// From 1, one more each time it is emitted.
    pub revision: u32,
    /// First frame.
    pub first_seen: Timestamp,
    /// Last frame.
    pub last_seen: Timestamp,
    /// The agent ended the window itself; the last open window that never closed is a gap.
    pub closed: bool,
    /// Frames that came in.
    pub frames: u64,
    /// Their length on the wire.
    pub bytes: u64,
    /// Frames that the kernel dropped.
    pub frames_dropped: u64,
    /// Flows that carried payload.
    pub flows: u64,
    /// Flows whose server or host was named.
    pub flows_named: u64,
    /// Flows whose name ECH hides.
    pub flows_hidden: u64,
    /// Flows that named nothing.
    pub flows_unnamed: u64,
    /// Flows that began before the sensor saw them, or whose beginning was lost.
    pub flows_mid_stream: u64,
    /// Flows that were given up early to keep to a cap.
    pub flows_evicted: u64,
    /// Flows that carry DNS in TLS, QUIC or HTTPS.
    pub flows_encrypted_dns: u64,
    /// Flows of VPNs and relays.
    pub flows_tunnelled: u64,
    /// Refused bytes and costs of caps, by reason, in the order of the reasons.
    pub rejects: Vec<(String, u64)>,
}

impl CoverageSlice {
    /// Adds what another slice counted; the window stays that of `self`.
    pub(crate) fn add(&mut self, other: &Self) {
        self.at = self.at.max(other.at);
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        for (to, from) in [
            (&mut self.frames, other.frames),
            (&mut self.bytes, other.bytes),
            (&mut self.frames_dropped, other.frames_dropped),
            (&mut self.flows, other.flows),
            (&mut self.flows_named, other.flows_named),
            (&mut self.flows_hidden, other.flows_hidden),
            (&mut self.flows_unnamed, other.flows_unnamed),
            (&mut self.flows_mid_stream, other.flows_mid_stream),
            (&mut self.flows_evicted, other.flows_evicted),
            (&mut self.flows_encrypted_dns, other.flows_encrypted_dns),
            (&mut self.flows_tunnelled, other.flows_tunnelled),
        ] {
            *to = to.saturating_add(from);
        }
        for (name, count) in &other.rejects {
            let to = self.rejects.entry(name).or_default();
            *to = to.saturating_add(*count);
        }
    }
}
