//! One finding while its window is open.

use std::sync::Arc;

use signatures::{Confidence as Grade, Specificity};
use wire::Timestamp;

use super::flows::News;
use super::judge::{Grounds, judge};
use crate::attribution::Attribution;
use crate::finding::{Evidence, EvidenceKind, Finding, FindingKey, Stage, StageLimit};
use crate::presence::Attribute;
use crate::report::{FlowReport, ReportedEvidence};

/// Different observations kept in one finding.
const MAX_EVIDENCE: usize = 32;
/// Names of a device kept in one finding.
const MAX_NAMES: usize = 8;

/// Kind, value and indicator of an observation, and the version of the catalogue that matched: what is observed after
/// the catalogue was replaced stands beside what was observed before.
type EvidenceKey = (EvidenceKind, Arc<str>, Arc<str>, Arc<str>);

/// How often an observation was made in the window, and when.
#[derive(Clone, Debug)]
struct Observed {
    grade: Grade,
    attributes: Arc<[Attribute]>,
    count: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
}

/// Observations, capped, in the order in which a finding shows them. Mostly there is one or two, so they
/// are a list in which look-ups halve the distance.
#[derive(Clone, Debug, Default)]
pub(super) struct Observations(Vec<(EvidenceKey, Observed)>);

impl Observations {
    /// Adds an observation that was made `count` times more; returns whether it found a place.
    pub(super) fn add(
        &mut self,
        item: &ReportedEvidence,
        count: u64,
        version: &Arc<str>,
        window_start: Timestamp,
    ) -> bool {
        let wanted = (item.kind, &*item.value, &*item.indicator, &**version);
        let place = self
            .0
            .binary_search_by(|((kind, value, indicator, version), _)| {
                (*kind, &**value, &**indicator, &**version).cmp(&wanted)
            });
        let (first, last) = (
            item.first_seen.max(window_start),
            item.last_seen.max(window_start),
        );
        let place = match place {
            Ok(place) => {
                if let Some((_, known)) = self.0.get_mut(place) {
                    known.attributes = Arc::clone(&item.attributes);
                    known.count = known.count.saturating_add(count);
                    known.first_seen = known.first_seen.min(first);
                    known.last_seen = known.last_seen.max(last);
                }
                return true;
            }
            Err(place) => place,
        };
        let room = self.0.len() < MAX_EVIDENCE;
        if room {
            let key = (
                item.kind,
                Arc::clone(&item.value),
                Arc::clone(&item.indicator),
                Arc::clone(version),
            );
            let observed = Observed {
                grade: item.indicator_confidence,
                attributes: Arc::clone(&item.attributes),
                count,
                first_seen: first,
                last_seen: last,
            };
            self.0.reserve_exact(1);
            self.0.insert(place, (key, observed));
        }
        room
    }

    fn rows(&self) -> impl Iterator<Item = Evidence> {
        self.0
            .iter()
            .map(|((kind, value, indicator, version), observed)| Evidence {
                kind: *kind,
                value: value.to_string(),
                indicator: indicator.to_string(),
                catalogue_version: version.to_string(),
                attributes: observed.attributes.to_vec(),
                count: observed.count,
                first_seen: observed.first_seen,
                last_seen: observed.last_seen,
            })
    }

    fn grounds(&self) -> Vec<(EvidenceKind, Grade, bool)> {
        self.0
            .iter()
            .map(|((kind, _, indicator, _), observed)| {
                (*kind, observed.grade, indicator.starts_with("local:"))
            })
            .collect()
    }
}

/// A finding that still grows.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// By what it is kept.
    pub(super) key: Arc<FindingKey>,
    revision: u32,
    stage: Stage,
    limit: Option<StageLimit>,
    first_seen: Timestamp,
    last_seen: Timestamp,
    flow_count: u64,
    bytes_out: u64,
    bytes_in: u64,
    observations: Observations,
    attribution: Attribution,
    catalogue_version: Arc<str>,
    specificity: Specificity,
    names: Vec<Arc<str>>,
    /// Whether something is new since it was last emitted.
    pub(super) is_changed: bool,
    /// Elapsed time at which it was last emitted.
    pub(super) emitted: Option<u64>,
    /// Elapsed time at which it is to be emitted, while it is in the queue for that.
    pub(super) due: Option<u64>,
}

impl Open {
    pub(super) fn new(key: Arc<FindingKey>, report: &FlowReport) -> Self {
        Self {
            key,
            revision: 0,
            stage: report.stage,
            limit: report.stage_limit,
            first_seen: report.first_seen,
            last_seen: report.last_seen,
            flow_count: 0,
            bytes_out: 0,
            bytes_in: 0,
            observations: Observations::default(),
            attribution: report.attribution.clone(),
            catalogue_version: Arc::clone(&report.catalogue_version),
            specificity: report.specificity,
            names: Vec::new(),
            is_changed: false,
            emitted: None,
            due: None,
        }
    }

    /// Whether it is about more than look-ups and traces.
    pub(super) fn is_contact(&self) -> bool {
        self.stage > Stage::Resolved
    }

    /// When the first packet of it in the window was seen.
    pub(super) const fn began(&self) -> Timestamp {
        self.first_seen
    }

    /// Folds in what a report brings; returns how many observations found no place.
    pub(super) fn fold(&mut self, report: &FlowReport, news: &News) -> u64 {
        if self.climb(report) || !news.is_empty() {
            self.is_changed = true;
        }
        if news.is_empty() {
            return 0;
        }
        self.first_seen = self.first_seen.min(report.first_seen);
        self.last_seen = self.last_seen.max(report.last_seen);
        self.bytes_out = self.bytes_out.saturating_add(news.bytes_out);
        self.bytes_in = self.bytes_in.saturating_add(news.bytes_in);
        if news.is_first_in_window && report.flow.is_some() {
            self.flow_count = self.flow_count.saturating_add(1);
        }
        self.attribute(report);
        self.catalogue_version = Arc::clone(&report.catalogue_version);
        for name in &report.device_names {
            if self.names.len() < MAX_NAMES && !self.names.contains(name) {
                self.names.push(Arc::clone(name));
            }
        }
        self.names.sort_unstable();
        self.observe(report, news)
    }

    /// What is said of the whole finding is what holds of each flow in it: the weakest match.
    fn attribute(&mut self, report: &FlowReport) {
        let (own, new) = (&mut self.attribution, &report.attribution);
        if own.process.is_none() != new.process.is_none() {
            return;
        }
        if new.quality > own.quality {
            own.quality = new.quality;
            own.reason.clone_from(&new.reason);
        }
        if let (Some(known), Some(read)) = (&mut own.process, &new.process)
            && known.sha256.is_none()
            && (known.pid, known.start_time) == (read.pid, read.start_time)
        {
            *known = Arc::clone(read);
        }
        if own.later_user.is_none() {
            own.later_user.clone_from(&new.later_user);
        }
    }

    /// Takes the stage of a report when it is higher, or as high with less reserve.
    fn climb(&mut self, report: &FlowReport) -> bool {
        let freed = report.stage_limit.is_none() && self.limit.is_some();
        let climbs = report.stage > self.stage || (report.stage == self.stage && freed);
        if climbs {
            self.stage = report.stage;
            self.limit = report.stage_limit;
        }
        climbs
    }

    fn observe(&mut self, report: &FlowReport, news: &News) -> u64 {
        let mut left_out = 0_u64;
        for (item, new) in report.evidence.iter().zip(&news.evidence) {
            // What named a flow in an earlier window still stands for its bytes in this one.
            let count = if news.is_first_in_window {
                (*new).max(1)
            } else {
                *new
            };
            if count == 0 {
                continue;
            }
            let version = &report.catalogue_version;
            if !self
                .observations
                .add(item, count, version, report.window_start)
            {
                left_out = left_out.saturating_add(1);
            }
        }
        left_out
    }

    /// The finding as it is now, one revision later.
    pub(super) fn emit(&mut self, support: Option<&Observations>) -> Finding {
        self.revision = self.revision.saturating_add(1);
        self.is_changed = false;
        let grounds = self.observations.grounds();
        let confidence = judge(&Grounds {
            evidence: &grounds,
            limit: self.limit,
            specificity: self.specificity,
            supported: support.is_some(),
        });
        let shared = support.into_iter().flat_map(Observations::rows);
        let mut evidence: Vec<Evidence> = self.observations.rows().chain(shared).collect();
        evidence.sort_unstable();
        Finding {
            key: FindingKey::clone(&self.key),
            revision: self.revision,
            stage: self.stage,
            stage_limit: self.limit,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            flow_count: self.flow_count,
            bytes_out: self.bytes_out,
            bytes_in: self.bytes_in,
            evidence,
            confidence,
            attribution: self.attribution.clone(),
            catalogue_version: self.catalogue_version.to_string(),
            specificity: self.specificity,
            device_names: self.names.iter().map(ToString::to_string).collect(),
        }
    }
}
