//! Cells that several tables share: what they say, and by which colour.

use inventory::{Stage, Status};

use crate::api::views::{DeviceName, EvidenceView, ReEvaluatedUseView, ServiceName, VerdictView};
use crate::ctl::output::{Cell, Tone};

/// The word for what is not known.
pub(super) const UNKNOWN: &str = "unknown";

/// How many people, or that they are too few to be told.
pub(super) fn people(count: Option<u64>) -> String {
    count.map_or_else(
        || format!("<{}", crate::privacy::SMALLEST_GROUP),
        crate::ctl::output::count,
    )
}

/// The lower, the sooner it wants to be looked at.
pub(super) fn urgency(status: &str) -> usize {
    const ORDER: [Status; 6] = [
        Status::Prohibited,
        Status::Retired,
        Status::Discovered,
        Status::UnderReview,
        Status::Tolerated,
        Status::Sanctioned,
    ];
    ORDER
        .iter()
        .position(|known| known.as_str() == status)
        .unwrap_or(0)
}

/// The status in its colour; an expired decision is told.
pub(super) fn verdict(verdict: &VerdictView) -> Cell {
    let expired = if verdict.expired.is_some() {
        " (expired)"
    } else {
        ""
    };
    status(&format!("{}{expired}", verdict.status), &verdict.status)
}

pub(super) fn status(text: &str, status: &str) -> Cell {
    let tone = match status.parse() {
        Ok(Status::Prohibited | Status::Retired) | Err(_) => Tone::Bad,
        Ok(Status::Discovered | Status::UnderReview) => Tone::Open,
        Ok(Status::Sanctioned | Status::Tolerated) => Tone::Good,
    };
    Cell::new(text).tone(tone)
}

/// Vendor and country.
pub(super) fn origin(service: &ServiceName) -> Cell {
    match (&service.vendor, &service.country) {
        (Some(vendor), Some(country)) => Cell::new(&format!("{vendor}, {country}")),
        (vendor, _) => Cell::or_dash(vendor.as_deref()),
    }
}

/// The higher, the plainer to see.
pub(super) fn stage(stage: Option<&str>) -> Cell {
    let tone = match stage.and_then(|stage| stage.parse().ok()) {
        Some(Stage::Used) => Tone::Strong,
        Some(Stage::Contacted) => Tone::Plain,
        Some(Stage::Installed | Stage::Running | Stage::Resolved) | None => Tone::Dim,
    };
    Cell::or_dash(stage).tone(tone)
}

/// Observations in words, at most so many.
pub(super) fn evidence(evidence: &[EvidenceView], most: usize) -> String {
    let told = evidence
        .iter()
        .take(most)
        .map(|one| format!("{} {}{}", one.kind, one.value, attributes(one)));
    let mut text = told.collect::<Vec<_>>().join("; ");
    let more = evidence.len().saturating_sub(most);
    if more > 0 {
        text.push_str(&format!(" +{more}"));
    }
    text
}

/// The first observation, and that a newer catalogue brought the row here.
pub(super) fn why(all: &[EvidenceView], moved: Option<&ReEvaluatedUseView>) -> String {
    let evidence = evidence(all, 1);
    match moved {
        Some(_) => format!("re-evaluated, moved from {}: {evidence}", moved_from(moved)),
        None => evidence,
    }
}

/// The services that a newer catalogue brought sightings from.
pub(super) fn moved_from(moved: Option<&ReEvaluatedUseView>) -> String {
    moved
        .map(|moved| moved.moved_from.join(", "))
        .unwrap_or_default()
}

/// ` (transport=stdio, pinned=no)`, or nothing.
fn attributes(evidence: &EvidenceView) -> String {
    if evidence.attributes.is_empty() {
        return String::new();
    }
    let told = (evidence.attributes.iter()).map(|one| format!("{}={}", one.name, one.value));
    format!(" ({})", told.collect::<Vec<_>>().join(", "))
}

/// Name of a device, told apart from others of that name by whether an agent is on it.
pub(super) fn agent(device: &DeviceName) -> Cell {
    if device.managed {
        Cell::new("yes")
    } else {
        Cell::new("no").tone(Tone::Open)
    }
}
