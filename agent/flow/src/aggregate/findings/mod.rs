//! All findings that are open, and lately closed ones, which may be opened again by a late report.

mod closing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use signatures::{ServiceId, Surface};
use wire::Timestamp;

use crate::aggregate::counters::{Counts, bump};
use crate::aggregate::flows::News;
use crate::aggregate::open::{Observations, Open};
use crate::device::Device;
use crate::finding::{Epoch, Finding, FindingKey};
use crate::report::FlowReport;

/// Findings that are open at a time.
const MAX_OPEN: usize = 65_536;
/// Devices and services of which contact with shared hosts is remembered.
const MAX_SUPPORT: usize = 16_384;

/// Device, service and window that shared hosts speak for.
type SupportKey = (Device, ServiceId, Timestamp);

/// A key that stands in several lists at once.
type Key = Arc<FindingKey>;

/// The store of findings. They are boxed, since a tree moves what it holds whenever something new comes.
#[derive(Debug, Default)]
pub(in crate::aggregate) struct Findings {
    open: BTreeMap<Key, Box<Open>>,
    /// Keys in the order in which they were opened; may hold keys that are closed by now.
    opened: VecDeque<Key>,
    due: BTreeSet<(u64, Key)>,
    /// How many findings are open in each window.
    windows: BTreeMap<Timestamp, usize>,
    closed: BTreeMap<Key, Box<Open>>,
    closed_order: VecDeque<Key>,
    forgotten: BTreeSet<Timestamp>,
    support: BTreeMap<SupportKey, Observations>,
    support_order: VecDeque<SupportKey>,
}

/// When findings are emitted.
#[derive(Clone, Copy, Debug)]
pub(in crate::aggregate) struct Pace {
    /// From the first report to the first revision.
    pub(in crate::aggregate) first: u64,
    /// From one revision to the next, at least.
    pub(in crate::aggregate) interval: u64,
}

impl Findings {
    /// The finding of a contact, or of a program's own look-up, that a look-up without a program led to: the
    /// first that began after it, else the last before it.
    pub(in crate::aggregate) fn contact_of(
        &self,
        epoch: Epoch,
        report: &FlowReport,
    ) -> Option<FindingKey> {
        let own = key_of(epoch, report);
        let first = FindingKey {
            process: None,
            user: None,
            ..own.clone()
        };
        let same = |key: &FindingKey| {
            (key.device, key.window_start, &key.service)
                == (own.device, own.window_start, &own.service)
                && (key.surface, &key.tenant) == (own.surface, &own.tenant)
        };
        let contacts = self
            .open
            .range::<FindingKey, _>(&first..)
            .take_while(|(key, _)| same(key))
            .filter(|(key, open)| key.process.is_some() || open.is_contact());
        contacts
            .min_by_key(|(_, open)| {
                let began = open.began();
                let before = began < report.first_seen;
                let distance = began.as_nanos().abs_diff(report.first_seen.as_nanos());
                (before, distance)
            })
            .map(|(key, _)| FindingKey::clone(key))
    }

    /// Folds in a report that stands alone; into the finding of `key` rather than its own when given.
    pub(in crate::aggregate) fn fold(
        &mut self,
        (epoch, key): (Epoch, Option<FindingKey>),
        report: &FlowReport,
        news: &News,
        elapsed: u64,
        (pace, counts, out): (Pace, &mut Counts, &mut VecDeque<Finding>),
    ) {
        let key = key.unwrap_or_else(|| key_of(epoch, report));
        if let Some(open) = self.open.get_mut(&key) {
            let left_out = open.fold(report, news);
            counts.evidence_over_cap = counts.evidence_over_cap.saturating_add(left_out);
            if let Some(due) = next_revision(open, elapsed, pace) {
                self.due.insert((due, Arc::clone(&open.key)));
            }
            return;
        }
        if news.is_empty() {
            return;
        }
        let Some(mut open) = self.open_or_reopen(key, report) else {
            return bump(&mut counts.reports_too_late);
        };
        let left_out = open.fold(report, news);
        counts.evidence_over_cap = counts.evidence_over_cap.saturating_add(left_out);
        let due = next_revision(&mut open, elapsed, pace);
        self.due.extend(due.map(|due| (due, Arc::clone(&open.key))));
        self.make_room(counts, out);
        self.insert(open);
    }

    /// A finding that is not among the open ones; `None` when it was, so long ago that it was forgotten.
    fn open_or_reopen(&mut self, key: FindingKey, report: &FlowReport) -> Option<Box<Open>> {
        if let Some(mut closed) = self.closed.remove(&key) {
            self.closed_order.retain(|other| **other != key);
            closed.due = None;
            return Some(closed);
        }
        if self.forgotten.contains(&key.window_start) {
            return None;
        }
        Some(Box::new(Open::new(Arc::new(key), report)))
    }

    fn make_room(&mut self, counts: &mut Counts, out: &mut VecDeque<Finding>) {
        while self.open.len() >= MAX_OPEN
            && let Some(oldest) = self.opened.pop_front()
        {
            if self.open.contains_key(&oldest) {
                bump(&mut counts.findings_closed_early);
                self.close(&oldest, out);
            }
        }
    }

    fn insert(&mut self, open: Box<Open>) {
        let key = Arc::clone(&open.key);
        let count = self.windows.entry(key.window_start).or_default();
        *count = count.saturating_add(1);
        self.opened.push_back(Arc::clone(&key));
        self.open.insert(key, open);
    }

    /// Notes contact with a shared host, which strengthens findings of the same device and service.
    pub(in crate::aggregate) fn support(
        &mut self,
        epoch: Epoch,
        report: &FlowReport,
        news: &News,
        elapsed: u64,
        (pace, counts): (Pace, &mut Counts),
    ) {
        let key = (report.device, report.service.clone(), report.window_start);
        if !self.support.contains_key(&key) {
            if self.support.len() >= MAX_SUPPORT
                && let Some(oldest) = self.support_order.pop_front()
            {
                self.support.remove(&oldest);
            }
            self.support_order.push_back(key.clone());
        }
        let observations = self.support.entry(key.clone()).or_default();
        for (item, count) in report.evidence.iter().zip(&news.evidence) {
            let version = &report.catalogue_version;
            if !observations.add(item, (*count).max(1), version, report.window_start) {
                bump(&mut counts.evidence_over_cap);
            }
        }
        let first = FindingKey {
            surface: Surface::Web,
            tenant: None,
            process: None,
            user: None,
            ..key_of(epoch, report)
        };
        let supported: Vec<Key> = self
            .open
            .range::<FindingKey, _>(&first..)
            .map(|(open, _)| open)
            .take_while(|open| support_key(open) == key)
            .cloned()
            .collect();
        for key in supported {
            let Some(open) = self.open.get_mut(&key) else {
                continue;
            };
            open.is_changed = true;
            if let Some(due) = next_revision(open, elapsed, pace) {
                self.due.insert((due, key));
            }
        }
    }

    /// Emits what is due when `elapsed` has passed.
    pub(in crate::aggregate) fn emit_due(&mut self, elapsed: u64, out: &mut VecDeque<Finding>) {
        while self.due.first().is_some_and(|(due, _)| *due <= elapsed) {
            if let Some((due, key)) = self.due.pop_first() {
                self.emit(&key, due, out);
            }
        }
    }

    fn emit(&mut self, key: &Key, elapsed: u64, out: &mut VecDeque<Finding>) {
        let Some(open) = self.open.get_mut(key) else {
            return;
        };
        if let Some(due) = open.due.take() {
            self.due.remove(&(due, Arc::clone(key)));
        }
        if open.is_changed {
            open.emitted = Some(elapsed);
            out.push_back(open.emit(self.support.get(&support_key(key))));
        }
    }

    pub(in crate::aggregate) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(due, _)| *due)
    }

    /// The earliest window with an open finding.
    pub(in crate::aggregate) fn first_window(&self) -> Option<Timestamp> {
        self.windows.keys().next().copied()
    }
}

/// When `open` is to be emitted, in case that is not decided yet.
fn next_revision(open: &mut Open, elapsed: u64, pace: Pace) -> Option<u64> {
    if !open.is_changed || open.due.is_some() {
        return None;
    }
    let due = open
        .emitted
        .map_or(elapsed.saturating_add(pace.first), |emitted| {
            emitted.saturating_add(pace.interval).max(elapsed)
        });
    open.due = Some(due);
    Some(due)
}

fn support_key(key: &FindingKey) -> SupportKey {
    (key.device, key.service.clone(), key.window_start)
}

fn key_of(epoch: Epoch, report: &FlowReport) -> FindingKey {
    FindingKey {
        epoch,
        device: report.device,
        window_start: report.window_start,
        service: report.service.clone(),
        surface: report.surface,
        tenant: report.tenant.clone(),
        process: report
            .attribution
            .process
            .as_ref()
            .map(|process| process.program().to_owned()),
        user: report
            .attribution
            .user
            .as_ref()
            .map(|user| user.label.clone()),
    }
}
