//! What the sensors saw and could not see. It goes with every answer: "no data" is not "no AI".

mod fold;

use std::time::Duration;

use crate::sensor::SensorId;
use crate::sighting::Epoch;
use crate::time::{Range, Timestamp};
use crate::words::words;

/// A sensor that has not been heard from for this long is silent: five heartbeats of a minute.
pub const SILENT_AFTER: Duration = Duration::from_secs(5 * 60);

/// Gaps listed in one answer; [`Coverage::gaps_total`] counts them all.
pub const MAX_GAPS: usize = 100;

/// What one sensor saw and could not see in one window of one epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoverageWindow {
    /// Run of the agent, or the capture.
    pub epoch: Epoch,
    /// Start of the window.
    pub window_start: Timestamp,
    /// Length of the window.
    pub window_length: Duration,
    /// Higher replaces lower.
    pub revision: u32,
    /// Earliest packet.
    pub first_seen: Timestamp,
    /// Latest packet.
    pub last_seen: Timestamp,
    /// The agent ended the window itself.
    pub closed: bool,
    /// Read from a capture file, not from an interface.
    pub replay: bool,
    /// Frames seen.
    pub frames: u64,
    /// Bytes seen.
    pub bytes: u64,
    /// Frames that the kernel dropped before the agent saw them.
    pub frames_dropped: u64,
    /// Flows seen.
    pub flows: u64,
    /// Flows that carried a name in clear.
    pub flows_named: u64,
    /// Flows whose name was hidden.
    pub flows_hidden: u64,
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
    /// Packets and messages refused, by reason, in order of reason.
    pub rejects: Vec<(String, u64)>,
}

/// One epoch of one sensor, for [`Coverage::fold`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EpochCoverage {
    /// The sensor.
    pub sensor: SensorId,
    /// Its run.
    pub epoch: Epoch,
    /// Earliest packet of the whole epoch.
    pub first_seen: Timestamp,
    /// Latest packet of the whole epoch.
    pub last_seen: Timestamp,
    /// The agent ended the epoch's last window itself.
    pub closed: bool,
    /// From a capture file.
    pub replay: bool,
    /// The part that belongs to the range asked for.
    pub part: Option<EpochPart>,
}

/// The windows of an epoch that belong to a range, added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochPart {
    /// Earliest packet.
    pub first_seen: Timestamp,
    /// Latest packet.
    pub last_seen: Timestamp,
    /// The counters.
    pub counters: Counters,
}

/// Counters of coverage, added up over windows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Frames seen.
    pub frames: u64,
    /// Bytes seen.
    pub bytes: u64,
    /// Frames that the kernel dropped.
    pub frames_dropped: u64,
    /// Flows seen.
    pub flows: u64,
    /// Flows that carried a name in clear.
    pub flows_named: u64,
    /// Flows whose name was hidden.
    pub flows_hidden: u64,
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

impl Counters {
    /// Adds `other`, stopping at the largest number.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
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
            *mine = mine.saturating_add(theirs);
        }
    }

    /// Share of flows whose name was hidden, 0 to 1; `None` without flows.
    #[must_use]
    pub fn hidden_share(&self) -> Option<f64> {
        share(self.flows_hidden, self.flows)
    }

    /// Share of frames that were dropped, of all that arrived, 0 to 1; `None` without frames.
    #[must_use]
    pub fn dropped_share(&self) -> Option<f64> {
        share(
            self.frames_dropped,
            self.frames.saturating_add(self.frames_dropped),
        )
    }
}

impl From<&CoverageWindow> for Counters {
    fn from(window: &CoverageWindow) -> Self {
        Self {
            frames: window.frames,
            bytes: window.bytes,
            frames_dropped: window.frames_dropped,
            flows: window.flows,
            flows_named: window.flows_named,
            flows_hidden: window.flows_hidden,
            flows_unnamed: window.flows_unnamed,
            flows_mid_stream: window.flows_mid_stream,
            flows_evicted: window.flows_evicted,
            flows_encrypted_dns: window.flows_encrypted_dns,
            flows_tunnelled: window.flows_tunnelled,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share for reading needs no 53 bits"
)]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64).min(1.0))
}

/// Whether a sensor reports now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SensorState {
    /// Heard from within [`SILENT_AFTER`].
    Reporting,
    /// Not heard from for longer.
    Silent,
    /// Enrolled and never heard from.
    Waiting,
    /// Reported captures; it is not expected to go on.
    Replayed,
    /// Revoked.
    Revoked,
}

words!(SensorState, "sensor state", {
    Reporting => "reporting",
    Silent => "silent",
    Waiting => "waiting",
    Replayed => "replayed",
    Revoked => "revoked",
});

/// One sensor's part.
#[derive(Clone, PartialEq, Debug)]
pub struct SensorCoverage {
    /// The sensor.
    pub sensor: SensorId,
    /// Its host name.
    pub hostname: String,
    /// `endpoint`, `tap`, `replay` or `unknown`.
    pub mode: String,
    /// Whether it reports now.
    pub state: SensorState,
    /// Its last heartbeat, by the collector's clock.
    pub last_heartbeat: Option<Timestamp>,
    /// Its last heartbeat or report, by the collector's clock.
    pub last_seen: Option<Timestamp>,
    /// Since when nothing came; only when silent.
    pub silent_since: Option<Timestamp>,
    /// Its clock minus the collector's, in nanoseconds.
    pub clock_offset_ns: Option<i64>,
    /// Records that its queue lost because it was full.
    pub shed_records: u64,
    /// What it cannot do, in its own words.
    pub degradations: Vec<String>,
    /// Some of what it reported in the range came from captures.
    pub replay: bool,
    /// What it saw in the range.
    pub counters: Counters,
}

/// Why there is a gap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GapReason {
    /// The agent stopped without closing its window and later started anew.
    Stopped,
    /// The agent was shut down properly, and later started anew.
    ShutDown,
    /// The sensor is silent, and nothing is known since.
    Silent,
}

words!(GapReason, "gap reason", {
    Stopped => "stopped",
    ShutDown => "shut_down",
    Silent => "silent",
});

/// A time that one sensor does not cover.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Gap {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// The sensor.
    pub sensor: SensorId,
    /// Why.
    pub reason: GapReason,
}

/// What was seen and not seen in a range, by all sensors.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Coverage {
    /// The range asked for.
    pub range: Range,
    /// Every sensor, in order of id.
    pub sensors: Vec<SensorCoverage>,
    /// Added up over the sensors.
    pub counters: Counters,
    /// Earliest packet in the range.
    pub first_seen: Option<Timestamp>,
    /// Latest packet in the range.
    pub last_seen: Option<Timestamp>,
    /// Some of it came from captures.
    pub replay: bool,
    /// Times not covered, earliest first, at most [`MAX_GAPS`].
    pub gaps: Vec<Gap>,
    /// How many gaps there are.
    pub gaps_total: u64,
    /// Devices that only a tap sees: no agent on them.
    pub unmanaged_devices: u64,
    /// Sightings that no longer match the catalogue and are not counted.
    pub no_longer_matching: u64,
}
