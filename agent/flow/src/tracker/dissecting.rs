//! Payload to the dissector of its flow, while there is one or one is to be begun.

use std::net::SocketAddr;

use wire::dissect::stream::First;
use wire::{DatagramDissector, Direction, Packet, StreamDissector, StreamState, Transport};

use super::counters::bump;
use super::flows::{Flows, direction_of};
use super::held::{Dissector, HeldStore, Origin};
use super::observer::{MessageContext, Observer};
use super::orientation::{is_mid_stream, may_need_opening};
use super::sink::Sink;
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
        let fresh = matches!(entry.dissection, Dissection::Fresh);
        if fresh && may_need_opening(packet) && !self.budget.take(self.clock.elapsed()) {
            return bump(&mut self.counts.quic_openings_shed);
        }
        let direction = direction_of(entry, side);
        let context = context_of(entry, slot, direction, &Origin::of(packet), repeated);
        let mut sink = Sink::new(observer, &mut self.counts, context);
        entry.dissection = step(entry, slot, direction, packet, &mut self.held, &mut sink);
        let (any, dns, settled) = (sink.any, sink.dns, sink.context.settled);
        if let Dissection::Held(place) = entry.dissection {
            self.held.note(place, direction, Origin::of(packet));
        }
        note_messages(entry, slot, (any, dns, settled), observer);
        self.keep_to_memory(observer);
    }

    /// Finishes the dissector of a flow, if it holds one, and settles what the flow is.
    pub(super) fn close_dissector(&mut self, slot: u32, observer: &mut impl Observer) {
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        let before = std::mem::replace(&mut entry.dissection, Dissection::Done);
        let mut told = (false, false, entry.flags.has(Flags::SETTLED));
        if let Dissection::Held(place) = before
            && let Some(mut held) = self.held.take(place)
            && let [Some(origin), _] | [_, Some(origin)] = held.last
        {
            let context = context_of(entry, slot, Direction::ToResponder, &origin, false);
            let mut sink = Sink::new(observer, &mut self.counts, context);
            sink.origins = held.last;
            held.dissector.finish(&mut sink);
            told = (sink.any, sink.dns, sink.context.settled);
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
fn note_messages(
    entry: &mut Entry,
    slot: u32,
    (any, dns, settled): (bool, bool, bool),
    observer: &mut impl Observer,
) {
    if dns {
        entry.flags.set(Flags::DNS);
    }
    if settled {
        entry.flags.set(Flags::SETTLED);
    }
    if any && observer.watches(entry.view(slot).id) {
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
        (Transport::Tcp(segment), Dissection::Answered(answered)) => {
            let first = answered.segment(direction, segment, entry.heads(), packet.ts, sink);
            keep_stream(first, slot, held)
        }
        (Transport::Udp(datagram), Dissection::Fresh | Dissection::Answered(_)) => {
            let mut dissector = DatagramDissector::new();
            match dissector.datagram(direction, datagram, packet.ts, sink) {
                StreamState::Done => Dissection::Done,
                StreamState::Wanting => {
                    Dissection::Held(held.insert(slot, Dissector::Datagram(Box::new(dissector))))
                }
            }
        }
        (_, Dissection::Held(place)) => step_held(place, direction, packet, held, sink),
    }
}

fn keep_stream(first: First, slot: u32, held: &mut HeldStore) -> Dissection {
    match first {
        First::Done => Dissection::Done,
        First::Answered(answered) => Dissection::Answered(answered),
        First::Need(dissector) => {
            Dissection::Held(held.insert(slot, Dissector::Stream(Box::new(dissector))))
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
    let state = match (&mut found.dissector, &packet.transport) {
        (Dissector::Stream(stream), Transport::Tcp(segment)) => {
            if !stream.wants(direction) {
                return Dissection::Held(place);
            }
            stream.segment(direction, segment, packet.ts, sink)
        }
        (Dissector::Datagram(dissector), Transport::Udp(datagram)) => {
            dissector.datagram(direction, datagram, packet.ts, sink)
        }
        (Dissector::Stream(_), Transport::Udp(_)) | (Dissector::Datagram(_), Transport::Tcp(_)) => {
            StreamState::Done
        }
    };
    match state {
        StreamState::Wanting => Dissection::Held(place),
        StreamState::Done => {
            held.take(place);
            Dissection::Done
        }
    }
}

fn context_of(
    entry: &Entry,
    slot: u32,
    direction: Direction,
    origin: &Origin,
    repeated: bool,
) -> MessageContext {
    let flow = entry.view(slot);
    let (src, dst): (SocketAddr, SocketAddr) = match direction {
        Direction::ToResponder => (flow.tuple.orig, flow.tuple.resp),
        Direction::ToOriginator => (flow.tuple.resp, flow.tuple.orig),
    };
    MessageContext {
        ts: origin.ts,
        frame_number: origin.frame_number,
        src,
        dst,
        direction,
        src_mac: origin.src_mac,
        dst_mac: origin.dst_mac,
        vlan: origin.vlan,
        in_tunnel: origin.in_tunnel,
        repeated,
        settled: entry.flags.has(Flags::SETTLED),
        flow,
    }
}
