//! The loop over the headers of one frame.

use std::net::IpAddr;

use super::error::DecodeError;
use super::fragments::{Fragment, Whole};
use super::packet::{Datagram, Packet, Transport};
use super::transport::{tcp, udp};
use super::wlan::WlanHeader;
use super::{ether, fast, ip, link, ppp, tunnel, udp_tunnel, wlan};
use crate::frame::{Frame, LinkType, Timestamp};

/// Headers that are walked in one frame, those of attempts that failed included. Three tunnels in
/// each other with VLAN tags and labels take about twenty.
pub const MAX_HEADERS: u8 = 48;

const VLAN_ID_MASK: u16 = 0x0fff;

/// What the next bytes are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next<'a> {
    /// A frame of a link type, after a header that names it.
    Link(LinkType, &'a [u8]),
    /// An Ethernet frame from its destination address.
    Ethernet(&'a [u8]),
    /// What an EtherType says.
    EtherType(u16, &'a [u8]),
    /// An 802.2 header.
    Llc(&'a [u8]),
    /// A PPP frame, with or without address and control field.
    Ppp(&'a [u8]),
    /// An 802.11 frame.
    Wlan(&'a [u8], WlanHeader),
    /// IP of the version that its first bits tell.
    Ip(&'a [u8]),
    /// RFC 791.
    Ipv4(&'a [u8]),
    /// RFC 8200.
    Ipv6(&'a [u8]),
    /// What an IP protocol number says.
    Payload(Ip, u8, &'a [u8]),
    /// One guess; if it leads to no packet, the next thing is the second one.
    Either(Guess<'a>, Guess<'a>),
    /// The UDP datagram that stands when the tunnel it may carry does not.
    Tunnel(Guess<'a>, Ip, Datagram<'a>),
}

/// What a header that does not say what it carries may carry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guess<'a> {
    Ethernet(&'a [u8]),
    EtherType(u16, &'a [u8]),
    Ip(&'a [u8]),
    Payload(Ip, u8, &'a [u8]),
    Ppp(&'a [u8]),
    Wlan(&'a [u8], WlanHeader),
}

impl<'a> From<Guess<'a>> for Next<'a> {
    fn from(guess: Guess<'a>) -> Self {
        match guess {
            Guess::Ethernet(data) => Self::Ethernet(data),
            Guess::EtherType(kind, data) => Self::EtherType(kind, data),
            Guess::Ip(data) => Self::Ip(data),
            Guess::Payload(ip, protocol, data) => Self::Payload(ip, protocol, data),
            Guess::Ppp(data) => Self::Ppp(data),
            Guess::Wlan(data, header) => Self::Wlan(data, header),
        }
    }
}

/// What the headers after IP need of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ip {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    /// Bytes that follow by its length field; more than there are when the frame was cut.
    pub(super) claimed: u32,
}

/// Why a walk ended without a packet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop<'a> {
    Reject(DecodeError),
    Fragment(Fragment<'a>),
}

impl From<DecodeError> for Stop<'_> {
    fn from(error: DecodeError) -> Self {
        Self::Reject(error)
    }
}

/// What is known of the frame's outside.
#[derive(Clone, Copy, Debug)]
struct Outside {
    vlan: Option<u16>,
    src_mac: Option<[u8; 6]>,
    dst_mac: Option<[u8; 6]>,
    in_tunnel: bool,
    has_link: bool,
}

/// The state of one walk.
#[derive(Debug)]
pub(super) struct Walk {
    ts: Timestamp,
    number: u64,
    wire_len: u32,
    /// Bytes of the frame that the snap length left out.
    missing: u32,
    outside: Outside,
    headers_left: u8,
}

impl Walk {
    pub(super) fn new(frame: &Frame<'_>) -> Self {
        let captured = u32::try_from(frame.data.len()).unwrap_or(u32::MAX);
        Self {
            ts: frame.ts,
            number: frame.number,
            wire_len: frame.orig_len.max(captured),
            missing: frame.orig_len.saturating_sub(captured),
            outside: Outside {
                vlan: frame.vlan.and_then(vlan_id),
                src_mac: None,
                dst_mac: None,
                in_tunnel: false,
                has_link: false,
            },
            headers_left: MAX_HEADERS,
        }
    }

    /// Walks from the link header.
    pub(super) fn start<'a>(&mut self, frame: &Frame<'a>) -> Result<Packet<'a>, Stop<'a>> {
        self.run(Next::Link(frame.link_type, frame.data))
    }

    /// Walks on in a datagram that was put together from fragments.
    pub(super) fn resume<'a>(
        &mut self,
        whole: Whole,
        data: &'a [u8],
    ) -> Result<Packet<'a>, Stop<'a>> {
        self.missing = 0;
        let ip = Ip {
            src: whole.src,
            dst: whole.dst,
            claimed: whole.length,
        };
        self.run(Next::Payload(ip, whole.protocol, data))
    }

    /// Bytes of the frame that the snap length left out.
    pub(super) fn missing(&self) -> u32 {
        self.missing
    }

    /// Remembers the outermost link addresses.
    pub(super) fn link_addresses(&mut self, src: Option<[u8; 6]>, dst: Option<[u8; 6]>) {
        if self.outside.has_link {
            // A second link header means that the first one belongs to a tunnel.
            self.outside.in_tunnel = true;
        } else if !self.outside.in_tunnel {
            self.outside.src_mac = src;
            self.outside.dst_mac = dst;
            self.outside.has_link = true;
        }
    }

    /// Remembers a VLAN tag of the outermost frame.
    pub(super) fn vlan_tag(&mut self, tci: u16) {
        if !self.outside.in_tunnel {
            self.outside.vlan = vlan_id(tci).or(self.outside.vlan);
        }
    }

    /// What follows came in an encapsulation.
    pub(super) fn enter_tunnel(&mut self) {
        self.outside.in_tunnel = true;
    }

    /// Walks to the innermost packet. Recursion happens only for guesses, and each takes at least
    /// one of the headers left.
    fn run<'a>(&mut self, mut next: Next<'a>) -> Result<Packet<'a>, Stop<'a>> {
        loop {
            self.headers_left = self
                .headers_left
                .checked_sub(1)
                .ok_or(DecodeError::NestedTooDeep)?;
            next = match next {
                Next::Link(link_type, data) => link::link(self, link_type, data)?,
                Next::Ethernet(data) => ether::ethernet(self, data)?,
                Next::EtherType(kind, data) => match fast::network(kind, data) {
                    Some((ip, transport)) => return Ok(self.packet(ip, transport)),
                    None => ether::ether_type(self, kind, data)?,
                },
                Next::Llc(data) => ether::llc(data)?,
                Next::Ppp(data) => ppp::ppp(self, data)?,
                Next::Wlan(data, header) => wlan::wlan(self, data, header)?,
                Next::Ip(data) => ip::by_version(data)?,
                Next::Ipv4(data) => ip::ipv4(self, data)?,
                Next::Ipv6(data) => ip::ipv6(self, data)?,
                Next::Payload(ip, ip::TCP, data) => {
                    let segment = tcp(ip.claimed, data)?;
                    return Ok(self.packet(ip, Transport::Tcp(segment)));
                }
                Next::Payload(ip, ip::UDP, data) => {
                    let datagram = udp(ip.claimed, data)?;
                    match udp_tunnel::guess(ip, &datagram) {
                        Some(guess) => Next::Tunnel(guess, ip, datagram),
                        None => return Ok(self.packet(ip, Transport::Udp(datagram))),
                    }
                }
                Next::Payload(ip, protocol, data) => tunnel::payload(self, ip, protocol, data)?,
                Next::Either(first, second) => match self.attempt(first.into()) {
                    Err(Stop::Reject(_)) => second.into(),
                    outcome => return outcome,
                },
                Next::Tunnel(guess, ip, datagram) => {
                    let outside = self.outside;
                    self.enter_tunnel();
                    match self.attempt(guess.into()) {
                        Err(Stop::Reject(_)) => {
                            self.outside = outside;
                            return Ok(self.packet(ip, Transport::Udp(datagram)));
                        }
                        outcome => return outcome,
                    }
                }
            };
        }
    }

    /// Walks on, and forgets what was learned of the outside when that leads to no packet.
    fn attempt<'a>(&mut self, next: Next<'a>) -> Result<Packet<'a>, Stop<'a>> {
        let outside = self.outside;
        let outcome = self.run(next);
        if let Err(Stop::Reject(_)) = outcome {
            self.outside = outside;
        }
        outcome
    }

    fn packet<'a>(&self, ip: Ip, transport: Transport<'a>) -> Packet<'a> {
        Packet {
            ts: self.ts,
            frame_number: self.number,
            src: ip.src,
            dst: ip.dst,
            transport,
            vlan: self.outside.vlan,
            src_mac: self.outside.src_mac,
            dst_mac: self.outside.dst_mac,
            in_tunnel: self.outside.in_tunnel,
            cut: transport.is_cut(),
            wire_len: self.wire_len,
        }
    }
}

/// The 12-bit id of a tag; none for a tag that carries a priority only (IEEE 802.1Q 9.6).
#[inline]
pub(super) fn vlan_id(tci: u16) -> Option<u16> {
    match tci & VLAN_ID_MASK {
        0 => None,
        id => Some(id),
    }
}
