//! What all sources saw, window by window.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use wire::Timestamp;

use super::counters::{Counts, bump};
use crate::coverage::{CoverageSlice, CoverageWindow};
use crate::finding::Epoch;
use crate::window::Windows;

/// Windows that are open at a time; more only come from clocks that leap about.
const MAX_OPEN: usize = 1_024;
/// Closed windows that are remembered, to go on with their revision.
const MAX_CLOSED: usize = 256;
/// Windows of which it is remembered that they were forgotten.
const MAX_FORGOTTEN: usize = 4_096;

/// A window that still grows.
#[derive(Clone, Debug, Default)]
struct OpenWindow {
    sum: CoverageSlice,
    revision: u32,
    is_changed: bool,
    due: Option<u64>,
    emitted: Option<u64>,
}

/// The store of coverage windows.
#[derive(Debug)]
pub(super) struct Coverage {
    epoch: Epoch,
    windows: Windows,
    interval: u64,
    open: BTreeMap<Timestamp, OpenWindow>,
    due: BTreeSet<(u64, Timestamp)>,
    closed: BTreeMap<Timestamp, OpenWindow>,
    closed_order: VecDeque<Timestamp>,
    forgotten: BTreeSet<Timestamp>,
}

impl Coverage {
    pub(super) const fn new(epoch: Epoch, windows: Windows, interval: u64) -> Self {
        Self {
            epoch,
            windows,
            interval,
            open: BTreeMap::new(),
            due: BTreeSet::new(),
            closed: BTreeMap::new(),
            closed_order: VecDeque::new(),
            forgotten: BTreeSet::new(),
        }
    }

    /// Adds what one source saw.
    pub(super) fn add(
        &mut self,
        slice: &CoverageSlice,
        elapsed: u64,
        counts: &mut Counts,
        out: &mut VecDeque<CoverageWindow>,
    ) {
        let start = slice.window_start;
        if !self.open.contains_key(&start) {
            if self.forgotten.contains(&start) {
                return bump(&mut counts.reports_too_late);
            }
            self.make_room(counts, out);
            let window = self.reopen(slice);
            self.open.insert(start, window);
        }
        let Some(window) = self.open.get_mut(&start) else {
            return;
        };
        window.sum.add(slice);
        window.is_changed = true;
        if window.due.is_none() {
            let due = window
                .emitted
                .unwrap_or(elapsed)
                .saturating_add(self.interval)
                .max(elapsed);
            window.due = Some(due);
            self.due.insert((due, start));
        }
    }

    fn reopen(&mut self, slice: &CoverageSlice) -> OpenWindow {
        self.closed_order
            .retain(|start| *start != slice.window_start);
        self.closed
            .remove(&slice.window_start)
            .unwrap_or_else(|| OpenWindow {
                sum: CoverageSlice {
                    window_start: slice.window_start,
                    at: slice.at,
                    first_seen: slice.first_seen,
                    last_seen: slice.last_seen,
                    ..CoverageSlice::default()
                },
                ..OpenWindow::default()
            })
    }

    fn make_room(&mut self, counts: &mut Counts, out: &mut VecDeque<CoverageWindow>) {
        while self.open.len() >= MAX_OPEN
            && let Some(first) = self.first_window()
        {
            bump(&mut counts.windows_closed_early);
            self.close(first, out);
        }
    }

    /// Opens the window of `now` though nothing was seen in it, so that silence shows as silence.
    pub(super) fn open_idle(
        &mut self,
        now: Timestamp,
        elapsed: u64,
        counts: &mut Counts,
        out: &mut VecDeque<CoverageWindow>,
    ) {
        let start = self.windows.start_of(now);
        if self.open.contains_key(&start) || self.closed.contains_key(&start) {
            return;
        }
        let empty = CoverageSlice {
            window_start: start,
            at: now,
            first_seen: now,
            last_seen: now,
            ..CoverageSlice::default()
        };
        self.add(&empty, elapsed, counts, out);
    }

    /// Emits what is due when `elapsed` has passed.
    pub(super) fn emit_due(&mut self, elapsed: u64, out: &mut VecDeque<CoverageWindow>) {
        while self.due.first().is_some_and(|(due, _)| *due <= elapsed) {
            if let Some((due, start)) = self.due.pop_first() {
                self.emit(start, due, false, out);
            }
        }
    }

    /// Closes the windows that ended `grace` before `now`.
    pub(super) fn close_before(
        &mut self,
        now: Timestamp,
        grace: Duration,
        out: &mut VecDeque<CoverageWindow>,
    ) {
        while let Some(first) = self.first_window()
            && self.windows.end_of(first).saturating_add(grace) <= now
        {
            self.close(first, out);
        }
    }

    fn emit(
        &mut self,
        start: Timestamp,
        elapsed: u64,
        closed: bool,
        out: &mut VecDeque<CoverageWindow>,
    ) {
        let Some(window) = self.open.get_mut(&start) else {
            return;
        };
        if let Some(due) = window.due.take() {
            self.due.remove(&(due, start));
        }
        if !window.is_changed && !closed {
            return;
        }
        window.is_changed = false;
        window.emitted = Some(elapsed);
        window.revision = window.revision.saturating_add(1);
        out.push_back(row(window, self.epoch, self.windows, closed));
    }

    fn close(&mut self, start: Timestamp, out: &mut VecDeque<CoverageWindow>) {
        let elapsed = self
            .open
            .get(&start)
            .and_then(|window| window.due)
            .unwrap_or_default();
        self.emit(start, elapsed, true, out);
        let Some(window) = self.open.remove(&start) else {
            return;
        };
        self.closed.insert(start, window);
        self.closed_order.push_back(start);
        if self.closed_order.len() > MAX_CLOSED
            && let Some(oldest) = self.closed_order.pop_front()
        {
            self.closed.remove(&oldest);
            self.forgotten.insert(oldest);
            if self.forgotten.len() > MAX_FORGOTTEN {
                self.forgotten.pop_first();
            }
        }
    }

    /// Closes every window, in order.
    pub(super) fn finish(&mut self, out: &mut VecDeque<CoverageWindow>) {
        while let Some(first) = self.first_window() {
            self.close(first, out);
        }
    }

    pub(super) fn first_window(&self) -> Option<Timestamp> {
        self.open.keys().next().copied()
    }

    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(due, _)| *due)
    }
}

fn row(window: &OpenWindow, epoch: Epoch, windows: Windows, closed: bool) -> CoverageWindow {
    let sum = &window.sum;
    CoverageWindow {
        epoch,
        window_start: sum.window_start,
        window_length: windows.length_nanos(),
        revision: window.revision,
        first_seen: sum.first_seen,
        last_seen: sum.last_seen,
        closed,
        frames: sum.frames,
        bytes: sum.bytes,
        frames_dropped: sum.frames_dropped,
        flows: sum.flows,
        flows_named: sum.flows_named,
        flows_hidden: sum.flows_hidden,
        flows_unnamed: sum.flows_unnamed,
        flows_mid_stream: sum.flows_mid_stream,
        flows_evicted: sum.flows_evicted,
        flows_encrypted_dns: sum.flows_encrypted_dns,
        flows_tunnelled: sum.flows_tunnelled,
        rejects: sum
            .rejects
            .iter()
            .map(|(name, count)| ((*name).into(), *count))
            .collect(),
    }
}
