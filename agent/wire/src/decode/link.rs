//! Link types: what the first byte of a frame is.
//!
//! The numbers and layouts are those of <https://www.tcpdump.org/linktypes.html>. Left out, and
//! counted as unknown, is what carries no IP (USB, Bluetooth, bus systems, 802.15.4 with its
//! compressed headers, VM sockets) and what only one vendor's equipment writes.

use super::error::{DecodeError, Layer};
use super::ether::{self, LINK_CUT};
use super::walk::{Next, Stop, Walk};
use super::wlan::WlanHeader;
use super::{ppp, wlan};
use crate::frame::LinkType;
use crate::reader::Reader;

/// What the first byte of a frame of this link type is.
pub(super) fn link<'a>(
    walk: &mut Walk,
    link_type: LinkType,
    data: &'a [u8],
) -> Result<Next<'a>, Stop<'a>> {
    match link_type {
        LinkType::ETHERNET => Ok(Next::Ethernet(data)),
        LinkType::NULL => loopback(data, u32::from_le_bytes),
        LinkType::LOOP => loopback(data, u32::from_be_bytes),
        // The last two name a version, and some writers put the other one there.
        LinkType::RAW
        | LinkType::DLT_RAW
        | LinkType::DLT_RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => Ok(Next::Ip(data)),
        LinkType::LINUX_SLL => linux_sll(walk, data),
        LinkType::LINUX_SLL2 => linux_sll2(walk, data),
        LinkType::PPP | LinkType::PPP_WITH_DIRECTION => Ok(Next::Ppp(match link_type {
            LinkType::PPP => data,
            _ => data.get(1..).ok_or(LINK_CUT)?,
        })),
        // The first byte of the address tells the direction instead.
        LinkType::PPP_PPPD => Ok(Next::Ppp(data.get(2..).ok_or(LINK_CUT)?)),
        LinkType::PPP_HDLC => ppp::ppp_or_cisco_hdlc(data),
        LinkType::PPP_ETHER => Ok(ether::pppoe(data)?),
        LinkType::CISCO_HDLC => ppp::cisco_hdlc(data),
        LinkType::FRAME_RELAY => ppp::frame_relay(data),
        LinkType::IEEE802_11 => Ok(Next::Wlan(data, WlanHeader::Plain)),
        LinkType::IEEE802_11_RADIOTAP => wlan::radiotap(data),
        LinkType::IEEE802_11_PRISM | LinkType::IEEE802_11_AVS => wlan::prism_or_avs(data),
        LinkType::PPI => wlan::ppi(data),
        LinkType::NFLOG => nflog(data),
        LinkType::PKTAP | LinkType::USER2 => pktap(link_type, data),
        LinkType::ETHERNET_MPACKET => mpacket(data),
        // Direction and the start of the frame as it was on the line, then the frame.
        LinkType::SLIP => Ok(Next::Ip(data.get(16..).ok_or(LINK_CUT)?)),
        LinkType::ARCNET_LINUX => arcnet(data, 2),
        LinkType::ARCNET_BSD => arcnet(data, 0),
        // Kind of traffic and circuit, then 802.2.
        LinkType::SUN_ATM => Ok(Next::Llc(data.get(4..).ok_or(LINK_CUT)?)),
        LinkType::ATM_RFC1483 => Ok(Next::Llc(data)),
        // Frame control (and access control), addresses.
        LinkType::FDDI => Ok(Next::Llc(data.get(13..).ok_or(LINK_CUT)?)),
        LinkType::TOKEN_RING => Ok(Next::Llc(data.get(14..).ok_or(LINK_CUT)?)),
        LinkType::IP_OVER_FC => Ok(Next::Llc(data.get(16..).ok_or(LINK_CUT)?)),
        LinkType::IP_OVER_1394 => type_at_end(data.split_first_chunk::<18>()),
        // Family, security parameter, flags.
        LinkType::ENC => Ok(Next::Ip(data.get(12..).ok_or(LINK_CUT)?)),
        LinkType::PFLOG => {
            let length = usize::from(*data.first().ok_or(LINK_CUT)?).next_multiple_of(4);
            Ok(Next::Ip(data.get(length..).ok_or(LINK_CUT)?))
        }
        LinkType::NETANALYZER => Ok(Next::Ethernet(data.get(4..).ok_or(LINK_CUT)?)),
        LinkType::NETANALYZER_TRANSPARENT => Ok(Next::Ethernet(data.get(12..).ok_or(LINK_CUT)?)),
        _ => Err(DecodeError::UnknownLinkType.into()),
    }
}

fn type_at_end<'a, const N: usize>(
    split: Option<(&'a [u8; N], &'a [u8])>,
) -> Result<Next<'a>, Stop<'a>> {
    let (header, rest) = split.ok_or(LINK_CUT)?;
    let kind = header.last_chunk::<2>().ok_or(LINK_CUT)?;
    Ok(Next::EtherType(u16::from_be_bytes(*kind), rest))
}

/// An address family before the packet. `NULL` has it in the byte order of the machine that
/// captured, which shows: no family is larger than a byte.
fn loopback<'a>(data: &'a [u8], read: fn([u8; 4]) -> u32) -> Result<Next<'a>, Stop<'a>> {
    /// `AF_INET`, and `AF_INET6` of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
    const FAMILIES: [u32; 6] = [2, 10, 23, 24, 28, 30];
    let (family, rest) = data.split_first_chunk::<4>().ok_or(LINK_CUT)?;
    let family = read(*family);
    if FAMILIES.contains(&family) || FAMILIES.contains(&family.swap_bytes()) {
        return Ok(Next::Ip(rest));
    }
    Err(DecodeError::NotIp.into())
}

/// The kernel's numbers of link types (`ARPHRD_`) that change the meaning of a cooked header.
mod arphrd {
    pub(super) const IEEE80211: u16 = 801;
    pub(super) const IEEE80211_RADIOTAP: u16 = 803;
    pub(super) const NETLINK: u16 = 824;
}

/// What a cooked header's protocol says (`ETH_P_` of Linux where it is no EtherType).
fn cooked<'a>(hardware: u16, protocol: u16, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    const RAW_802_3: u16 = 1;
    const LLC: u16 = 4;
    const PPP: u16 = 9;
    match (hardware, protocol) {
        (arphrd::NETLINK, _) | (_, RAW_802_3) => Err(DecodeError::NotIp.into()),
        (arphrd::IEEE80211, _) => Ok(Next::Wlan(data, WlanHeader::Plain)),
        (arphrd::IEEE80211_RADIOTAP, _) => wlan::radiotap(data),
        (_, LLC) => Ok(Next::Llc(data)),
        (_, PPP) => Ok(Next::Ppp(data)),
        (_, kind) => Ok(Next::EtherType(kind, data)),
    }
}

/// The link address of a cooked header, when it is as long as Ethernet's.
fn cooked_address(length: usize, field: &[u8]) -> Option<[u8; 6]> {
    if length == 6 {
        field.first_chunk().copied()
    } else {
        None
    }
}

/// Kind of packet, hardware, address length, address (8), protocol.
fn linux_sll<'a>(walk: &mut Walk, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let (header, rest) = data.split_first_chunk::<16>().ok_or(LINK_CUT)?;
    let [_, _, h0, h1, l0, l1, address @ .., p0, p1] = header;
    let length = usize::from(u16::from_be_bytes([*l0, *l1]));
    walk.link_addresses(cooked_address(length, address), None);
    cooked(
        u16::from_be_bytes([*h0, *h1]),
        u16::from_be_bytes([*p0, *p1]),
        rest,
    )
}

/// Protocol, reserved, interface (4), hardware, kind of packet (1), address length (1), address (8).
fn linux_sll2<'a>(walk: &mut Walk, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let (header, rest) = data.split_first_chunk::<20>().ok_or(LINK_CUT)?;
    let [p0, p1, _, _, _, _, _, _, h0, h1, _, length, address @ ..] = header;
    walk.link_addresses(cooked_address(usize::from(*length), address), None);
    cooked(
        u16::from_be_bytes([*h0, *h1]),
        u16::from_be_bytes([*p0, *p1]),
        rest,
    )
}

/// Netfilter's log: family, version, resource, then attributes (length, kind, value, padded to
/// four bytes) in the byte order of the machine that captured.
fn nflog<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let attributes = data.get(4..).ok_or(LINK_CUT)?;
    let payload = nflog_payload(attributes, u16::from_le_bytes)
        .or_else(|| nflog_payload(attributes, u16::from_be_bytes))
        .ok_or(DecodeError::NotIp)?;
    Ok(Next::Ip(payload))
}

fn nflog_payload(attributes: &[u8], read: fn([u8; 2]) -> u16) -> Option<&[u8]> {
    /// Netfilter has fewer than this.
    const MAX_ATTRIBUTES: usize = 32;
    const PAYLOAD: u16 = 9;
    const KIND: u16 = 0x3fff;
    let mut rest = attributes;
    for _ in 0..MAX_ATTRIBUTES {
        let (header, value) = rest.split_first_chunk::<4>()?;
        let [l0, l1, k0, k1] = *header;
        let length = usize::from(read([l0, l1])).checked_sub(4)?;
        if read([k0, k1]) & KIND == PAYLOAD {
            return Some(value.get(..length).unwrap_or(value));
        }
        rest = value.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// Apple's header: its length, kind of record, link type (all little-endian), names and process.
fn pktap<'a>(outer: LinkType, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    /// The fixed part of the oldest version.
    const MIN_BYTES: usize = 108;
    const PACKET: u32 = 1;
    let mut reader = Reader::new(data);
    let [length, kind, link_type] =
        [(); 3].map(|()| reader.take_array().map_or(0, u32::from_le_bytes));
    let length = length as usize;
    if data.len() < 12 {
        return Err(LINK_CUT.into());
    }
    if length < MIN_BYTES || kind != PACKET {
        // The number stands for "somebody's own", of which Apple's use is only one.
        let error = if outer == LinkType::USER2 {
            DecodeError::UnknownLinkType
        } else {
            DecodeError::BadLength(Layer::Link)
        };
        return Err(error.into());
    }
    let frame = data.get(length..).ok_or(LINK_CUT)?;
    let link_type = u16::try_from(link_type).map_err(|_| DecodeError::UnknownLinkType)?;
    Ok(Next::Link(LinkType(link_type), frame))
}

/// IEEE 802.3br: preamble and start delimiter before the frame. A fragment of a preempted frame
/// after its first has another delimiter.
fn mpacket<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    /// Whole frames: express, and the first fragments of preemptable ones.
    const STARTS: [u8; 6] = [0xd5, 0xe6, 0x4c, 0x7f, 0xb3, 0x07];
    let (header, frame) = data.split_first_chunk::<8>().ok_or(LINK_CUT)?;
    let [.., delimiter] = *header;
    if STARTS.contains(&delimiter) {
        return Ok(Next::Ethernet(frame));
    }
    Err(DecodeError::NotIp.into())
}

/// Source, destination, what Linux puts between, then the protocol: IP of RFC 1051, or of RFC 1201
/// with three bytes for splitting, of which only whole packets are read.
fn arcnet<'a>(data: &'a [u8], between: usize) -> Result<Next<'a>, Stop<'a>> {
    const IP_RFC1051: u8 = 240;
    const IP_RFC1201: u8 = 212;
    const IPV6_RFC1201: u8 = 196;
    let rest = data.get(between.saturating_add(2)..).ok_or(LINK_CUT)?;
    match *rest {
        [IP_RFC1051, ref rest @ ..] => Ok(Next::Ip(rest)),
        [IP_RFC1201 | IPV6_RFC1201, 0, _, _, ref rest @ ..] => Ok(Next::Ip(rest)),
        [_, ..] => Err(DecodeError::NotIp.into()),
        [] => Err(LINK_CUT.into()),
    }
}
