//! What identifies a flow: its five-tuple, a compact key for the table, and the Community ID.
//!
//! The key has no direction, so both ways of a flow find the same entry.

mod community_id;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub use community_id::CommunityId;
use wire::{Packet, Transport};

/// The transports that are tracked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TransportProtocol {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
}

impl TransportProtocol {
    /// Returns the protocol number of the IP header.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
        }
    }

    /// Returns the lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// The ordered endpoints of a flow.
///
/// The originator is the sender of the SYN. Where no SYN was seen it is the sender of the first
/// packet, unless that one has a port below 1024 and the other side has not: then it answers, and
/// the other side opened the flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FiveTuple {
    /// The side that opened the flow.
    pub orig: SocketAddr,
    /// The side that was addressed.
    pub resp: SocketAddr,
    /// TCP or UDP.
    pub transport: TransportProtocol,
}

impl FiveTuple {
    /// Returns the Community ID of the flow.
    #[must_use]
    pub fn community_id(&self) -> CommunityId {
        CommunityId::new(self)
    }

    /// Returns the same flow as seen from the other side.
    #[must_use]
    pub const fn reversed(&self) -> Self {
        Self {
            orig: self.resp,
            resp: self.orig,
            transport: self.transport,
        }
    }
}

/// A flow without direction, in 40 bytes: what the table compares.
///
/// An IPv4 address is held in its IPv4-mapped form, so a packet that carries such an address
/// inside IPv6 would meet the IPv4 flow; those are not allowed on the wire (RFC 4291, 2.5.5.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlowKey {
    low_address: [u64; 2],
    high_address: [u64; 2],
    low_port: u16,
    high_port: u16,
    transport: TransportProtocol,
}

/// Which end of a [`FlowKey`] sent a packet, or opened the flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// The end with the smaller address, or the smaller port of the same address.
    Low,
    /// The other end.
    High,
}

impl Side {
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Low => 0,
            Self::High => 1,
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

impl FlowKey {
    /// The key of no flow.
    pub(crate) const EMPTY: Self = Self {
        low_address: [0; 2],
        high_address: [0; 2],
        low_port: 0,
        high_port: 0,
        transport: TransportProtocol::Tcp,
    };

    /// Returns the key of the flow that a packet from `src` to `dst` belongs to.
    #[must_use]
    pub fn new(src: SocketAddr, dst: SocketAddr, transport: TransportProtocol) -> Self {
        Self::with_side(src.ip(), src.port(), dst.ip(), dst.port(), transport).0
    }

    /// The key of the flow that a packet belongs to, and the side that sent it.
    pub(crate) fn of_packet(packet: &Packet<'_>) -> (Self, Side) {
        let (src_port, dst_port, transport) = match &packet.transport {
            Transport::Tcp(segment) => (segment.src_port, segment.dst_port, TransportProtocol::Tcp),
            Transport::Udp(datagram) => {
                (datagram.src_port, datagram.dst_port, TransportProtocol::Udp)
            }
        };
        Self::with_side(packet.src, src_port, packet.dst, dst_port, transport)
    }

    /// Returns the key and the side that sent the packet.
    pub(crate) fn with_side(
        src: IpAddr,
        src_port: u16,
        dst: IpAddr,
        dst_port: u16,
        transport: TransportProtocol,
    ) -> (Self, Side) {
        Self::of_ends((mapped(src), src_port), (mapped(dst), dst_port), transport)
    }

    /// The same for two addresses of any family, as numbers in the IPv6 form.
    #[inline(always)]
    pub(crate) fn of_ends(
        from: (u128, u16),
        to: (u128, u16),
        transport: TransportProtocol,
    ) -> (Self, Side) {
        let (low, high, side) = if from <= to {
            (from, to, Side::Low)
        } else {
            (to, from, Side::High)
        };
        let key = Self {
            low_address: words(low.0),
            high_address: words(high.0),
            low_port: low.1,
            high_port: high.1,
            transport,
        };
        (key, side)
    }

    /// The same for two IPv4 addresses, in the same order: an address and a port are one number to compare.
    #[inline(always)]
    pub(crate) fn of_ipv4(
        (src, src_port): (u32, u16),
        (dst, dst_port): (u32, u16),
        transport: TransportProtocol,
    ) -> (Self, Side) {
        const MAPPED: u64 = 0xffff << 32;
        let (src, dst) = (u64::from(src), u64::from(dst));
        let (from, to) = (
            (src << 16) | u64::from(src_port),
            (dst << 16) | u64::from(dst_port),
        );
        let ((low, low_port), (high, high_port), side) = if from <= to {
            ((src, src_port), (dst, dst_port), Side::Low)
        } else {
            ((dst, dst_port), (src, src_port), Side::High)
        };
        let key = Self {
            low_address: [0, MAPPED | low],
            high_address: [0, MAPPED | high],
            low_port,
            high_port,
            transport,
        };
        (key, side)
    }

    /// Whether two keys are one, number by number: a comparison in wider steps would wait for the numbers
    /// that were just written.
    #[inline(always)]
    pub(crate) const fn is(&self, other: &Self) -> bool {
        let ([a, b, c, d, e], [f, g, h, i, j]) = (self.words(), other.words());
        (b ^ g) | (d ^ i) | (e ^ j) | (a ^ f) | (c ^ h) == 0
    }

    /// The port of the end with the smaller address.
    pub(crate) const fn low_port(&self) -> u16 {
        self.low_port
    }

    /// Returns TCP or UDP.
    #[must_use]
    pub const fn transport(&self) -> TransportProtocol {
        self.transport
    }

    /// Returns the endpoints in order, given the side that opened the flow.
    pub(crate) fn tuple(&self, orig: Side) -> FiveTuple {
        let low = SocketAddr::new(address(self.low_address), self.low_port);
        let high = SocketAddr::new(address(self.high_address), self.high_port);
        let (orig, resp) = match orig {
            Side::Low => (low, high),
            Side::High => (high, low),
        };
        FiveTuple {
            orig,
            resp,
            transport: self.transport,
        }
    }

    /// The five numbers of the key, for hashing.
    pub(crate) const fn words(&self) -> [u64; 5] {
        let [a, b] = self.low_address;
        let [c, d] = self.high_address;
        let rest = (self.low_port as u64)
            | ((self.high_port as u64) << 16)
            | ((self.transport.number() as u64) << 32);
        [a, b, c, d, rest]
    }
}

/// An address of either family as a number; IPv4 in its IPv4-mapped form.
pub(crate) const fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "splits a number into its two halves"
)]
const fn words(address: u128) -> [u64; 2] {
    [(address >> 64) as u64, address as u64]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an IPv4 address is the lower 32 bits of its mapped form"
)]
fn address([high, low]: [u64; 2]) -> IpAddr {
    if high == 0 && low >> 32 == 0xffff {
        return IpAddr::V4(Ipv4Addr::from_bits(low as u32));
    }
    IpAddr::V6(Ipv6Addr::from_bits(
        (u128::from(high) << 64) | u128::from(low),
    ))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        for (a, b) in [
            ("10.0.0.2:51544", "104.18.32.47:443"),
            ("[fe80::2]:1", "[2001:db8::1]:443"),
        ] {
            let (a, b) = (a.parse().unwrap(), b.parse().unwrap());
            let there = FlowKey::new(a, b, TransportProtocol::Tcp);
            assert_eq!(there, FlowKey::new(b, a, TransportProtocol::Tcp));
            assert_ne!(there, FlowKey::new(a, b, TransportProtocol::Udp));
            let (_, side) =
                FlowKey::with_side(a.ip(), a.port(), b.ip(), b.port(), TransportProtocol::Tcp);
            let tuple = there.tuple(side);
            assert_eq!((tuple.orig, tuple.resp), (a, b));
            assert_eq!(there.tuple(side.other()), tuple.reversed());
        }
    }

    #[test]
    fn ipv4_is_in_the_order_of_its_mapped_form() {
        let ends = [
            ("0.0.0.0", 1),
            ("10.0.0.2", 443),
            ("10.0.0.2", 444),
            ("255.0.0.1", 0),
        ];
        for (a, a_port) in ends {
            for (b, b_port) in ends {
                let (a, b): (Ipv4Addr, Ipv4Addr) = (a.parse().unwrap(), b.parse().unwrap());
                let key = |a: IpAddr, b: IpAddr| {
                    FlowKey::with_side(a, a_port, b, b_port, TransportProtocol::Udp)
                };
                let mapped = key(a.to_ipv6_mapped().into(), b.to_ipv6_mapped().into());
                assert_eq!(key(a.into(), b.into()), mapped);
            }
        }
    }

    #[test]
    fn the_key_is_compact() {
        assert_eq!(size_of::<FlowKey>(), 40);
    }
}
