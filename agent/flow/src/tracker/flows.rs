//! The way of a packet through the table, and the ways in which a flow ends.

use wire::{Direction, Frame, Packet, Timestamp, Transport};

use super::TrackerConfig;
use super::ahead::Ahead;
use super::budget::Budget;
use super::clock::Clock;
use super::counters::{Counts, bump};
use super::counting::{count, note_time, wants};
use super::held::HeldStore;
use super::observer::{EndReason, Observer};
use super::orientation::{begins_flow, guess_originator, is_new_connection};
use crate::key::{FlowKey, Side};
use crate::table::{Entry, Flags, FlowTable, by_side};

/// Flows, their dissectors and their counts.
#[derive(Debug)]
pub(super) struct Flows {
    pub(super) table: FlowTable,
    pub(super) held: HeldStore,
    pub(super) counts: Counts,
    pub(super) budget: Budget,
    pub(super) dissector_memory: usize,
    pub(super) clock: Clock,
    /// The tick up to which idle flows were ended.
    pub(super) tick: u32,
    /// When the next tick begins, at the earliest.
    tick_ends: Timestamp,
}

impl Flows {
    pub(super) fn new(config: TrackerConfig) -> Self {
        Self {
            table: FlowTable::new(config.max_flows),
            held: HeldStore::default(),
            counts: Counts::default(),
            budget: Budget::new(config.quic_openings_per_second),
            dissector_memory: config.dissector_memory,
            clock: Clock::default(),
            tick: 0,
            tick_ends: Timestamp::from_nanos(i64::MIN),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn counter_rows(&self) -> Vec<(&'static str, u64)> {
        self.counts.rows()
    }

    pub(super) fn count_frame(&mut self, frame: &Frame<'_>) {
        bump(&mut self.counts.frames);
        self.counts.bytes = self.counts.bytes.saturating_add(u64::from(frame.orig_len));
    }

    #[inline(always)]
    pub(super) fn handle_time(&mut self, ts: Timestamp, observer: &mut impl Observer) {
        if !self.clock.observe_calm(ts, self.tick_ends) {
            self.pass_time(ts, observer);
        }
    }

    fn pass_time(&mut self, ts: Timestamp, observer: &mut impl Observer) {
        if self.clock.observe(ts) {
            bump(&mut self.counts.clock_set_back);
        }
        let tick = self.clock.tick();
        self.tick_ends = self.clock.when_tick(tick.saturating_add(1));
        if tick == self.tick {
            return;
        }
        self.tick = tick;
        while let Some(slot) = self.table.take_expired(tick) {
            let closed = self.table.get(slot).is_some_and(Entry::is_closed);
            let reason = if closed {
                EndReason::Closed
            } else {
                EndReason::Idle
            };
            self.end(slot, reason, observer);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.table
            .next_tick()
            .map(|tick| self.clock.when_tick(tick))
    }

    /// Takes any packet, with what was found out about it before.
    pub(super) fn handle_packet(
        &mut self,
        packet: &Packet<'_>,
        ahead: &Ahead,
        observer: &mut impl Observer,
    ) {
        let (key, hash, side) = if ahead.is_common {
            (ahead.key, ahead.hash, ahead.side)
        } else {
            let (key, side) = FlowKey::of_packet(packet);
            (key, self.table.hash_of(&key), side)
        };
        debug_assert_eq!(
            (key, side),
            FlowKey::of_packet(packet),
            "one parse as the other"
        );
        let slot = if ahead.is_common && self.table.get_at(ahead.slot, &key).is_some() {
            Some(ahead.slot)
        } else {
            self.find_or_begin((&key, hash), side, packet, observer)
        };
        self.handle_in(slot, side, packet, observer);
    }

    #[inline(always)]
    fn handle_in(
        &mut self,
        slot: Option<u32>,
        side: Side,
        packet: &Packet<'_>,
        observer: &mut impl Observer,
    ) {
        bump(&mut self.counts.packets);
        let Some(slot) = slot else {
            return bump(&mut self.counts.segments_astray);
        };
        self.restart_if_new(slot, side, packet, observer);
        self.update(slot, side, packet, observer);
    }

    /// The flow of a packet, begun when it is new; `None` when it cannot begin with this.
    fn find_or_begin(
        &mut self,
        (key, hash): (&FlowKey, u32),
        side: Side,
        packet: &Packet<'_>,
        observer: &mut impl Observer,
    ) -> Option<u32> {
        let found = self.table.find(key, hash);
        if found.is_some() || !begins_flow(packet) {
            return found;
        }
        self.make_room(observer);
        bump(&mut self.counts.flows_started);
        let orig = guess_originator(side, packet);
        Some(self.table.insert(*key, hash, orig, packet.ts, self.tick))
    }

    fn make_room(&mut self, observer: &mut impl Observer) {
        while self.table.is_full() {
            let Some(slot) = self.table.take_for_eviction() else {
                return;
            };
            bump(&mut self.counts.flows_evicted);
            self.end(slot, EndReason::Evicted, observer);
        }
    }

    fn restart_if_new(
        &mut self,
        slot: u32,
        side: Side,
        packet: &Packet<'_>,
        observer: &mut impl Observer,
    ) {
        let Transport::Tcp(segment) = &packet.transport else {
            return;
        };
        if !self
            .table
            .get(slot)
            .is_some_and(|entry| is_new_connection(entry, side, segment))
        {
            return;
        }
        bump(&mut self.counts.flows_reused);
        bump(&mut self.counts.flows_started);
        self.part_from(slot, EndReason::Reused, observer);
        let tick = self.tick;
        if let Some(entry) = self.table.get_mut(slot) {
            entry.restart(side, packet.ts, tick);
        }
    }

    /// Counts the packet, and gives its payload to the dissector while one wants it.
    fn update(&mut self, slot: u32, side: Side, packet: &Packet<'_>, observer: &mut impl Observer) {
        let tick = self.tick;
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        let watched = entry.flags.has(Flags::WATCHED);
        let seen = by_side(&Flags::SEEN, side);
        let first = !entry.flags.has(seen);
        entry.flags.set(seen);
        let repeated = count(entry, side, packet);
        note_time(entry, packet.ts, tick);
        let done = !wants(entry, &packet.transport);
        if first {
            let direction = direction_of(entry, side);
            observer.first_packet(packet, direction);
        }
        if repeated {
            bump(&mut self.counts.datagrams_repeated);
        }
        if !done {
            self.dissect(slot, side, packet, repeated, observer);
        }
        if watched && let Some(entry) = self.table.get(slot) {
            observer.flow_advanced(&entry.view(slot));
        }
    }

    /// Ends a flow that was taken off the wheel.
    fn end(&mut self, slot: u32, reason: EndReason, observer: &mut impl Observer) {
        self.part_from(slot, reason, observer);
        self.table.remove(slot);
    }

    /// Gets out of a flow what is still in it, and tells the observer of a watched one that it is over.
    fn part_from(&mut self, slot: u32, reason: EndReason, observer: &mut impl Observer) {
        self.close_dissector(slot, observer);
        if let Some(entry) = self.table.get(slot)
            && entry.flags.has(Flags::WATCHED)
        {
            observer.flow_ended(entry.id(slot), reason);
        }
    }

    /// Ends every flow in the order in which they began.
    pub(super) fn finish(&mut self, observer: &mut impl Observer) {
        // Of most flows there is nothing left to say.
        let mut slots: Vec<_> = self
            .table
            .iter()
            .filter(|(_, entry)| entry.has_an_end())
            .map(|(slot, entry)| (entry.first_seen, slot))
            .collect();
        let table = &self.table;
        slots.sort_unstable_by(|(first, one), (second, other)| {
            let key = |slot: &u32| table.get(*slot).map(|entry| entry.key);
            first.cmp(second).then_with(|| key(one).cmp(&key(other)))
        });
        for (_, slot) in slots {
            self.part_from(slot, EndReason::Finished, observer);
        }
        self.table.clear();
    }
}

pub(super) fn direction_of(entry: &Entry, sender: Side) -> Direction {
    if sender == entry.orig() {
        Direction::ToResponder
    } else {
        Direction::ToOriginator
    }
}
