//! Who listens to a tracker, and what it is told.

use std::net::SocketAddr;

use wire::{Direction, Message, Packet, Timestamp};

use crate::key::FiveTuple;

/// Names one flow of one tracker while it lasts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlowId(pub(crate) u64);

/// A flow as it is now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlowView {
    /// Its name in the tracker.
    pub id: FlowId,
    /// Its endpoints.
    pub tuple: FiveTuple,
    /// Its first packet.
    pub first_seen: Timestamp,
    /// Its last packet.
    pub last_seen: Timestamp,
    /// Distinct TCP payload bytes, or UDP payload bytes, that the originator sent.
    pub bytes_to_responder: u64,
    /// The same that the responder sent.
    pub bytes_to_originator: u64,
    /// Whether a packet of the responder was seen.
    pub responder_seen: bool,
    /// Whether a packet of the originator was seen.
    pub originator_seen: bool,
    /// Whether TCP data was seen but no SYN.
    pub mid_stream: bool,
}

/// Where a message comes from: the packet that completed it, innermost, and its flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageContext {
    /// When the frame was captured.
    pub ts: Timestamp,
    /// Number of the frame in its source.
    pub frame_number: u64,
    /// Sender of the packet.
    pub src: SocketAddr,
    /// Receiver of the packet.
    pub dst: SocketAddr,
    /// Way of the message in its flow.
    pub direction: Direction,
    /// MAC address of the sender on the local segment.
    pub src_mac: Option<[u8; 6]>,
    /// MAC address of the receiver on the local segment.
    pub dst_mac: Option<[u8; 6]>,
    /// VLAN id of the frame.
    pub vlan: Option<u16>,
    /// Whether the packet came in an encapsulation, so that the MAC addresses are the tunnel's.
    pub in_tunnel: bool,
    /// Whether the packet repeats the one before it: a mirror port often shows each packet twice.
    pub repeated: bool,
    /// Whether a message other than DNS came out of this flow before.
    pub settled: bool,
    /// The flow.
    pub flow: FlowView,
}

/// Why a flow is no longer followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EndReason {
    /// FIN in both directions, or RST, and quiet since.
    Closed,
    /// Quiet for longer than its idle time.
    Idle,
    /// A new connection took its endpoints.
    Reused,
    /// Given up to keep to the cap on flows.
    Evicted,
    /// The capture ended.
    Finished,
}

/// Listens to a [`Tracker`](crate::Tracker).
pub trait Observer {
    /// A message was completed.
    fn message(&mut self, context: &MessageContext, message: Message<'_>);

    /// The first packet of a direction of a flow.
    fn first_packet(&mut self, packet: &Packet<'_>, direction: Direction) {
        let _ = (packet, direction);
    }

    /// Asked after a message: whether every further packet of the flow is to be told.
    fn watches(&mut self, flow: FlowId) -> bool {
        let _ = flow;
        false
    }

    /// A packet was counted to a watched flow.
    fn flow_advanced(&mut self, flow: &FlowView) {
        let _ = flow;
    }

    /// A flow with payload will give no message, or ended before it gave one.
    fn flow_unnamed(&mut self, flow: &FlowView) {
        let _ = flow;
    }

    /// A watched flow is no longer followed.
    fn flow_ended(&mut self, flow: FlowId, reason: EndReason) {
        let _ = (flow, reason);
    }
}
