//! How the agent is doing: facts that its parts report, and what they mean for whoever relies on
//! it. `status` prints them and the heartbeat carries them.

mod degradation;
mod report;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use capture::CaptureStats;
use serde::{Deserialize, Serialize};

pub(crate) use degradation::degradations;
pub(crate) use report::heartbeat;

use crate::privacy::Shown as Privacy;
use crate::privilege::Held;

/// Everything that is known about one run of the agent. It is the content of `status.json`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) agent_version: String,
    pub(crate) pid: u32,
    pub(crate) mode: String,
    pub(crate) replay: bool,
    pub(crate) stopped: bool,
    pub(crate) started_at: String,
    /// When this was written, in nanoseconds since the Unix epoch.
    pub(crate) written_at_ns: i64,
    pub(crate) epoch: String,
    pub(crate) catalogue_version: String,
    pub(crate) catalogue: Catalogue,
    #[serde(with = "as_list")]
    pub(crate) interfaces: BTreeMap<String, Interface>,
    pub(crate) attribution: Attribution,
    pub(crate) presence: Presence,
    /// What the run uses; everything else was let go.
    pub(crate) capabilities: Vec<Held>,
    /// Why capabilities that are not used could not be let go.
    pub(crate) privileges_kept: Option<String>,
    /// What is not done, and why, while the agent uses more than it may.
    pub(crate) over_budget: Option<String>,
    pub(crate) no_interface: Option<String>,
    pub(crate) spool: Spool,
    pub(crate) collector: Collector,
    pub(crate) privacy: Privacy,
    pub(crate) degradations: Vec<String>,
    pub(crate) counters: BTreeMap<String, u64>,
}

/// One interface that is captured on, or should be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Interface {
    pub(crate) name: String,
    pub(crate) backend: String,
    pub(crate) capturing: bool,
    pub(crate) problem: Option<String>,
    pub(crate) fallback: Option<String>,
    /// What keeps frames without a name in the kernel, one word.
    pub(crate) filter: String,
    /// Why nothing better does.
    pub(crate) filter_reason: Option<String>,
    /// Frames that went by, those kept back included.
    pub(crate) frames: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    pub(crate) frames_dropped: u64,
    /// Frames that the kernel kept back because they can carry no name.
    pub(crate) frames_filtered: u64,
    /// Their bytes.
    pub(crate) bytes_filtered: u64,
    #[serde(skip)]
    queues: Vec<CaptureStats>,
}

impl Interface {
    /// Takes the figures of one of `queues` queues.
    pub(crate) fn show_queue(&mut self, queue: u16, queues: u16, figures: CaptureStats) {
        self.queues
            .resize(usize::from(queues), CaptureStats::default());
        if let Some(slot) = self.queues.get_mut(usize::from(queue)) {
            *slot = figures;
        }
        let sum = |figure: fn(&CaptureStats) -> u64| {
            let column = self.queues.iter().map(figure);
            column.fold(0_u64, u64::saturating_add)
        };
        self.frames_filtered = sum(|stats| stats.filtered);
        self.bytes_filtered = sum(|stats| stats.filtered_bytes);
        self.frames = sum(|stats| stats.received).saturating_add(self.frames_filtered);
        self.bytes = sum(|stats| stats.bytes).saturating_add(self.bytes_filtered);
        self.frames_dropped = sum(|stats| stats.dropped);
    }
}

/// How programs and users are found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Attribution {
    /// What tells whose a socket is; empty where nothing is asked.
    pub(crate) backend: String,
    /// What could not be used, why, and what is lost by it.
    pub(crate) problems: Vec<String>,
}

/// How it is looked for AI tools on the machine.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Presence {
    pub(crate) enabled: bool,
    /// When the last scan was taken in, in nanoseconds since the Unix epoch.
    pub(crate) scanned_at_ns: Option<i64>,
    /// Traces that it found.
    pub(crate) traces: u64,
    /// What could not be looked at, why, and what is lost by it.
    pub(crate) problems: Vec<String>,
}

/// The catalogue, besides its version.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Catalogue {
    /// Number of the bundle that runs; 0: the program's own catalogue does.
    pub(crate) bundle: u64,
    /// Why the last bundle was refused.
    pub(crate) refused: Option<String>,
    /// Why the local files are not taken in as they are.
    pub(crate) local_problem: Option<String>,
}

/// The queue of what is not delivered yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Spool {
    pub(crate) pending_records: u64,
    pub(crate) pending_bytes: u64,
    pub(crate) max_bytes: u64,
    pub(crate) shed_records: u64,
    pub(crate) shed_bytes: u64,
    pub(crate) corrupt_bytes: u64,
    pub(crate) problem: Option<String>,
}

/// The collector and the connection to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Collector {
    pub(crate) address: Option<String>,
    pub(crate) sensor_id: Option<String>,
    pub(crate) connected: bool,
    pub(crate) problem: Option<String>,
    pub(crate) problem_kind: Option<String>,
    pub(crate) last_acknowledged_at: Option<String>,
    pub(crate) records_delivered: u64,
    pub(crate) records_refused: u64,
    pub(crate) last_refusal: Option<String>,
    pub(crate) clock_offset_ms: Option<i64>,
    pub(crate) certificate_expires_at_ns: Option<i64>,
    pub(crate) renewal_problem: Option<String>,
}

impl Status {
    /// The interface of this name, which is added when it is new.
    pub(crate) fn interface(&mut self, name: &str) -> &mut Interface {
        self.interfaces
            .entry(name.to_owned())
            .or_insert_with(|| Interface {
                name: name.to_owned(),
                ..Interface::default()
            })
    }
}

/// Interfaces are a map here, for look-ups, and a list outside, for readers.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::Interface;

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<String, Interface>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Interface>, D::Error> {
        let list = Vec::<Interface>::deserialize(deserializer)?;
        Ok(list
            .into_iter()
            .map(|interface| (interface.name.clone(), interface))
            .collect())
    }
}

/// The status while it changes: any part may write, any may take a copy.
#[derive(Debug, Default)]
pub(crate) struct Health {
    status: Mutex<Status>,
    counters: Mutex<BTreeMap<String, BTreeMap<String, u64>>>,
}

impl Health {
    pub(crate) fn new(status: Status) -> Self {
        Self {
            status: Mutex::new(status),
            counters: Mutex::default(),
        }
    }

    /// Changes the status.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Status) -> T) -> T {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the counters of one part; counters of one name are added up over the parts.
    pub(crate) fn set_counters(
        &self,
        part: &str,
        counters: impl Iterator<Item = (&'static str, u64)>,
    ) {
        let counters = counters
            .filter(|(_, n)| *n > 0)
            .map(|(name, n)| (name.to_owned(), n))
            .collect();
        self.counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(part.to_owned(), counters);
    }

    /// Adds to one counter.
    pub(crate) fn count(&self, name: &str, more: u64) {
        let mut parts = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let part = parts.entry("agent".to_owned()).or_default();
        let counter = part.entry(name.to_owned()).or_default();
        *counter = counter.saturating_add(more);
    }

    /// The status as it is at `now`, with counters and degradations.
    pub(crate) fn snapshot(&self, now: i64) -> Status {
        let mut status = self
            .status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let parts = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, count) in parts.values().flatten() {
            let sum = status.counters.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
        drop(parts);
        status.written_at_ns = now;
        status.degradations = degradations(&status, now)
            .iter()
            .map(ToString::to_string)
            .collect();
        status
    }
}

#[cfg(test)]
mod tests;
