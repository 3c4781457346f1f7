//! Matches traces with the catalogue, and says once in each window what each amounts to.
//!
//! A trace is reported when a scan saw it first in a window, and again when something about it
//! changed. One that is gone is not reported any more: its finding ends with its window.

use std::collections::BTreeMap;
use std::sync::Arc;

use signatures::{Catalogue, Confidence, Platform, ServiceId, Specificity, Surface};
use wire::Timestamp;

use super::wanted::Shows;
use super::{Attribute, Listed, MAX_TRACE_TEXT, Trace, TraceKind, Wanted};
use crate::attribution::Attribution;
use crate::device::Device;
use crate::finding::{EvidenceKind, Stage};
use crate::report::{FlowReport, ReportedEvidence};

/// Traces that are kept of a scan; what is beyond, in the order of their kinds, is counted.
pub const MAX_TRACES: usize = 4_096;
/// Why the program of a trace is unknown.
const REASON_NO_FLOW: &str = "a trace on the device, not a connection of a program";
/// What stands for a host that the catalogue does not list.
const UNLISTED: &str = "not listed";

/// What a trace amounts to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PresenceReport {
    /// The report: no flow, stage installed or running, evidence by artefact or process. It is
    /// complete in itself, so it has ended.
    pub report: FlowReport,
    /// Login name of the person in whose home folder the trace is; `None` for the whole device.
    pub login: Option<Arc<str>>,
}

/// What is on the device, by its last scan, and what was said of it.
#[derive(Debug)]
pub struct PresenceBook {
    source: u16,
    platform: Platform,
    wanted: Wanted,
    /// By the trace without its time.
    traces: BTreeMap<Trace, Known>,
    next_number: u64,
    over_cap: u64,
}

/// When a trace was seen, and what was said of it.
#[derive(Clone, Debug, Default)]
struct Known {
    seen: Timestamp,
    /// Start of the window in which it was reported, and the catalogue by which.
    said: Option<(Timestamp, Arc<str>)>,
}

/// A service that a trace is evidence for.
#[derive(Debug)]
struct Found {
    service: ServiceId,
    surface: Surface,
    specificity: Specificity,
    tenant: Option<String>,
    value: Arc<str>,
    indicator: Arc<str>,
    confidence: Confidence,
}

impl Found {
    fn new(shows: &Shows, value: &Arc<str>) -> Self {
        Self {
            service: shows.service.clone(),
            surface: shows.surface,
            specificity: Specificity::Exclusive,
            tenant: None,
            value: Arc::clone(value),
            indicator: Arc::clone(&shows.indicator),
            confidence: shows.confidence,
        }
    }
}

impl PresenceBook {
    /// Starts with an empty device that runs `platform`; `source` is the number of the reports' source,
    /// one that no capture queue has.
    #[must_use]
    pub fn new(source: u16, platform: Platform) -> Self {
        Self {
            source,
            platform,
            wanted: Wanted::default(),
            traces: BTreeMap::new(),
            next_number: 0,
            over_cap: 0,
        }
    }

    /// Takes the traces of a scan that ended at `at`, in place of those of the scan before.
    pub fn set(&mut self, scan: Vec<Trace>, at: Timestamp) {
        let mut before = std::mem::take(&mut self.traces);
        for mut trace in scan {
            let seen = std::mem::take(&mut trace.seen).min(at);
            let said = before.remove(&trace).and_then(|known| known.said);
            let known = self.traces.entry(trace).or_default();
            known.seen = known.seen.max(seen);
            known.said = known.said.take().or(said);
        }
        while self.traces.len() > MAX_TRACES {
            self.traces.pop_last();
            self.over_cap = self.over_cap.saturating_add(1);
        }
    }

    /// Returns what is to be said in the window that starts at `window_start`: about each trace that
    /// was seen in it, once, and again when the trace or the catalogue changed.
    pub fn reports(
        &mut self,
        catalogue: &Catalogue,
        at: Timestamp,
        window_start: Timestamp,
    ) -> Vec<PresenceReport> {
        if self.wanted.version() != catalogue.version() {
            self.wanted = Wanted::new(catalogue, self.platform);
        }
        let version: Arc<str> = catalogue.version().into();
        let mut reports = Vec::new();
        for (trace, known) in &mut self.traces {
            let is_said = known
                .said
                .as_ref()
                .is_some_and(|(window, by)| *window == window_start && **by == *version);
            if is_said || known.seen < window_start {
                continue;
            }
            known.said = Some((window_start, Arc::clone(&version)));
            let attributes = attributes_of(trace, catalogue);
            for found in found_by(trace, catalogue, &self.wanted) {
                self.next_number = self.next_number.saturating_add(1);
                let times = (at.max(known.seen), window_start, known.seen);
                let mut report = report_of(trace.kind, found, times, (&attributes, &version));
                report.source = self.source;
                report.number = self.next_number;
                report.stands_alone |= catalogue.reports_shared(&report.service);
                let login = trace.login.clone();
                reports.push(PresenceReport { report, login });
            }
        }
        reports
    }

    /// Returns how many traces of all scans so far found no place.
    #[must_use]
    pub const fn over_cap(&self) -> u64 {
        self.over_cap
    }
}

fn report_of(
    kind: TraceKind,
    found: Found,
    (at, window_start, seen): (Timestamp, Timestamp, Timestamp),
    (attributes, version): (&Arc<[Attribute]>, &Arc<str>),
) -> FlowReport {
    let (stage, evidence) = if kind.is_running() {
        (Stage::Running, EvidenceKind::Process)
    } else {
        (Stage::Installed, EvidenceKind::Artefact)
    };
    FlowReport {
        source: 0,
        number: 0,
        flow: None,
        socket: None,
        ja4: None,
        at,
        window_start,
        device: Device::Enrolled,
        device_names: Vec::new(),
        service: found.service,
        surface: found.surface,
        tenant: found.tenant,
        specificity: found.specificity,
        stands_alone: found.specificity == Specificity::Exclusive,
        stage,
        stage_limit: None,
        first_seen: seen,
        last_seen: seen,
        bytes_out: 0,
        bytes_in: 0,
        evidence: vec![ReportedEvidence {
            kind: evidence,
            value: found.value,
            indicator: found.indicator,
            attributes: Arc::clone(attributes),
            indicator_confidence: found.confidence,
            count: 1,
            first_seen: seen,
            last_seen: seen,
        }],
        catalogue_version: Arc::clone(version),
        attribution: Attribution::unknown(REASON_NO_FLOW),
        ended: true,
    }
}

/// The attributes that leave: a host only when the catalogue lists it, or when it is an address
/// that says no more than "this device" or "this network".
fn attributes_of(trace: &Trace, catalogue: &Catalogue) -> Arc<[Attribute]> {
    let attributes = trace.attributes.iter().map(|attribute| {
        let hidden = attribute.name == Attribute::HOST
            && !matches!(&*attribute.value, "loopback" | "local network")
            && catalogue
                .matcher()
                .match_name(attribute.value.as_bytes())
                .is_none();
        if hidden {
            Attribute::new(Attribute::HOST, UNLISTED)
        } else {
            attribute.clone()
        }
    });
    attributes.collect()
}

fn found_by(trace: &Trace, catalogue: &Catalogue, wanted: &Wanted) -> Vec<Found> {
    let end = trace.value.floor_char_boundary(MAX_TRACE_TEXT);
    let value: Arc<str> = trace.value.get(..end).unwrap_or_default().into();
    let shown = |shows: &[Shows], value: &Arc<str>| -> Vec<Found> {
        shows.iter().map(|one| Found::new(one, value)).collect()
    };
    let mut found = match &trace.listed {
        Listed::Artefact(kind) => shown(wanted.shown_by_artefact(kind, &trace.value), &value),
        Listed::Process { requires } => {
            let requires = requires.as_deref();
            shown(wanted.shown_by_process(&trace.value, requires), &value)
        }
        Listed::Tool { service, surface } => catalogue
            .service(service)
            .filter(|service| !catalogue.is_silenced(&service.id))
            .map(|service| Found {
                service: service.id.clone(),
                surface: *surface,
                specificity: Specificity::Exclusive,
                tenant: None,
                value: Arc::clone(&value),
                indicator: format!("artefact:{} {}", trace.kind.as_str(), service.id).into(),
                confidence: Confidence::High,
            })
            .into_iter()
            .collect(),
    };
    let attribute = |name| trace.attributes.iter().find(move |one| one.name == name);
    if let Some(host) = attribute(Attribute::HOST) {
        found.extend(named_host(catalogue, &host.value));
    }
    if let Some(package) = attribute(Attribute::PACKAGE) {
        for kind in ["npm-package", "pip-package"] {
            let shows = wanted.shown_by_artefact(kind, &package.value);
            found.extend(shown(shows, &package.value));
        }
    }
    found
}

/// The service that the host of a remote server belongs to.
fn named_host(catalogue: &Catalogue, host: &Arc<str>) -> Option<Found> {
    let named = catalogue.matcher().match_name(host.as_bytes())?;
    (named.specificity != Specificity::ThirdPartyDependency).then(|| Found {
        service: named.service.id.clone(),
        surface: named.surface,
        specificity: named.specificity,
        tenant: named.tenant.as_deref().map(Into::into),
        value: Arc::clone(host),
        indicator: named.indicator.to_string().into(),
        confidence: named.indicator.confidence(),
    })
}
