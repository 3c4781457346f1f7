//! Sensors: enrolled agents, and what their heartbeats say about their health.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sighting::Epoch;
use crate::time::Timestamp;

/// Name that the collector gave a sensor at enrolment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SensorId(String);

impl SensorId {
    /// Of a text; the collector makes the texts itself.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SensorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One interface that a sensor listens on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct InterfaceHealth {
    /// Its name.
    pub name: String,
    /// How packets are read from it.
    pub backend: String,
    /// Whether packets are read now.
    pub capturing: bool,
    /// Why not, else empty.
    pub problem: String,
    /// Frames since the agent started.
    pub frames: u64,
    /// Frames the kernel dropped since the agent started.
    pub frames_dropped: u64,
}

/// The queue in front of the collector.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SpoolHealth {
    /// Records not acknowledged.
    pub pending_records: u64,
    /// Bytes not acknowledged.
    pub pending_bytes: u64,
    /// Records lost because the queue was full.
    pub shed_records: u64,
    /// Bytes lost because the queue was full.
    pub shed_bytes: u64,
}

/// What a sensor last said about itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Version of the agent.
    pub agent_version: String,
    /// Version of the catalogue it matches with.
    pub catalogue_version: String,
    /// Its current run.
    pub epoch: Option<Epoch>,
    /// `endpoint`, `tap` or `replay`.
    pub mode: String,
    /// Operating system.
    pub os: String,
    /// Host name.
    pub hostname: String,
    /// What it listens on.
    pub interfaces: Vec<InterfaceHealth>,
    /// Its queue.
    pub spool: SpoolHealth,
    /// What it cannot do here, in words.
    pub degradations: Vec<String>,
    /// Counters by name, in order of name.
    pub counters: Vec<(String, u64)>,
    /// The agent's clock minus the collector's, in nanoseconds.
    pub clock_offset_ns: i64,
}

impl Serialize for Epoch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An enrolled agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sensor {
    /// Its name.
    pub id: SensorId,
    /// Host name at enrolment, or as the last heartbeat said.
    pub hostname: String,
    /// Operating system, as above.
    pub os: String,
    /// Version of the agent, as above.
    pub agent_version: String,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it last reported or sent a heartbeat, by the collector's clock.
    pub last_seen: Option<Timestamp>,
    /// Its last heartbeat and when that came, by the collector's clock.
    pub heartbeat: Option<(Timestamp, Heartbeat)>,
}

impl Sensor {
    /// `endpoint`, `tap`, `replay`, or `unknown` before its first heartbeat.
    #[must_use]
    pub fn mode(&self) -> &str {
        match &self.heartbeat {
            Some((_, heartbeat)) if !heartbeat.mode.is_empty() => &heartbeat.mode,
            _ => "unknown",
        }
    }
}
