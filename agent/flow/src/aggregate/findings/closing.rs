//! The end of findings: of a window, to make room, and of the run.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wire::Timestamp;

use super::{Findings, Key, support_key};
use crate::aggregate::open::Open;
use crate::finding::Finding;
use crate::window::Windows;

/// Closed findings that are remembered, to go on with their revision.
const MAX_CLOSED: usize = 8_192;
/// Windows of which it is remembered that closed findings were forgotten.
const MAX_FORGOTTEN: usize = 1_024;
impl Findings {
    /// Closes the findings of all windows that ended `grace` before `now`.
    pub(in crate::aggregate) fn close_before(
        &mut self,
        now: Timestamp,
        (windows, grace): (Windows, Duration),
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
        let over: Vec<Key> = self
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

    pub(super) fn close(&mut self, key: &Key, out: &mut VecDeque<Finding>) {
        let emitted = self
            .open
            .get(key)
            .and_then(|open| open.due)
            .unwrap_or_default();
        self.emit(key, emitted, out);
        if let Some(open) = self.open.remove(key) {
            self.keep_closed(Arc::clone(key), open);
        }
    }

    fn keep_closed(&mut self, key: Key, open: Box<Open>) {
        if let Some(count) = self.windows.get_mut(&key.window_start) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.windows.remove(&key.window_start);
            }
        }
        self.closed_order.push_back(Arc::clone(&key));
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

    /// Emits everything that changed, in the order of the keys, and forgets all: nothing is recorded after it.
    pub(in crate::aggregate) fn finish(&mut self, out: &mut VecDeque<Finding>) {
        let Self { open, support, .. } = std::mem::take(self);
        out.reserve(open.len());
        for (key, mut open) in open {
            if open.is_changed {
                out.push_back(open.emit(support.get(&support_key(&key))));
            }
        }
    }
}
