//! Payload to the dissector of its flow, while there is one or one is to be begun.

use wire::dissect::{datagram, stream};
use wire::{DatagramDissector, Direction, Packet, StreamDissector, StreamState, Transport};

use super::counters::bump;
use super::flows::{Flows, direction_of};
use super::held::{Dissector, HeldStore, Origin};
use super::observer::Observer;
use super::orientation::{is_mid_stream, may_need_opening};
use super::sink::{Sink, Told};
use crate::key::Side;
use crate::table::{Dissection, Entry, Flags};

impl Flows {
    /// Gives the payload of `packet` to the flow's dissector.
    pub(super) fn dissect(
        &mut self,
        slot: u32,
        side: Side,
        packet: &Packet<'_>,
        repeated: bool,
        observer: &mut impl Observer,
    ) {
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        if !entry.flags.has(Flags::PAYLOAD) {
            entry.flags.set(Flags::PAYLOAD);
            if is_mid_stream(entry, packet) {
                entry.flags.set(Flags::MID_STREAM);
            }
        }
        if may_need_opening(packet) && !self.budget.take(self.clock.elapsed()) {
            return bump(&mut self.counts.quic_openings_shed);
        }
        let direction = direction_of(entry, side);
        let origin = Origin::of(packet);
        let out = (&mut *observer, &mut self.counts);
        let mut sink = Sink::new(out, (entry, slot), origin.in_direction(direction), repeated);
        let next = step(entry, slot, direction, packet, &mut self.held, &mut sink);
        let told = sink.told;
        entry.dissection = next;
        if let Dissection::Held(place) = next {
            self.held.note(place, direction, origin);
        }
        note_messages(entry, slot, told, observer);
        self.keep_to_memory(observer);
    }

    /// Finishes the dissector of a flow, if it holds one, and settles what the flow is.
    pub(super) fn close_dissector(&mut self, slot: u32, observer: &mut impl Observer) {
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        let before = std::mem::replace(&mut entry.dissection, Dissection::Done);
        let settled = entry.flags.has(Flags::SETTLED);
        let mut told = Told {
            settled,
            ..Told::default()
        };
        if let Dissection::Held(place) = before
            && let Some(mut held) = self.held.take(place)
        {
            let out = (&mut *observer, &mut self.counts);
            let mut sink = Sink::new(out, (entry, slot), held.last, false);
            held.dissector.finish(&mut sink);
            told = sink.told;
        }
        note_messages(entry, slot, told, observer);
    }

    /// Gives up the dissectors that were held for longest until all fit into the cap.
    fn keep_to_memory(&mut self, observer: &mut impl Observer) {
        while self.held.memory() > self.dissector_memory {
            let Some(place) = self.held.oldest() else {
                return;
            };
            let Some(flow) = self.held.get_mut(place).map(|held| held.flow) else {
                return;
            };
            bump(&mut self.counts.dissectors_evicted);
            self.close_dissector(flow, observer);
        }
    }
}

/// Notes on the entry what came out of it, and tells the observer when nothing will.
fn note_messages(entry: &mut Entry, slot: u32, told: Told, observer: &mut impl Observer) {
    if told.dns {
        entry.flags.set(Flags::DNS);
    }
    if told.settled {
        entry.flags.set(Flags::SETTLED);
    }
    if told.any && observer.watches(entry.id(slot)) {
        entry.flags.set(Flags::WATCHED);
    }
    let over = matches!(entry.dissection, Dissection::Done) && entry.flags.has(Flags::PAYLOAD);
    if over && !entry.flags.has(Flags::SETTLED) && !entry.flags.has(Flags::DNS) {
        entry.flags.set(Flags::SETTLED);
        observer.flow_unnamed(&entry.view(slot));
    }
}

/// One step of the flow's dissection.
fn step(
    entry: &Entry,
    slot: u32,
    direction: Direction,
    packet: &Packet<'_>,
    held: &mut HeldStore,
    sink: &mut Sink<'_, impl Observer>,
) -> Dissection {
    match (&packet.transport, entry.dissection) {
        (_, Dissection::Done) => Dissection::Done,
        (Transport::Tcp(segment), Dissection::Fresh) => {
            let first = StreamDissector::first(direction, segment, entry.heads(), packet.ts, sink);
            keep_stream(first, slot, held)
        }
        (Transport::Tcp(segment), Dissection::Stream(answered)) => {
            let first = answered.segment(direction, segment, entry.heads(), packet.ts, sink);
            keep_stream(first, slot, held)
        }
        (Transport::Udp(datagram), Dissection::Fresh) => {
            let first = DatagramDissector::first(direction, datagram, packet.ts, sink);
            keep_datagram(first, slot, held)
        }
        (Transport::Udp(datagram), Dissection::Datagram(answered)) => {
            let first = answered.datagram(direction, datagram, packet.ts, sink);
            keep_datagram(first, slot, held)
        }
        (Transport::Tcp(_), Dissection::Datagram(_))
        | (Transport::Udp(_), Dissection::Stream(_)) => Dissection::Done,
        (_, Dissection::Held(place)) => step_held(place, direction, packet, held, sink),
    }
}

fn keep_stream(first: stream::First, slot: u32, held: &mut HeldStore) -> Dissection {
    match first {
        stream::First::Done => Dissection::Done,
        stream::First::Answered(answered) => Dissection::Stream(answered),
        stream::First::Need(dissector) => {
            Dissection::Held(held.insert(slot, Dissector::Stream(Box::new(dissector))))
        }
    }
}

fn keep_datagram(first: datagram::First, slot: u32, held: &mut HeldStore) -> Dissection {
    match first {
        datagram::First::Done => Dissection::Done,
        datagram::First::Answered(answered) => Dissection::Datagram(answered),
        datagram::First::Need(dissector) => {
            Dissection::Held(held.insert(slot, Dissector::Datagram(dissector)))
        }
    }
}

fn step_held(
    place: u32,
    direction: Direction,
    packet: &Packet<'_>,
    held: &mut HeldStore,
    sink: &mut Sink<'_, impl Observer>,
) -> Dissection {
    let Some(found) = held.get_mut(place) else {
        return Dissection::Done;
    };
    let (state, holds) = match (&mut found.dissector, &packet.transport) {
        (Dissector::Stream(stream), Transport::Tcp(segment)) => {
            if !stream.wants(direction) {
                return Dissection::Held(place);
            }
            (stream.segment(direction, segment, packet.ts, sink), true)
        }
        (Dissector::Datagram(dissector), Transport::Udp(datagram)) => {
            let state = dissector.datagram(direction, datagram, packet.ts, sink);
            (state, dissector.holds())
        }
        (Dissector::Stream(_), Transport::Udp(_)) | (Dissector::Datagram(_), Transport::Tcp(_)) => {
            (StreamState::Done, false)
        }
    };
    if state == StreamState::Wanting && holds {
        return Dissection::Held(place);
    }
    match held.take(place).map(|held| (held.dissector, held.flow)) {
        Some((Dissector::Datagram(dissector), flow)) => {
            keep_datagram(dissector.settle(), flow, held)
        }
        Some((Dissector::Stream(_), _)) | None => Dissection::Done,
    }
}
