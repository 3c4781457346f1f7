//! Sensors with what they last said about themselves.

use std::collections::BTreeMap;

use inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// One interface that a sensor listens on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InterfaceView {
    /// Its name.
    pub name: String,
    /// How packets are read from it.
    pub backend: String,
    /// Whether packets are read now.
    pub capturing: bool,
    /// Why not.
    pub problem: Option<String>,
    /// Frames since the agent started.
    pub frames: u64,
    /// Frames the kernel dropped since the agent started.
    pub frames_dropped: u64,
}

/// The queue of a sensor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpoolView {
    /// Records not acknowledged.
    pub pending_records: u64,
    /// Bytes not acknowledged.
    pub pending_bytes: u64,
    /// Records lost because the queue was full.
    pub shed_records: u64,
    /// Bytes lost because the queue was full.
    pub shed_bytes: u64,
}

/// An enrolled agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SensorView {
    /// Its name.
    pub sensor: String,
    /// Host name.
    pub hostname: String,
    /// Operating system.
    pub os: String,
    /// `endpoint`, `tap`, `replay` or `unknown`.
    pub mode: String,
    /// `reporting`, `silent`, `waiting`, `replayed` or `revoked`.
    pub state: String,
    /// Version of the agent.
    pub agent_version: String,
    /// Version of the catalogue it matches with.
    pub catalogue_version: Option<String>,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Its last heartbeat, by the collector's clock.
    pub last_heartbeat: Option<Timestamp>,
    /// Its last heartbeat or report, by the collector's clock.
    pub last_seen: Option<Timestamp>,
    /// Its clock minus the collector's, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// What it listens on.
    pub interfaces: Vec<InterfaceView>,
    /// Its queue; `null` before the first heartbeat.
    pub spool: Option<SpoolView>,
    /// What it cannot do, in its own words.
    pub degradations: Vec<String>,
    /// Its counters.
    pub counters: BTreeMap<String, u64>,
}
