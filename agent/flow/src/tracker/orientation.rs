//! Which side opened a flow, and whether a packet opens a new one.

use wire::{Packet, Segment, Transport};

use crate::key::Side;
use crate::table::{Entry, Flags, MAX_GAP};

/// Ports below this one are opened by servers only.
const FIRST_CLIENT_PORT: u16 = 1024;
/// The port of QUIC.
const HTTPS: u16 = 443;

/// Whether a packet that belongs to no flow begins one. Segments without payload do not: what
/// trails a forgotten connection is no flow.
pub(super) fn begins_flow(packet: &Packet<'_>) -> bool {
    match &packet.transport {
        Transport::Tcp(segment) => {
            !segment.flags.rst() && (segment.flags.syn() || segment.payload_len > 0)
        }
        Transport::Udp(_) => true,
    }
}

/// The side that opened the flow whose first packet `sender` sent.
pub(super) fn guess_originator(sender: Side, packet: &Packet<'_>) -> Side {
    let (src_port, dst_port) = match &packet.transport {
        Transport::Tcp(segment) if segment.flags.syn() => {
            return if segment.flags.ack() {
                sender.other()
            } else {
                sender
            };
        }
        Transport::Tcp(segment) => (segment.src_port, segment.dst_port),
        Transport::Udp(datagram) => (datagram.src_port, datagram.dst_port),
    };
    if src_port < FIRST_CLIENT_PORT && dst_port >= FIRST_CLIENT_PORT {
        sender.other()
    } else {
        sender
    }
}

/// Whether `segment` opens a connection anew that `entry` stands for so far: a SYN whose number
/// does not fit. A SYN that comes late, after the data it announces, does fit.
pub(super) fn is_new_connection(entry: &Entry, side: Side, segment: &Segment<'_>) -> bool {
    if !segment.flags.syn() || segment.flags.ack() || segment.flags.rst() {
        return false;
    }
    let start = segment.seq.wrapping_add(1);
    if entry.flags.has(Flags::SYN[side.index()]) {
        return entry.low[side.index()] != start;
    }
    if entry.flags.has(Flags::SEQUENCED[side.index()]) {
        return entry.low[side.index()].wrapping_sub(start) > MAX_GAP;
    }
    entry.is_closed()
}

/// Whether the first payload of a flow shows that the flow is older than the capture: TCP data
/// without a SYN, or a QUIC packet that comes after the handshake (RFC 9000 section 17.3).
pub(super) fn is_mid_stream(entry: &Entry, packet: &Packet<'_>) -> bool {
    match &packet.transport {
        Transport::Tcp(_) => Flags::SYN.into_iter().all(|syn| !entry.flags.has(syn)),
        Transport::Udp(datagram) => {
            let quic = datagram.src_port == HTTPS || datagram.dst_port == HTTPS;
            quic && datagram
                .payload
                .first()
                .is_some_and(|first| first & 0xc0 == 0x40)
        }
    }
}

/// Whether a datagram looks like one with a QUIC long header, which may cost an opening.
pub(super) fn may_need_opening(packet: &Packet<'_>) -> bool {
    match &packet.transport {
        Transport::Tcp(_) => false,
        Transport::Udp(datagram) => {
            datagram.payload_len >= 1200
                && datagram
                    .payload
                    .first()
                    .is_some_and(|first| first & 0xc0 == 0xc0)
        }
    }
}
