//! Flows whose owner was decided, for as long as they live and a little longer.

use std::collections::{BTreeMap, VecDeque};

use crate::attribution::Attribution;
use crate::report::ClientSocket;

/// Flows that are remembered; beyond it the one decided first goes, counted.
const MAX_DECIDED: usize = 16_384;
/// How long a flow that ended is remembered, in nanoseconds: the other services named on it end with it.
const KEPT_AFTER_END: u64 = 60_000_000_000;

#[derive(Debug)]
struct Entry {
    attribution: Attribution,
    number: u64,
    has_ended: bool,
}

/// The memory of decisions.
#[derive(Debug, Default)]
pub(super) struct Decided {
    flows: BTreeMap<ClientSocket, Entry>,
    order: BTreeMap<u64, ClientSocket>,
    ended: VecDeque<(u64, ClientSocket, u64)>,
    next: u64,
    evicted: u64,
}

impl Decided {
    pub(super) fn get(&self, socket: &ClientSocket) -> Option<&Attribution> {
        self.flows.get(socket).map(|entry| &entry.attribution)
    }

    pub(super) fn insert(&mut self, socket: ClientSocket, attribution: Attribution) {
        while self.flows.len() >= MAX_DECIDED
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.flows.remove(&oldest);
            self.evicted = self.evicted.saturating_add(1);
        }
        self.next = self.next.saturating_add(1);
        let entry = Entry {
            attribution,
            number: self.next,
            has_ended: false,
        };
        self.order.insert(self.next, socket);
        if let Some(before) = self.flows.insert(socket, entry) {
            self.order.remove(&before.number);
        }
    }

    /// The flow has ended when `elapsed` had passed.
    pub(super) fn end(&mut self, socket: &ClientSocket, elapsed: u64) {
        if let Some(entry) = self.flows.get_mut(socket)
            && !entry.has_ended
        {
            entry.has_ended = true;
            self.ended.push_back((elapsed, *socket, entry.number));
        }
    }

    /// Forgets what ended long ago.
    pub(super) fn forget(&mut self, elapsed: u64) {
        while let Some((at, socket, number)) = self.ended.front().copied()
            && at.saturating_add(KEPT_AFTER_END) <= elapsed
        {
            self.ended.pop_front();
            if self.order.remove(&number).is_some() {
                self.flows.remove(&socket);
            }
        }
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.evicted
    }
}
