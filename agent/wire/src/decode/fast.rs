//! The short path: Ethernet, at most one VLAN tag, IPv4 without options or IPv6 without extension
//! headers, whole, then TCP or UDP on no tunnel's port. It declines everything else, errors too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::packet::{Datagram, Packet, Segment, TcpFlags, Transport};
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
fn whole<'a>(
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

/// What the headers of a frame of the common kind say beside its addresses: enough to count it.
#[derive(Clone, Copy, Debug)]
pub struct Outline {
    /// Whether it is TCP; else it is UDP.
    pub is_tcp: bool,
    /// The control bits of TCP.
    pub flags: TcpFlags,
    /// The sequence number of TCP.
    pub seq: u32,
    /// The acknowledgement number of TCP.
    ack: u32,
    /// 802.1Q id of the frame.
    vlan: Option<u16>,
    /// Payload length by the headers.
    pub payload_len: u32,
    /// Where in the frame the payload begins.
    payload_at: u32,
}

impl Outline {
    /// Nothing.
    pub const EMPTY: Self = Self {
        is_tcp: false,
        flags: TcpFlags(0),
        seq: 0,
        ack: 0,
        vlan: None,
        payload_len: 0,
        payload_at: 0,
    };

    /// The payload that was captured; `frame` is the one that this was read from.
    #[inline(always)]
    pub fn payload<'a>(&self, frame: &Frame<'a>) -> &'a [u8] {
        let rest = frame
            .data
            .get(self.payload_at as usize..)
            .unwrap_or_default();
        rest.get(..self.payload_len as usize).unwrap_or(rest)
    }
}

impl Outline {
    /// The whole packet; `frame` is the one that this was read from, `src` and `dst` are what was told with it.
    #[inline(always)]
    pub fn packet<'a>(
        &self,
        frame: &Frame<'a>,
        (src, dst): (SocketAddr, SocketAddr),
    ) -> Option<Packet<'a>> {
        let macs = frame.data.first_chunk::<12>()?;
        let payload = self.payload(frame);
        let transport = if self.is_tcp {
            Transport::Tcp(Segment {
                src_port: src.port(),
                dst_port: dst.port(),
                seq: self.seq,
                ack: self.ack,
                flags: self.flags,
                payload,
                payload_len: self.payload_len,
            })
        } else {
            Transport::Udp(Datagram {
                src_port: src.port(),
                dst_port: dst.port(),
                payload,
                payload_len: self.payload_len,
            })
        };
        whole(frame, macs, self.vlan, (src.ip(), dst.ip(), transport))
    }
}

/// Takes an outline, the sender's address and port, and the receiver's. The addresses of each family are numbers of its own,
/// so that they stay in registers.
pub trait Outlined {
    /// A packet of IPv4.
    fn ipv4(self, src: (u32, u16), dst: (u32, u16), outline: Outline);
    /// A packet of IPv6.
    fn ipv6(self, src: (u128, u16), dst: (u128, u16), outline: Outline);
}

/// Reads the outline of a frame of which there is a [`common`] packet; returns false where there is none.
#[inline(always)]
pub fn outline(frame: &Frame<'_>, to: impl Outlined) -> bool {
    let Some(link) = link(frame) else {
        return false;
    };
    match link.ether_type {
        ether::IPV4 => {
            if let Some((ends, payload)) = ipv4(link.rest)
                && let Some(([src_port, dst_port], outline)) = outline_of(frame, link.vlan, payload)
            {
                to.ipv4((ends.src, src_port), (ends.dst, dst_port), outline);
                return true;
            }
        }
        ether::IPV6 => {
            if let Some((ends, payload)) = ipv6(link.rest)
                && let Some(([src_port, dst_port], outline)) = outline_of(frame, link.vlan, payload)
            {
                to.ipv6((ends.src, src_port), (ends.dst, dst_port), outline);
                return true;
            }
        }
        _ => {}
    }
    false
}

#[inline(always)]
fn outline_of(
    frame: &Frame<'_>,
    vlan: Option<u16>,
    payload: Payload<'_>,
) -> Option<([u16; 2], Outline)> {
    // The payload is a part of the frame.
    let at = payload
        .data
        .as_ptr()
        .addr()
        .wrapping_sub(frame.data.as_ptr().addr());
    match transport(payload)? {
        Transport::Tcp(segment) => {
            let outline = Outline {
                is_tcp: true,
                flags: segment.flags,
                seq: segment.seq,
                ack: segment.ack,
                vlan,
                payload_len: segment.payload_len,
                payload_at: u32::try_from(at)
                    .ok()?
                    .saturating_add(payload.claimed.wrapping_sub(segment.payload_len)),
            };
            Some(([segment.src_port, segment.dst_port], outline))
        }
        Transport::Udp(datagram) => {
            let outline = Outline {
                is_tcp: false,
                flags: TcpFlags(0),
                seq: 0,
                ack: 0,
                vlan,
                payload_len: datagram.payload_len,
                payload_at: u32::try_from(at).ok()?.saturating_add(8),
            };
            Some(([datagram.src_port, datagram.dst_port], outline))
        }
    }
}

/// What stands before the IP header.
struct Link<'a> {
    /// The receiver's address and the sender's.
    macs: &'a [u8; 12],
    vlan: Option<u16>,
    ether_type: u16,
    rest: &'a [u8],
}

#[inline(always)]
fn link<'a>(frame: &Frame<'a>) -> Option<Link<'a>> {
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
struct Ends<A> {
    src: A,
    dst: A,
}

/// What an IP header carries.
#[derive(Clone, Copy)]
struct Payload<'a> {
    protocol: u8,
    /// Its length by the header; more than there is when the frame was cut.
    claimed: u32,
    data: &'a [u8],
}

#[inline(always)]
fn transport(payload: Payload<'_>) -> Option<Transport<'_>> {
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
fn ipv4(data: &[u8]) -> Option<(Ends<u32>, Payload<'_>)> {
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
fn ipv6(data: &[u8]) -> Option<(Ends<u128>, Payload<'_>)> {
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
