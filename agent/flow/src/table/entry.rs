//! One followed flow, in two cache lines.

use wire::Timestamp;
use wire::dissect::stream::Heads;
use wire::dissect::{datagram, stream};

use crate::key::{FiveTuple, FlowKey, Side};
use crate::tracker::{FlowId, FlowView};

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// Quiet seconds after which a TCP connection without payload is forgotten.
const TCP_OPENING_IDLE: u32 = 30;
/// Quiet seconds after which a TCP connection is forgotten; WebSockets and HTTP/2 connections to
/// assistants send a ping at least every few minutes.
const TCP_IDLE: u32 = 1800;
/// Quiet seconds after FIN or RST; catches late and repeated segments.
const TCP_CLOSED_IDLE: u32 = 10;
/// Quiet seconds for UDP; QUIC gives up after 30 seconds by default, and rarely waits for longer.
const UDP_IDLE: u32 = 180;
/// Quiet seconds for a UDP flow that carries names: a client asks from a new port each time.
const DNS_IDLE: u32 = 20;

/// How far the reading of a flow's messages is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dissection {
    /// No payload seen.
    Fresh,
    /// A TCP hello was read whole, the answer is awaited.
    Stream(stream::Answered),
    /// A UDP flow of which no part of a message is held.
    Datagram(datagram::Answered),
    /// A dissector holds state, at this place in the store.
    Held(u32),
    /// Nothing more is to be had: counters only.
    Done,
}

/// Facts about a flow, one bit each; those with two bits are one for each side.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Flags(u16);

impl Flags {
    pub(crate) const SEEN: [Self; 2] = [Self(1), Self(1 << 1)];
    /// The number of the first byte is known from the SYN.
    pub(crate) const SYN: [Self; 2] = [Self(1 << 2), Self(1 << 3)];
    /// Sequence numbers were seen; for UDP, a datagram was.
    pub(crate) const SEQUENCED: [Self; 2] = [Self(1 << 4), Self(1 << 5)];
    pub(crate) const FIN: [Self; 2] = [Self(1 << 6), Self(1 << 7)];
    pub(crate) const RST: Self = Self(1 << 8);
    /// The high side opened the flow.
    pub(crate) const HIGH_ORIG: Self = Self(1 << 9);
    /// Payload was seen.
    pub(crate) const PAYLOAD: Self = Self(1 << 10);
    /// A message other than DNS came, or the observer was told that none will.
    pub(crate) const SETTLED: Self = Self(1 << 11);
    /// A DNS message came.
    pub(crate) const DNS: Self = Self(1 << 12);
    /// The observer wants every packet.
    pub(crate) const WATCHED: Self = Self(1 << 13);
    /// The first payload is that of a connection older than the capture.
    pub(crate) const MID_STREAM: Self = Self(1 << 14);
    /// The entry is on the list of free ones; its key is that of a flow that was.
    pub(super) const FREE: Self = Self(1 << 15);

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn set(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) const fn clear(&mut self, other: Self) {
        self.0 &= !other.0;
    }
}

/// One flow. Arrays of two are by [`Side`].
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct Entry {
    pub(crate) key: FlowKey,
    pub(crate) last_seen: Timestamp,
    pub(crate) dissection: Dissection,
    pub(crate) flags: Flags,
    /// Tick of the last packet.
    pub(crate) last_tick: u32,
    /// Payload bytes that each side sent.
    pub(crate) bytes: [u64; 2],
    /// TCP: the number after the last byte seen. UDP: the print of the last datagram.
    pub(crate) high: [u32; 2],
    /// TCP: the number of the first byte.
    pub(crate) low: [u32; 2],
    pub(crate) first_seen: Timestamp,
    pub(crate) generation: u32,
    /// The next entry in the wheel's list, or in the list of free ones.
    pub(super) next: u32,
}

impl Entry {
    pub(super) fn new(key: FlowKey, orig: Side, ts: Timestamp, tick: u32) -> Self {
        let mut flags = Flags::default();
        if orig == Side::High {
            flags.set(Flags::HIGH_ORIG);
        }
        Self {
            key,
            last_seen: ts,
            dissection: Dissection::Fresh,
            flags,
            last_tick: tick,
            bytes: [0; 2],
            high: [0; 2],
            low: [0; 2],
            first_seen: ts,
            generation: 0,
            next: NONE,
        }
    }

    /// Begins a new connection of the same endpoints in this place.
    pub(crate) fn restart(&mut self, orig: Side, ts: Timestamp, tick: u32) {
        let (generation, next) = (self.generation.wrapping_add(1), self.next);
        *self = Self {
            generation,
            next,
            ..Self::new(self.key, orig, ts, tick)
        };
    }

    pub(crate) const fn orig(&self) -> Side {
        if self.flags.has(Flags::HIGH_ORIG) {
            Side::High
        } else {
            Side::Low
        }
    }

    pub(crate) fn set_orig(&mut self, side: Side) {
        match side {
            Side::High => self.flags.set(Flags::HIGH_ORIG),
            Side::Low => self.flags.clear(Flags::HIGH_ORIG),
        }
    }

    pub(crate) fn bytes_of(&self, side: Side) -> u64 {
        by_side(&self.bytes, side)
    }

    fn head_of(&self, side: Side) -> Option<u32> {
        self.flags
            .has(by_side(&Flags::SYN, side))
            .then(|| by_side(&self.low, side))
    }

    /// The first sequence numbers, as far as SYNs told them.
    pub(crate) fn heads(&self) -> Heads {
        Heads {
            to_responder: self.head_of(self.orig()),
            to_originator: self.head_of(self.orig().other()),
        }
    }

    /// Whether the connection is over.
    pub(crate) fn is_closed(&self) -> bool {
        let [low, high] = Flags::FIN;
        self.flags.has(Flags::RST) || (self.flags.has(low) && self.flags.has(high))
    }

    /// Whether the end of the flow tells something: a message that is not whole, that there is none, or that a watched
    /// flow is over.
    pub(crate) fn has_an_end(&self) -> bool {
        let told = self.flags.has(Flags::SETTLED) || self.flags.has(Flags::DNS);
        let untold = self.flags.has(Flags::PAYLOAD) && !told;
        let holds = matches!(self.dissection, Dissection::Held(_));
        holds || untold || self.flags.has(Flags::WATCHED)
    }

    /// The tick at which the flow was quiet for too long.
    pub(super) fn deadline(&self) -> u32 {
        let idle = match self.key.transport() {
            crate::key::TransportProtocol::Udp if self.flags.has(Flags::DNS) => DNS_IDLE,
            crate::key::TransportProtocol::Udp => UDP_IDLE,
            crate::key::TransportProtocol::Tcp if self.is_closed() => TCP_CLOSED_IDLE,
            crate::key::TransportProtocol::Tcp if self.flags.has(Flags::PAYLOAD) => TCP_IDLE,
            crate::key::TransportProtocol::Tcp => TCP_OPENING_IDLE,
        };
        self.last_tick.saturating_add(idle)
    }

    pub(crate) fn tuple(&self) -> FiveTuple {
        self.key.tuple(self.orig())
    }

    /// The name of the flow while it lasts.
    pub(crate) fn id(&self, slot: u32) -> FlowId {
        FlowId((u64::from(self.generation) << 32) | u64::from(slot))
    }

    /// The flow as it is now.
    pub(crate) fn view(&self, slot: u32) -> FlowView {
        let (orig, resp) = (self.orig(), self.orig().other());
        FlowView {
            id: self.id(slot),
            tuple: self.tuple(),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            bytes_to_responder: self.bytes_of(orig),
            bytes_to_originator: self.bytes_of(resp),
            responder_seen: self.flags.has(by_side(&Flags::SEEN, resp)),
            originator_seen: self.flags.has(by_side(&Flags::SEEN, orig)),
            mid_stream: self.flags.has(Flags::MID_STREAM),
        }
    }
}

/// The value of one side.
pub(crate) const fn by_side<T: Copy>(pair: &[T; 2], side: Side) -> T {
    let [low, high] = pair;
    match side {
        Side::Low => *low,
        Side::High => *high,
    }
}

/// The place of one side.
pub(crate) const fn by_side_mut<T>(pair: &mut [T; 2], side: Side) -> &mut T {
    let [low, high] = pair;
    match side {
        Side::Low => low,
        Side::High => high,
    }
}
