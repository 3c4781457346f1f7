//! The short path: Ethernet, at most one VLAN tag, IPv4 without options or IPv6 without extension
//! headers, whole, then TCP or UDP on no tunnel's port. It declines everything else, errors too.

use std::net::{IpAddr, Ipv4Addr};

use super::packet::{Packet, Transport};
use super::transport::{tcp, udp};
use super::walk::{Ip, vlan_id};
use super::{ether, ip, udp_tunnel};
use crate::frame::{Frame, LinkType};

const IPV4_WITHOUT_OPTIONS: u8 = 0x45;

/// The packet of a frame that is of the common kind; what is not, [`Decoder`](super::Decoder) reads.
#[inline(always)]
pub fn common<'a>(frame: &Frame<'a>) -> Option<Packet<'a>> {
    if frame.link_type != LinkType::ETHERNET {
        return None;
    }
    let (header, mut rest) = frame.data.split_first_chunk::<14>()?;
    let [.., t0, t1] = *header;
    let mut ether_type = u16::from_be_bytes([t0, t1]);
    let mut vlan = frame.vlan.and_then(vlan_id);
    if ether_type == ether::VLAN {
        let (tag, tagged) = rest.split_first_chunk::<4>()?;
        let [v0, v1, t0, t1] = *tag;
        vlan = vlan_id(u16::from_be_bytes([v0, v1])).or(vlan);
        ether_type = u16::from_be_bytes([t0, t1]);
        rest = tagged;
    }
    // Each kind to its end: where their ways met, an address would have to pass through memory.
    match ether_type {
        ether::IPV4 => whole(frame, header, vlan, ipv4(rest)?),
        ether::IPV6 => whole(frame, header, vlan, ipv6(rest)?),
        _ => None,
    }
}

#[inline(always)]
fn whole<'a>(
    frame: &Frame<'a>,
    link: &[u8; 14],
    vlan: Option<u16>,
    (ip, protocol, data): (Ip, u8, &'a [u8]),
) -> Option<Packet<'a>> {
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, ..] = *link;
    let transport = transport(ip, protocol, data)?;
    Some(Packet {
        ts: frame.ts,
        frame_number: frame.number,
        src: ip.src,
        dst: ip.dst,
        transport,
        vlan,
        src_mac: Some([s0, s1, s2, s3, s4, s5]),
        dst_mac: Some([d0, d1, d2, d3, d4, d5]),
        in_tunnel: false,
        cut: transport.is_cut(),
        wire_len: frame.orig_len.max(u32::try_from(frame.data.len()).ok()?),
    })
}

/// From the EtherType on, wherever it stands.
#[inline(always)]
pub(super) fn network(ether_type: u16, data: &[u8]) -> Option<(Ip, Transport<'_>)> {
    let (ip, protocol, data) = match ether_type {
        ether::IPV4 => ipv4(data)?,
        ether::IPV6 => ipv6(data)?,
        _ => return None,
    };
    Some((ip, transport(ip, protocol, data)?))
}

#[inline(always)]
fn transport(ip: Ip, protocol: u8, data: &[u8]) -> Option<Transport<'_>> {
    match protocol {
        ip::TCP => Some(Transport::Tcp(tcp(ip, data).ok()?)),
        ip::UDP => {
            let datagram = udp(ip, data).ok()?;
            (!udp_tunnel::may_be_tunnel(&datagram)).then_some(Transport::Udp(datagram))
        }
        _ => None,
    }
}

#[inline(always)]
fn ipv4(data: &[u8]) -> Option<(Ip, u8, &[u8])> {
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
    let ip = Ip {
        src: IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        dst: IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
        claimed,
    };
    Some((ip, protocol, rest.get(..claimed as usize).unwrap_or(rest)))
}

#[inline(always)]
fn ipv6(data: &[u8]) -> Option<(Ip, u8, &[u8])> {
    let (header, rest) = data.split_first_chunk::<40>()?;
    let [version, _, _, _, l0, l1, next_header, _, addresses @ ..] = header;
    let claimed = u32::from(u16::from_be_bytes([*l0, *l1]));
    if version >> 4 != 6 || claimed == 0 {
        return None;
    }
    let (src, dst) = ip::ipv6_addresses(addresses)?;
    let payload = rest.get(..claimed as usize).unwrap_or(rest);
    Some((Ip { src, dst, claimed }, *next_header, payload))
}
