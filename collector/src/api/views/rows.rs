//! Rows of services, devices, usage and findings.

use std::collections::BTreeMap;

use inventory::{ReEvaluated, ReEvaluatedUse, StatusCounts, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    AttributionView, ConfidenceView, DeviceName, EvidenceView, Provenance, RiskView, ServiceName,
    VerdictView,
};

/// Rows of usage by status.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StatusCountsView {
    /// Neither sanctioned nor tolerated.
    pub unsanctioned: u64,
    /// By status, zeros included.
    #[serde(flatten)]
    pub by_status: BTreeMap<String, u64>,
}

impl From<&StatusCounts> for StatusCountsView {
    fn from(counts: &StatusCounts) -> Self {
        Self {
            unsanctioned: counts.unsanctioned(),
            by_status: counts
                .iter()
                .map(|(status, count)| (status.to_string(), count))
                .collect(),
        }
    }
}

/// One device x service x process x user x class of client, with surface and tenant, over the range.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UsageView {
    /// What was used.
    pub service: ServiceName,
    /// Where.
    pub device: DeviceName,
    /// By whom; `null`: unknown, see `attribution`.
    pub user: Option<String>,
    /// With which program; `null`: unknown, see `attribution`.
    pub process: Option<String>,
    /// What sort of program: `browser`, `cli-agent` and so on, see `attribution` for why.
    pub class: String,
    /// `web`, `api`, `cli` and so on.
    pub surface: String,
    /// Tenant or resource that the name carried.
    pub tenant: Option<String>,
    /// How far it got: installed, running, resolved, contacted, used.
    pub stage: String,
    /// Why not further, where known.
    pub stage_limit: Option<String>,
    /// Earliest.
    pub first_seen: Timestamp,
    /// Latest.
    pub last_seen: Timestamp,
    /// Flows, each counted once.
    pub flow_count: u64,
    /// Payload from the device, in bytes.
    pub bytes_out: u64,
    /// Payload to the device, in bytes.
    pub bytes_in: u64,
    /// Sightings that it is made of.
    pub sightings: u64,
    /// Whether it is allowed now.
    pub verdict: VerdictView,
    /// The status that applied when it was last seen.
    pub status_then: String,
    /// How sure.
    pub confidence: ConfidenceView,
    /// Who.
    pub attribution: AttributionView,
    /// `exclusive`, or `shared` with what is no AI.
    pub specificity: String,
    /// Why the row is there: of its most telling sighting.
    pub evidence: Vec<EvidenceView>,
    /// What of it a newer catalogue brought here from elsewhere. What no longer matches anything is in no row.
    pub re_evaluated: Option<ReEvaluatedUseView>,
}

/// What the catalogue says about a service, where one is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CatalogueView {
    /// Of the collector's catalogue.
    pub version: String,
    /// Day of the last review.
    pub last_checked: String,
    /// Public origins of the facts.
    pub sources: Vec<String>,
}

/// One service, over everything that used it in the range.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServiceView {
    /// Id in the catalogue.
    pub id: String,
    /// Name of the product; the id where the catalogue has none.
    pub name: String,
    /// Company or project behind it.
    pub vendor: Option<String>,
    /// Kind of service, in the catalogue's words.
    pub category: Option<String>,
    /// Headquarters, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What the vendor documents about training on what users send.
    pub data_use: Option<String>,
    /// Whether there is a tier with business terms.
    pub enterprise_tier: Option<String>,
    /// The highest stage; `null`: not sighted in the range.
    pub stage: Option<String>,
    /// Earliest.
    pub first_seen: Option<Timestamp>,
    /// Latest.
    pub last_seen: Option<Timestamp>,
    /// Flows, each counted once.
    pub flow_count: u64,
    /// Payload from the devices, in bytes.
    pub bytes_out: u64,
    /// Payload to the devices, in bytes.
    pub bytes_in: u64,
    /// Devices that used it.
    pub devices: u64,
    /// Known users that used it; `null`: too few to be told, see [`people`](crate::privacy::people).
    pub users: Option<u64>,
    /// Surfaces, in order.
    pub surfaces: Vec<String>,
    /// Tenants, in order; the first of them when there are many.
    pub tenants: Vec<String>,
    /// How many tenants there are.
    pub tenants_total: u64,
    /// Whether it is allowed to everybody now.
    pub verdict: VerdictView,
    /// How much it wants to be looked at, and why.
    pub risk: RiskView,
    /// Rows of usage by the status that applies to each.
    pub statuses: StatusCountsView,
    /// How sure the most telling usage is.
    pub confidence: Option<ConfidenceView>,
    /// Why the service is listed: of its most telling usages.
    pub evidence: Vec<EvidenceView>,
    /// What of it a newer catalogue brought here from elsewhere. What no longer matches anything is in no row.
    pub re_evaluated: Option<ReEvaluatedUseView>,
    /// Where each field comes from.
    pub provenance: BTreeMap<String, Provenance>,
    /// More from the catalogue, where one service is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<CatalogueView>,
}

/// One device, over everything it used in the range.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceView {
    /// Which.
    #[serde(flatten)]
    pub device: DeviceName,
    /// The highest stage.
    pub stage: String,
    /// Earliest.
    pub first_seen: Timestamp,
    /// Latest.
    pub last_seen: Timestamp,
    /// Flows, each counted once.
    pub flow_count: u64,
    /// Payload from it, in bytes.
    pub bytes_out: u64,
    /// Payload to it, in bytes.
    pub bytes_in: u64,
    /// Services, in order of id; the first of them when there are many.
    pub services: Vec<ServiceName>,
    /// How many services there are.
    pub services_total: u64,
    /// Known users on it; `null`: too few to be told.
    pub users: Option<u64>,
    /// Rows of usage by the status that applies to each.
    pub statuses: StatusCountsView,
}

/// One sighting: one service, one device, one window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FindingView {
    /// Who reported it.
    pub sensor: String,
    /// Run of the agent, or the capture.
    pub epoch: String,
    /// Start of the window.
    pub window_start: Timestamp,
    /// The highest that was reported.
    pub revision: u32,
    /// What was used.
    pub service: ServiceName,
    /// Where.
    pub device: DeviceName,
    /// By whom; `null`: unknown.
    pub user: Option<String>,
    /// With which program; `null`: unknown.
    pub process: Option<String>,
    /// What sort of program: `browser`, `cli-agent` and so on, see `attribution` for why.
    pub class: String,
    /// `web`, `api`, `cli` and so on.
    pub surface: String,
    /// Tenant or resource that the name carried.
    pub tenant: Option<String>,
    /// How far it got.
    pub stage: String,
    /// Why not further, where known.
    pub stage_limit: Option<String>,
    /// Earliest.
    pub first_seen: Timestamp,
    /// Latest.
    pub last_seen: Timestamp,
    /// Flows, each counted once.
    pub flow_count: u64,
    /// Payload from the device, in bytes.
    pub bytes_out: u64,
    /// Payload to the device, in bytes.
    pub bytes_in: u64,
    /// Whether it is allowed now.
    pub verdict: VerdictView,
    /// The status that applied when it was last seen.
    pub status_then: String,
    /// How sure.
    pub confidence: ConfidenceView,
    /// Who.
    pub attribution: AttributionView,
    /// `exclusive`, or `shared` with what is no AI.
    pub specificity: String,
    /// Of the catalogue that matched.
    pub catalogue_version: String,
    /// Why it is there.
    pub evidence: Vec<EvidenceView>,
    /// How it differs from what was reported, where a newer catalogue reads its evidence otherwise. What no catalogue knew
    /// when it was seen was never kept and cannot appear.
    pub re_evaluated: Option<ReEvaluatedView>,
}

/// What a newer catalogue brought to a row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReEvaluatedUseView {
    /// Sightings of the row that were reported for another service, surface or tenant.
    pub sightings: u64,
    /// Ids of the services that they were reported for; the row's own when only surface or tenant changed.
    pub moved_from: Vec<String>,
}

impl From<&ReEvaluatedUse> for ReEvaluatedUseView {
    fn from(found: &ReEvaluatedUse) -> Self {
        Self {
            sightings: found.sightings,
            moved_from: found.moved_from.clone(),
        }
    }
}

/// What a newer catalogue made of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReEvaluatedView {
    /// `moved` from another service, surface or tenant, or `no_longer_matches`.
    pub outcome: String,
    /// Of the catalogue that says so.
    pub catalogue_version: String,
    /// The service that it was reported for.
    pub reported_service: String,
}

impl From<&ReEvaluated> for ReEvaluatedView {
    fn from(found: &ReEvaluated) -> Self {
        Self {
            outcome: found.outcome.to_string(),
            catalogue_version: found.catalogue_version.clone(),
            reported_service: found.reported_service.clone(),
        }
    }
}
