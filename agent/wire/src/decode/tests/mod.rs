//! Tests of decoding: frames built by hand, with the innermost packet always the same.

mod build;
mod differential;
mod fragments;
mod lengths;
mod links;
mod properties;
mod samples;
mod tunnels;

use std::net::IpAddr;

use super::{DecodeError, Decoder, Packet, Transport};
use crate::frame::{Frame, LinkType, Timestamp};

fn frame(link_type: LinkType, data: &[u8]) -> Frame<'_> {
    Frame {
        ts: Timestamp::from_nanos(1_000),
        number: 3,
        link_type,
        orig_len: u32::try_from(data.len()).unwrap(),
        vlan: None,
        data,
    }
}

/// Addresses, ports and payload of a packet.
type Summary = (IpAddr, u16, IpAddr, u16, Vec<u8>);

fn summary(packet: &Packet<'_>) -> Summary {
    let (src_port, dst_port, payload) = match packet.transport {
        Transport::Tcp(segment) => (segment.src_port, segment.dst_port, segment.payload),
        Transport::Udp(datagram) => (datagram.src_port, datagram.dst_port, datagram.payload),
    };
    (packet.src, src_port, packet.dst, dst_port, payload.to_vec())
}

/// What [`build::inner_ipv4`] and [`build::inner_ipv6`] decode to.
fn inner_summary(is_ipv6: bool) -> Summary {
    let (src, dst) = if is_ipv6 {
        (
            IpAddr::from(build::INNER_SRC_V6),
            IpAddr::from(build::INNER_DST_V6),
        )
    } else {
        (
            IpAddr::from(build::INNER_SRC),
            IpAddr::from(build::INNER_DST),
        )
    };
    (src, 40_000, dst, 443, build::PAYLOAD.to_vec())
}

fn decode(link_type: LinkType, data: &[u8]) -> Result<Summary, DecodeError> {
    Decoder::new()
        .decode(&frame(link_type, data))
        .map(|packet| summary(&packet))
}
