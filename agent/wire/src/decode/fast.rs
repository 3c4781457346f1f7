//! The short path: Ethernet, at most one VLAN tag, IPv4 without options or IPv6 without extension
//! headers, whole, then TCP or UDP on no tunnel's port. It declines everything else, errors too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::packet::{Packet, Transport};
use super::transport::{tcp, udp};
use super::walk::{Ip, vlan_id};
use super::{ether, ip, udp_tunnel};
use crate::frame::{Frame, LinkType};

const IPV4_WITHOUT_OPTIONS: u8 = 0x45;
/// The packet of a frame that is of the common kind; what is not, [`Decoder`](super::Decoder) reads.
#[inline(always)]
pub fn common<'a>(frame: &Frame<'a>) -> Option<Packet<'a>> {
    let Link {
        macs,
        vlan,
        ether_type,
        rest,
    } = link(frame)?;
    // Each kind to its end: where their ways met, an address would have to pass through memory.
    match ether_type {
        ether::IPV4 => {
            let (ends, payload) = ipv4(rest)?;
            let [src, dst] = [ends.src, ends.dst].map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
            whole(frame, macs, vlan, (src, dst, transport(payload)?))
        }
        ether::IPV6 => {
            let (ends, payload) = ipv6(rest)?;
            let [src, dst] = [ends.src, ends.dst].map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)));
            whole(frame, macs, vlan, (src, dst, transport(payload)?))
        }
        _ => None,
    }
}

#[inline(always)]
pub(super) fn whole<'a>(
    frame: &Frame<'a>,
    macs: &[u8; 12],
    vlan: Option<u16>,
    (src, dst, transport): (IpAddr, IpAddr, Transport<'a>),
) -> Option<Packet<'a>> {
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5] = *macs;
    Some(Packet {
        ts: frame.ts,
        frame_number: frame.number,
        src,
        dst,
        transport,
        vlan,
        src_mac: Some([s0, s1, s2, s3, s4, s5]),
        dst_mac: Some([d0, d1, d2, d3, d4, d5]),
        in_tunnel: false,
        cut: transport.is_cut(),
        wire_len: frame.orig_len.max(u32::try_from(frame.data.len()).ok()?),
    })
}

/// What stands before the IP header.
pub(super) struct Link<'a> {
    /// The receiver's address and the sender's.
    macs: &'a [u8; 12],
    pub(super) vlan: Option<u16>,
    pub(super) ether_type: u16,
    pub(super) rest: &'a [u8],
}

#[inline(always)]
pub(super) fn link<'a>(frame: &Frame<'a>) -> Option<Link<'a>> {
    if frame.link_type != LinkType::ETHERNET {
        return None;
    }
    let (macs, rest) = frame.data.split_first_chunk::<12>()?;
    let (&ether_type, mut rest) = rest.split_first_chunk::<2>()?;
    let mut ether_type = u16::from_be_bytes(ether_type);
    let mut vlan = frame.vlan.and_then(vlan_id);
    if ether_type == ether::VLAN {
        let (tag, tagged) = rest.split_first_chunk::<4>()?;
        let [v0, v1, t0, t1] = *tag;
        vlan = vlan_id(u16::from_be_bytes([v0, v1])).or(vlan);
        ether_type = u16::from_be_bytes([t0, t1]);
        rest = tagged;
    }
    Some(Link {
        macs,
        vlan,
        ether_type,
        rest,
    })
}

/// From the EtherType on, wherever it stands.
#[inline(always)]
pub(super) fn network(ether_type: u16, data: &[u8]) -> Option<(Ip, Transport<'_>)> {
    let (src, dst, payload) = match ether_type {
        ether::IPV4 => {
            let (ends, payload) = ipv4(data)?;
            let [src, dst] = [ends.src, ends.dst].map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
            (src, dst, payload)
        }
        ether::IPV6 => {
            let (ends, payload) = ipv6(data)?;
            let [src, dst] = [ends.src, ends.dst].map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)));
            (src, dst, payload)
        }
        _ => return None,
    };
    let ip = Ip {
        src,
        dst,
        claimed: payload.claimed,
    };
    Some((ip, transport(payload)?))
}

/// The addresses of a header as numbers.
pub(super) struct Ends<A> {
    pub(super) src: A,
    pub(super) dst: A,
}

/// What an IP header carries.
#[derive(Clone, Copy)]
pub(super) struct Payload<'a> {
    protocol: u8,
    /// Its length by the header; more than there is when the frame was cut.
    pub(super) claimed: u32,
    pub(super) data: &'a [u8],
}

#[inline(always)]
pub(super) fn transport(payload: Payload<'_>) -> Option<Transport<'_>> {
    match payload.protocol {
        ip::TCP => Some(Transport::Tcp(tcp(payload.claimed, payload.data).ok()?)),
        ip::UDP => {
            let datagram = udp(payload.claimed, payload.data).ok()?;
            (!udp_tunnel::may_be_tunnel(&datagram)).then_some(Transport::Udp(datagram))
        }
        _ => None,
    }
}

#[inline(always)]
pub(super) fn ipv4(data: &[u8]) -> Option<(Ends<u32>, Payload<'_>)> {
    let (header, rest) = data.split_first_chunk::<20>()?;
    let [
        version,
        _,
        l0,
        l1,
        _,
        _,
        f0,
        f1,
        _,
        protocol,
        _,
        _,
        s0,
        s1,
        s2,
        s3,
        d0,
        d1,
        d2,
        d3,
    ] = *header;
    // All but the bits "reserved" and "do not fragment" are zero for a whole datagram.
    if version != IPV4_WITHOUT_OPTIONS || u16::from_be_bytes([f0, f1]) & 0x3fff != 0 {
        return None;
    }
    let claimed = u32::from(u16::from_be_bytes([l0, l1])).checked_sub(20)?;
    let ends = Ends {
        src: u32::from_be_bytes([s0, s1, s2, s3]),
        dst: u32::from_be_bytes([d0, d1, d2, d3]),
    };
    let payload = Payload {
        protocol,
        claimed,
        data: rest.get(..claimed as usize).unwrap_or(rest),
    };
    Some((ends, payload))
}

#[inline(always)]
pub(super) fn ipv6(data: &[u8]) -> Option<(Ends<u128>, Payload<'_>)> {
    let (header, rest) = data.split_first_chunk::<8>()?;
    let (src, rest) = rest.split_first_chunk::<16>()?;
    let (dst, rest) = rest.split_first_chunk::<16>()?;
    let [version, _, _, _, l0, l1, protocol, _] = *header;
    let claimed = u32::from(u16::from_be_bytes([l0, l1]));
    if version >> 4 != 6 || claimed == 0 {
        return None;
    }
    let ends = Ends {
        src: u128::from_be_bytes(*src),
        dst: u128::from_be_bytes(*dst),
    };
    let payload = Payload {
        protocol,
        claimed,
        data: rest.get(..claimed as usize).unwrap_or(rest),
    };
    Some((ends, payload))
}
