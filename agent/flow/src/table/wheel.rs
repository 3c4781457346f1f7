//! Idle times: a ring of one-second ticks, each with a list of flows to look at.
//!
//! Nothing moves on the wheel when a packet comes. When a flow's turn comes, it is ended if it was
//! quiet for too long, and otherwise put where it may be; at the latest a minute later, so that a
//! connection that closes in the meantime does not stay long.

use super::entry::NONE;
use super::slab::Slab;

/// Ticks on the wheel, a power of two.
const TICKS: u32 = 64;
/// Seconds after which a new flow is looked at first.
const FIRST_LOOK: u32 = 10;

#[derive(Clone, Copy, Debug)]
struct List {
    head: u32,
    tail: u32,
}

const EMPTY: List = List {
    head: NONE,
    tail: NONE,
};

/// The ring.
#[derive(Debug)]
pub(super) struct Wheel {
    lists: [List; TICKS as usize],
    /// Every tick before this one has been dealt with.
    current: u32,
}

impl Wheel {
    pub(super) const fn new() -> Self {
        Self {
            lists: [EMPTY; TICKS as usize],
            current: 0,
        }
    }

    fn list(&mut self, tick: u32) -> Option<&mut List> {
        self.lists
            .get_mut(usize::try_from(tick % TICKS).unwrap_or_default())
    }

    pub(super) fn schedule_new(&mut self, slab: &mut Slab, slot: u32, tick: u32) {
        self.schedule(slab, slot, tick.saturating_add(FIRST_LOOK));
    }

    /// Puts `slot` at the end of the list of `tick`, or of the nearest that the wheel has.
    fn schedule(&mut self, slab: &mut Slab, slot: u32, tick: u32) {
        let last = self.current.saturating_add(TICKS).saturating_sub(1);
        let tick = tick.clamp(self.current, last);
        if let Some(entry) = slab.get_mut(slot) {
            entry.next = NONE;
        }
        let Some(list) = self.list(tick) else { return };
        let tail = std::mem::replace(&mut list.tail, slot);
        match slab.get_mut(tail) {
            Some(before) => before.next = slot,
            None => list.head = slot,
        }
    }

    fn pop(&mut self, slab: &Slab, tick: u32) -> Option<u32> {
        let list = self.list(tick)?;
        let slot = list.head;
        list.head = slab.get(slot)?.next;
        if list.head == NONE {
            list.tail = NONE;
        }
        Some(slot)
    }

    pub(super) fn take_expired(&mut self, slab: &mut Slab, now: u32) -> Option<u32> {
        while self.current <= now {
            let Some(slot) = self.pop(slab, self.current) else {
                self.current = self.current.saturating_add(1);
                continue;
            };
            let deadline = slab.get(slot).map_or(0, super::Entry::deadline);
            if deadline <= self.current {
                return Some(slot);
            }
            self.schedule(slab, slot, deadline.max(self.current.saturating_add(1)));
        }
        None
    }

    /// Takes the flow with the least time left among the `looks` that are due next.
    pub(super) fn take_least(&mut self, slab: &mut Slab, looks: usize) -> Option<u32> {
        let mut best: Option<(u32, u32)> = None;
        for _ in 0..looks {
            let Some(slot) = self.pop_next(slab) else {
                break;
            };
            let deadline = slab.get(slot).map_or(0, super::Entry::deadline);
            let near = deadline < self.current.saturating_add(TICKS);
            let put_back = match best {
                Some((other, _)) if other <= deadline => Some(slot),
                Some((_, before)) => {
                    best = Some((deadline, slot));
                    Some(before)
                }
                None => {
                    best = Some((deadline, slot));
                    None
                }
            };
            if let Some(slot) = put_back {
                let deadline = slab.get(slot).map_or(0, super::Entry::deadline);
                self.schedule(slab, slot, deadline);
            }
            if near {
                break;
            }
        }
        best.map(|(_, slot)| slot)
    }

    fn pop_next(&mut self, slab: &Slab) -> Option<u32> {
        let tick = self.next_tick()?;
        self.pop(slab, tick)
    }

    pub(super) fn next_tick(&self) -> Option<u32> {
        (self.current..self.current.saturating_add(TICKS)).find(|tick| {
            let place = usize::try_from(tick % TICKS).unwrap_or_default();
            self.lists.get(place).is_some_and(|list| list.head != NONE)
        })
    }
}
