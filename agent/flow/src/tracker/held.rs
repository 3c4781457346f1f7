//! Dissectors that hold state between packets: few at a time, under one cap, the oldest given up.

use std::collections::VecDeque;

use wire::{DatagramDissector, Direction, MessageSink, Packet, StreamDissector, Timestamp};

/// Entries of the order that may be stale before it is cleaned.
const STALE_SLACK: usize = 1024;

/// The packet that last brought payload in one direction: where an incomplete message is from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) ts: Timestamp,
    pub(super) frame_number: u64,
    pub(super) src_mac: Option<[u8; 6]>,
    pub(super) dst_mac: Option<[u8; 6]>,
    pub(super) vlan: Option<u16>,
    pub(super) in_tunnel: bool,
}

impl Origin {
    pub(super) const fn of(packet: &Packet<'_>) -> Self {
        Self {
            ts: packet.ts,
            frame_number: packet.frame_number,
            src_mac: packet.src_mac,
            dst_mac: packet.dst_mac,
            vlan: packet.vlan,
            in_tunnel: packet.in_tunnel,
        }
    }

    /// The same packet for a message of its receiver.
    pub(super) const fn reversed(self) -> Self {
        Self {
            src_mac: self.dst_mac,
            dst_mac: self.src_mac,
            ..self
        }
    }

    /// Both directions, of which the packet knows its own.
    pub(super) const fn in_direction(self, direction: Direction) -> [Option<Self>; 2] {
        match direction {
            Direction::ToResponder => [Some(self), None],
            Direction::ToOriginator => [None, Some(self)],
        }
    }
}

/// A dissector with state.
#[derive(Debug)]
pub(super) enum Dissector {
    Stream(Box<StreamDissector>),
    Datagram(DatagramDissector),
}

impl Dissector {
    pub(super) fn finish(&mut self, sink: &mut impl MessageSink) {
        match self {
            Self::Stream(stream) => stream.finish(sink),
            Self::Datagram(datagram) => datagram.finish(sink),
        }
    }

    fn memory(&self) -> usize {
        match self {
            Self::Stream(stream) => stream.memory().saturating_add(size_of::<StreamDissector>()),
            Self::Datagram(datagram) => datagram
                .memory()
                .saturating_add(size_of::<DatagramDissector>()),
        }
    }
}

/// A dissector, the flow it is of, and what it last saw.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) dissector: Dissector,
    pub(super) flow: u32,
    pub(super) last: [Option<Origin>; 2],
    memory: usize,
    stamp: u64,
}

impl Held {
    fn note(&mut self, direction: Direction, origin: Origin) {
        let [to_responder, to_originator] = &mut self.last;
        match direction {
            Direction::ToResponder => *to_responder = Some(origin),
            Direction::ToOriginator => *to_originator = Some(origin),
        }
    }
}

/// All dissectors of a tracker that hold state.
#[derive(Debug, Default)]
pub(super) struct HeldStore {
    places: Vec<Option<Held>>,
    free: Vec<u32>,
    /// Places in the order in which they were taken, with the stamp of then.
    order: VecDeque<(u32, u64)>,
    memory: usize,
    stamp: u64,
}

impl HeldStore {
    pub(super) const fn memory(&self) -> usize {
        self.memory
    }

    pub(super) fn len(&self) -> usize {
        self.places.len().saturating_sub(self.free.len())
    }

    pub(super) fn insert(&mut self, flow: u32, dissector: Dissector) -> u32 {
        self.stamp = self.stamp.saturating_add(1);
        let memory = dissector.memory();
        self.memory = self.memory.saturating_add(memory);
        let held = Held {
            dissector,
            flow,
            last: [None; 2],
            memory,
            stamp: self.stamp,
        };
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            u32::try_from(self.places.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        if let Some(to) = self.places.get_mut(index(place)) {
            *to = Some(held);
        }
        self.order.push_back((place, self.stamp));
        self.clean();
        place
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut Held> {
        self.places.get_mut(index(place))?.as_mut()
    }

    /// Notes what the dissector saw last, and what it holds by now.
    pub(super) fn note(&mut self, place: u32, direction: Direction, origin: Origin) {
        let Some(held) = self.places.get_mut(index(place)).and_then(Option::as_mut) else {
            return;
        };
        held.note(direction, origin);
        let memory = held.dissector.memory();
        self.memory = self
            .memory
            .saturating_sub(held.memory)
            .saturating_add(memory);
        held.memory = memory;
    }

    pub(super) fn take(&mut self, place: u32) -> Option<Held> {
        let held = self.places.get_mut(index(place))?.take()?;
        self.memory = self.memory.saturating_sub(held.memory);
        self.free.push(place);
        Some(held)
    }

    /// The dissector that has been held for longest.
    pub(super) fn oldest(&mut self) -> Option<u32> {
        while let Some(&(place, stamp)) = self.order.front() {
            if self.is_current(place, stamp) {
                return Some(place);
            }
            self.order.pop_front();
        }
        None
    }

    fn is_current(&self, place: u32, stamp: u64) -> bool {
        let held = self.places.get(index(place)).and_then(Option::as_ref);
        held.is_some_and(|held| held.stamp == stamp)
    }

    /// Drops stale entries of the order once they are more than half of it.
    fn clean(&mut self) {
        let bound = self.len().saturating_mul(2).saturating_add(STALE_SLACK);
        if self.order.len() > bound {
            let mut order = std::mem::take(&mut self.order);
            order.retain(|(place, stamp)| self.is_current(*place, *stamp));
            self.order = order;
        }
    }
}

fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
