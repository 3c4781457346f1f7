//! Rows of answers: usage, services, devices and single sightings.

use crate::attribution::{Attribution, ClientClass};
use crate::device::{Device, DeviceId};
use crate::history::{ReEvaluated, ReEvaluatedUse};
use crate::policy::{Status, Subject, Verdict};
use crate::sensor::SensorId;
use crate::sighting::{Confidence, Evidence, Sighting, Specificity, Stage, StageLimit};
use crate::time::Timestamp;

/// What makes a row of usage, in the order that answers have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UsageKey {
    /// Catalogue id.
    pub service: String,
    /// Device, under its sensor.
    pub device: DeviceId,
    /// User, `None` when unknown.
    pub user: Option<String>,
    /// Program, `None` when unknown.
    pub process: Option<String>,
    /// Surface, in the catalogue's words.
    pub surface: String,
    /// Tenant that the name carried.
    pub tenant: Option<String>,
    /// What sort of program. Not in the key of a sighting, whose later revision may know better: a sighting counts for
    /// the class of its highest revision only.
    pub class: ClientClass,
}

impl UsageKey {
    /// What a decision can be about.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            service: &self.service,
            device: self.device.as_str(),
            user: self.user.as_deref(),
            tenant: self.tenant.as_deref(),
        }
    }
}

/// Counters and times of many sightings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// The highest stage.
    pub stage: Stage,
    /// The earliest.
    pub first_seen: Timestamp,
    /// The latest.
    pub last_seen: Timestamp,
    /// Flows.
    pub flow_count: u64,
    /// Payload from the devices, in bytes.
    pub bytes_out: u64,
    /// Payload to the devices, in bytes.
    pub bytes_in: u64,
    /// How many sightings it is made of.
    pub sightings: u64,
    /// How many of them were reported for another service, surface or tenant, see [`ReEvaluatedUse`].
    pub moved: u64,
}

impl Totals {
    /// Adds `other`.
    pub fn add(&mut self, other: &Self) {
        self.stage = self.stage.max(other.stage);
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.flow_count = self.flow_count.saturating_add(other.flow_count);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        self.bytes_in = self.bytes_in.saturating_add(other.bytes_in);
        self.sightings = self.sightings.saturating_add(other.sightings);
        self.moved = self.moved.saturating_add(other.moved);
    }
}

impl From<&Sighting> for Totals {
    fn from(sighting: &Sighting) -> Self {
        Self {
            stage: sighting.stage,
            first_seen: sighting.first_seen,
            last_seen: sighting.last_seen,
            flow_count: sighting.flow_count,
            bytes_out: sighting.bytes_out,
            bytes_in: sighting.bytes_in,
            sightings: 1,
            moved: 0,
        }
    }
}

/// One device x service x process x user x class of client (with surface and tenant) over time.
///
/// Why and how sure comes from its most telling sighting: the highest stage, then the latest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Usage {
    /// What it is about.
    pub key: UsageKey,
    /// What is known about the device.
    pub device: Device,
    /// How much, how far, since when.
    pub totals: Totals,
    /// Why the stage is not higher, where known.
    pub stage_limit: Option<StageLimit>,
    /// How sure.
    pub confidence: Confidence,
    /// Who.
    pub attribution: Attribution,
    /// Of the match.
    pub specificity: Specificity,
    /// Why the row is there.
    pub evidence: Vec<Evidence>,
    /// What applies now.
    pub verdict: Verdict,
    /// What applied when it was last seen.
    pub status_then: Status,
    /// What of it a newer catalogue brought here.
    pub re_evaluated: Option<ReEvaluatedUse>,
}

/// How many rows of usage have which status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatusCounts {
    counts: [u64; Status::ALL.len()],
}

impl StatusCounts {
    /// Counts one row.
    pub fn add(&mut self, status: Status) {
        for (known, count) in Status::ALL.iter().zip(&mut self.counts) {
            if *known == status {
                *count = count.saturating_add(1);
            }
        }
    }

    /// Every status with its count, zeros included.
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> {
        Status::ALL.iter().copied().zip(self.counts)
    }

    /// Rows that nobody sanctioned or tolerated.
    #[must_use]
    pub fn unsanctioned(&self) -> u64 {
        self.iter()
            .filter(|(status, _)| status.is_unsanctioned())
            .map(|(_, count)| count)
            .sum()
    }
}

/// One service, over everything that used it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceUse {
    /// Catalogue id.
    pub service: String,
    /// Over all rows; `None` when nothing was sighted.
    pub totals: Option<Totals>,
    /// Devices that used it.
    pub devices: u64,
    /// Known users that used it.
    pub users: u64,
    /// Surfaces, in order.
    pub surfaces: Vec<String>,
    /// Tenants, in order, at most [`ServiceUse::MAX_TENANTS`].
    pub tenants: Vec<String>,
    /// How many tenants there are.
    pub tenants_total: u64,
    /// Rows of usage by status.
    pub statuses: StatusCounts,
    /// What applies to everybody now.
    pub verdict: Verdict,
    /// How sure the most telling usage is.
    pub confidence: Option<Confidence>,
    /// Why the service is listed: merged from its most telling usages.
    pub evidence: Vec<Evidence>,
    /// What of it a newer catalogue brought here.
    pub re_evaluated: Option<ReEvaluatedUse>,
}

impl ServiceUse {
    /// Tenants listed for one service.
    pub const MAX_TENANTS: usize = 20;
    /// Usages whose evidence is merged for one service.
    pub const EVIDENCE_USAGES: usize = 4;
    /// Evidence listed for one service.
    pub const MAX_EVIDENCE: usize = 16;
}

/// One device, over everything it used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceUse {
    /// What is known about it.
    pub device: Device,
    /// Over all rows.
    pub totals: Totals,
    /// Services, in order of id, at most [`DeviceUse::MAX_SERVICES`].
    pub services: Vec<String>,
    /// How many services there are.
    pub services_total: u64,
    /// Known users on it.
    pub users: u64,
    /// Rows of usage by status.
    pub statuses: StatusCounts,
}

impl DeviceUse {
    /// Services listed for one device.
    pub const MAX_SERVICES: usize = 50;
}

/// One sighting, as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundSighting {
    /// Who reported it.
    pub sensor: SensorId,
    /// What is known about the device.
    pub device: Device,
    /// The highest revision.
    pub sighting: Sighting,
    /// What applies now.
    pub verdict: Verdict,
    /// What applied when it was last seen.
    pub status_then: Status,
    /// How it differs from what was reported, where a newer catalogue reads its evidence otherwise.
    pub re_evaluated: Option<ReEvaluated>,
}
