//! All findings that are open, and lately closed ones, which may be opened again by a late report.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use signatures::{ServiceId, Surface};
use wire::Timestamp;

use super::counters::{Counts, bump};
use super::flows::News;
use super::open::{Observations, Open};
use crate::device::Device;
use crate::finding::{Epoch, Finding, FindingKey};
use crate::report::FlowReport;
use crate::window::Windows;

/// Findings that are open at a time.
const MAX_OPEN: usize = 65_536;
/// Closed findings that are remembered, to go on with their revision.
const MAX_CLOSED: usize = 8_192;
/// Windows of which it is remembered that closed findings were forgotten.
const MAX_FORGOTTEN: usize = 1_024;
/// Devices and services of which contact with shared hosts is remembered.
const MAX_SUPPORT: usize = 16_384;

/// Device, service and window that shared hosts speak for.
type SupportKey = (Device, ServiceId, Timestamp);

/// The store of findings.
#[derive(Debug, Default)]
pub(super) struct Findings {
    open: BTreeMap<FindingKey, Open>,
    /// Keys in the order in which they were opened; may hold keys that are closed by now.
    opened: VecDeque<FindingKey>,
    due: BTreeSet<(u64, FindingKey)>,
    /// How many findings are open in each window.
    windows: BTreeMap<Timestamp, usize>,
    closed: BTreeMap<FindingKey, Open>,
    closed_order: VecDeque<FindingKey>,
    forgotten: BTreeSet<Timestamp>,
    support: BTreeMap<SupportKey, Observations>,
    support_order: VecDeque<SupportKey>,
}

/// When findings are emitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// From the first report to the first revision.
    pub(super) first: u64,
    /// From one revision to the next, at least.
    pub(super) interval: u64,
}

impl Findings {
    /// The finding of a contact, or of a program's own look-up, that a look-up without a program led to: the
    /// first that began after it, else the last before it.
    pub(super) fn contact_of(&self, epoch: Epoch, report: &FlowReport) -> Option<FindingKey> {
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
            .range(first..)
            .take_while(|(key, _)| same(key))
            .filter(|(key, open)| key.process.is_some() || open.is_contact());
        contacts
            .min_by_key(|(_, open)| {
                let began = open.began();
                let before = began < report.first_seen;
                let distance = began.as_nanos().abs_diff(report.first_seen.as_nanos());
                (before, distance)
            })
            .map(|(key, _)| key.clone())
    }

    /// Folds in a report that stands alone; into the finding of `key` rather than its own when given.
    pub(super) fn fold(
        &mut self,
        (epoch, key): (Epoch, Option<FindingKey>),
        report: &FlowReport,
        news: &News,
        elapsed: u64,
        (pace, counts, out): (Pace, &mut Counts, &mut VecDeque<Finding>),
    ) {
        let key = key.unwrap_or_else(|| key_of(epoch, report));
        if !self.open.contains_key(&key) {
            if news.is_empty() {
                return;
            }
            if !self.open_or_reopen(&key, report, counts, out) {
                return bump(&mut counts.reports_too_late);
            }
        }
        let Some(open) = self.open.get_mut(&key) else {
            return;
        };
        let left_out = open.fold(report, news);
        counts.evidence_over_cap = counts.evidence_over_cap.saturating_add(left_out);
        self.schedule(&key, elapsed, pace);
    }

    fn schedule(&mut self, key: &FindingKey, elapsed: u64, pace: Pace) {
        let Some(open) = self.open.get_mut(key) else {
            return;
        };
        if open.is_changed && open.due.is_none() {
            let due = open
                .emitted
                .map_or(elapsed.saturating_add(pace.first), |emitted| {
                    emitted.saturating_add(pace.interval).max(elapsed)
                });
            open.due = Some(due);
            self.due.insert((due, key.clone()));
        }
    }

    fn open_or_reopen(
        &mut self,
        key: &FindingKey,
        report: &FlowReport,
        counts: &mut Counts,
        out: &mut VecDeque<Finding>,
    ) -> bool {
        let open = match self.closed.remove(key) {
            Some(mut closed) => {
                self.closed_order.retain(|other| other != key);
                closed.due = None;
                closed
            }
            None if self.forgotten.contains(&key.window_start) => return false,
            None => Open::new(report),
        };
        while self.open.len() >= MAX_OPEN
            && let Some(oldest) = self.opened.pop_front()
        {
            if self.open.contains_key(&oldest) {
                bump(&mut counts.findings_closed_early);
                self.close(&oldest, out);
            }
        }
        self.open.insert(key.clone(), open);
        self.opened.push_back(key.clone());
        let count = self.windows.entry(key.window_start).or_default();
        *count = count.saturating_add(1);
        true
    }

    /// Notes contact with a shared host, which strengthens findings of the same device and service.
    pub(super) fn support(
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
        let supported: Vec<FindingKey> = self
            .open
            .range(&first..)
            .map(|(open, _)| open)
            .take_while(|open| support_key(open) == key)
            .cloned()
            .collect();
        for key in supported {
            if let Some(open) = self.open.get_mut(&key) {
                open.is_changed = true;
            }
            self.schedule(&key, elapsed, pace);
        }
    }

    /// Emits what is due when `elapsed` has passed.
    pub(super) fn emit_due(&mut self, elapsed: u64, out: &mut VecDeque<Finding>) {
        while self.due.first().is_some_and(|(due, _)| *due <= elapsed) {
            if let Some((due, key)) = self.due.pop_first() {
                self.emit(&key, due, out);
            }
        }
    }

    fn emit(&mut self, key: &FindingKey, elapsed: u64, out: &mut VecDeque<Finding>) {
        let Some(open) = self.open.get_mut(key) else {
            return;
        };
        if let Some(due) = open.due.take() {
            self.due.remove(&(due, key.clone()));
        }
        if open.is_changed {
            open.emitted = Some(elapsed);
            out.push_back(open.emit(key, self.support.get(&support_key(key))));
        }
    }

    /// Closes the findings of all windows that ended `grace` before `now`.
    pub(super) fn close_before(
        &mut self,
        now: Timestamp,
        (windows, grace): (Windows, std::time::Duration),
        out: &mut VecDeque<Finding>,
    ) {
        let is_over = |start: Timestamp| windows.end_of(start).saturating_add(grace) <= now;
        if !self
            .windows
            .keys()
            .next()
            .is_some_and(|start| is_over(*start))
        {
            return;
        }
        let over: Vec<FindingKey> = self
            .open
            .keys()
            .filter(|key| is_over(key.window_start))
            .cloned()
            .collect();
        for key in &over {
            self.close(key, out);
        }
        self.opened.retain(|key| self.open.contains_key(key));
        self.support.retain(|(_, _, start), _| !is_over(*start));
        self.support_order
            .retain(|key| self.support.contains_key(key));
    }

    fn close(&mut self, key: &FindingKey, out: &mut VecDeque<Finding>) {
        let emitted = self
            .open
            .get(key)
            .and_then(|open| open.due)
            .unwrap_or_default();
        self.emit(key, emitted, out);
        if let Some(open) = self.open.remove(key) {
            self.keep_closed(key.clone(), open);
        }
    }

    fn keep_closed(&mut self, key: FindingKey, open: Open) {
        if let Some(count) = self.windows.get_mut(&key.window_start) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.windows.remove(&key.window_start);
            }
        }
        self.closed_order.push_back(key.clone());
        self.closed.insert(key, open);
        if self.closed_order.len() > MAX_CLOSED
            && let Some(oldest) = self.closed_order.pop_front()
        {
            self.closed.remove(&oldest);
            self.forgotten.insert(oldest.window_start);
            if self.forgotten.len() > MAX_FORGOTTEN {
                self.forgotten.pop_first();
            }
        }
    }

    /// Emits everything that changed, in the order of the keys, and closes all.
    pub(super) fn finish(&mut self, out: &mut VecDeque<Finding>) {
        self.due.clear();
        self.opened.clear();
        for (key, mut open) in std::mem::take(&mut self.open) {
            let due = open.due.take().unwrap_or_default();
            if open.is_changed {
                open.emitted = Some(due);
                out.push_back(open.emit(&key, self.support.get(&support_key(&key))));
            }
            self.keep_closed(key, open);
        }
    }

    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(due, _)| *due)
    }

    /// The earliest window with an open finding.
    pub(super) fn first_window(&self) -> Option<Timestamp> {
        self.windows.keys().next().copied()
    }
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
