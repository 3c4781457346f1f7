//! The flows that are followed: bounded, found by one look-up, forgotten by age.
//!
//! One table belongs to one capture thread, so nothing is locked. Entries are of fixed size (128
//! bytes, two cache lines) and never move; an [`Index`] of 8-byte buckets finds them. A coarse
//! [wheel](wheel) of one-second ticks looks at each flow at least once a minute and ends those that
//! were quiet too long. At the cap the flow with the least time left, of a few, is given up.

mod entry;
mod index;
mod slab;
mod tcp;
mod udp;
mod wheel;

pub(crate) use entry::{Dissection, Entry, Flags, by_side};
pub(crate) use index::{Hashing, Index};
use slab::Slab;
pub(crate) use tcp::{MAX_GAP, count_segment};
pub(crate) use udp::count_datagram;
use wheel::Wheel;

use crate::key::{FlowKey, Side};
use wire::Timestamp;

/// How many flows are looked at to find one to give up at the cap.
const EVICTION_LOOKS: usize = 16;

/// Bounded table of flows.
#[derive(Debug)]
pub(crate) struct FlowTable {
    hashing: Hashing,
    index: Index,
    slab: Slab,
    wheel: Wheel,
    max_flows: usize,
}

impl FlowTable {
    pub(crate) fn new(max_flows: usize) -> Self {
        let max_flows = max_flows.max(1);
        Self {
            hashing: Hashing::new(),
            index: Index::new(),
            slab: Slab::new(),
            wheel: Wheel::new(),
            max_flows,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.slab.len()
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.slab.len() >= self.max_flows
    }

    /// How keys are hashed.
    pub(crate) const fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    /// The hash under which the flow of `key` is found.
    pub(crate) fn hash_of(&self, key: &FlowKey) -> u32 {
        self.hashing.flow(key)
    }

    pub(crate) fn find(&self, key: &FlowKey, hash: u32) -> Option<u32> {
        self.index.find(hash, |slot| {
            self.slab.get(slot).is_some_and(|entry| entry.key.is(key))
        })
    }

    pub(crate) fn get(&self, slot: u32) -> Option<&Entry> {
        self.slab.get(slot)
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut Entry> {
        self.slab.get_mut(slot)
    }

    /// Adds a flow that is not there yet; the caller has made room.
    pub(crate) fn insert(
        &mut self,
        key: FlowKey,
        hash: u32,
        orig: Side,
        ts: Timestamp,
        tick: u32,
    ) -> u32 {
        let slot = self.slab.insert(Entry::new(key, orig, ts, tick));
        self.index.insert(hash, slot);
        self.wheel.schedule_new(&mut self.slab, slot, tick);
        slot
    }

    /// Takes the next flow whose idle time is over at `tick`; it is off the wheel and must be removed.
    pub(crate) fn take_expired(&mut self, tick: u32) -> Option<u32> {
        self.wheel.take_expired(&mut self.slab, tick)
    }

    /// Takes a flow to give up; it is off the wheel and must be removed.
    pub(crate) fn take_for_eviction(&mut self) -> Option<u32> {
        self.wheel.take_least(&mut self.slab, EVICTION_LOOKS)
    }

    /// Every flow with its slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Entry)> {
        self.slab.iter()
    }

    /// Removes every flow; slots may be used again under the same name.
    pub(crate) fn clear(&mut self) {
        self.index = Index::new();
        self.slab = Slab::new();
        self.wheel = Wheel::new();
    }

    /// Removes a flow that was taken off the wheel.
    pub(crate) fn remove(&mut self, slot: u32) {
        if let Some(entry) = self.slab.get(slot) {
            self.index.remove(self.hashing.flow(&entry.key), slot);
            self.slab.remove(slot);
        }
    }

    /// The next tick at which a flow is to be looked at.
    pub(crate) fn next_tick(&self) -> Option<u32> {
        self.wheel.next_tick()
    }

    /// The flow of `key` if it is in `slot`, as a hint says.
    #[inline(always)]
    pub(crate) fn get_at(&mut self, slot: u32, key: &FlowKey) -> Option<&mut Entry> {
        let entry = self.slab.get_mut(slot)?;
        (entry.key.is(key) && !entry.flags.has(Flags::FREE)).then_some(entry)
    }

    /// Loads the bucket at which a look-up of `hash` begins, so that the loads of a batch overlap.
    #[inline(always)]
    pub(crate) fn touch_bucket(&self, hash: u32) -> u32 {
        self.index.touch(hash)
    }

    /// The slot at which a look-up of `hash` will most likely end.
    #[inline(always)]
    pub(crate) fn likely_slot(&self, hash: u32) -> Option<u32> {
        self.index.likely(hash)
    }

    /// Loads the entry that a look-up will most likely end at, both of its cache lines.
    pub(crate) fn touch_entry(&self, slot: u32) -> u32 {
        self.slab.get(slot).map_or(0, |entry| {
            entry.generation ^ u32::from(entry.key.low_port())
        })
    }
}

#[cfg(test)]
mod tests;
