//! What the sensors saw and could not see.

use inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// Sensors listed in the coverage of an answer; those that do not report come first.
pub const SENSORS_IN_ANSWER: usize = 20;

/// How many sensors are in which state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SensorCounts {
    /// All that ever enrolled.
    pub total: u64,
    /// Heard from just now.
    pub reporting: u64,
    /// Not heard from for longer than five minutes.
    pub silent: u64,
    /// Enrolled and never heard from.
    pub waiting: u64,
    /// Reported captures and finished.
    pub replayed: u64,
    /// Revoked.
    pub revoked: u64,
}

/// What was seen, as counters.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct TrafficView {
    /// Frames seen.
    pub frames: u64,
    /// Bytes seen.
    pub bytes: u64,
    /// Frames that the kernel dropped before the agent saw them.
    pub frames_dropped: u64,
    /// The same as a share of all frames, 0 to 1; `null` without frames.
    pub dropped_share: Option<f64>,
    /// Flows seen.
    pub flows: u64,
    /// Flows that carried a name in clear.
    pub flows_named: u64,
    /// Flows whose name was hidden.
    pub flows_hidden: u64,
    /// The same as a share of all flows, 0 to 1; `null` without flows.
    pub hidden_share: Option<f64>,
    /// Flows without a name.
    pub flows_unnamed: u64,
    /// Flows older than the agent.
    pub flows_mid_stream: u64,
    /// Flows forgotten because the table was full.
    pub flows_evicted: u64,
    /// Flows that carry encrypted DNS.
    pub flows_encrypted_dns: u64,
    /// Flows into a VPN or a relay.
    pub flows_tunnelled: u64,
}

/// One sensor's part.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SensorCoverageView {
    /// The sensor.
    pub sensor: String,
    /// Its host name.
    pub hostname: String,
    /// `endpoint`, `tap`, `replay` or `unknown`.
    pub mode: String,
    /// `reporting`, `silent`, `waiting`, `replayed` or `revoked`.
    pub state: String,
    /// Its last heartbeat, by the collector's clock.
    pub last_heartbeat: Option<Timestamp>,
    /// Its last heartbeat or report, by the collector's clock.
    pub last_seen: Option<Timestamp>,
    /// Since when nothing came; `null` unless silent.
    pub silent_since: Option<Timestamp>,
    /// Its clock minus the collector's, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Records that its queue lost because it was full.
    pub shed_records: u64,
    /// What it cannot do, in its own words.
    pub degradations: Vec<String>,
    /// Some of it came from captures.
    pub replay: bool,
    /// What it saw in the range.
    pub traffic: TrafficView,
}

/// A time that one sensor does not cover.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GapView {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `null` while it lasts.
    pub to: Option<Timestamp>,
    /// The sensor.
    pub sensor: String,
    /// `stopped`, `shut_down` or `silent`.
    pub reason: String,
}

/// The coverage of an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CoverageView {
    /// As asked for.
    pub since: Option<Timestamp>,
    /// As asked for.
    pub until: Option<Timestamp>,
    /// Earliest packet in the range.
    pub first_seen: Option<Timestamp>,
    /// Latest packet in the range.
    pub last_seen: Option<Timestamp>,
    /// Some of it came from captures.
    pub replay: bool,
    /// Sensors by state.
    pub sensors: SensorCounts,
    /// Some sensors, those that do not report first.
    pub sensor_list: Vec<SensorCoverageView>,
    /// Sensors that are not in the list.
    pub sensors_omitted: u64,
    /// What was seen.
    pub traffic: TrafficView,
    /// Times not covered, earliest first; the first of them when there are many.
    pub gaps: Vec<GapView>,
    /// How many there are.
    pub gaps_total: u64,
    /// Devices that only a tap saw use something.
    pub unmanaged_devices: u64,
    /// Findings that no longer match the catalogue: `findings` shows them marked, nothing else counts them.
    pub findings_no_longer_matching: u64,
    /// What to bear in mind when reading the answer, in words.
    pub notes: Vec<String>,
}
