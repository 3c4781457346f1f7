//! PPP (RFC 1661), with the framing of RFC 1662 or without, and what lines use beside it.

use super::error::DecodeError;
use super::ether::{self, LINK_CUT};
use super::walk::{Next, Stop, Walk};

const ADDRESS_AND_CONTROL: [u8; 2] = [0xff, 0x03];

const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
/// RFC 3638.
const BRIDGING: u16 = 0x0031;
/// RFC 1990.
const MULTILINK: u16 = 0x003d;
const MPLS: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;

/// Walks over address, control and protocol. A protocol number ends with an odd byte, so that one
/// that was compressed to a single byte shows.
pub(super) fn ppp<'a>(walk: &Walk, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let data = data.strip_prefix(&ADDRESS_AND_CONTROL).unwrap_or(data);
    let (protocol, rest) = match *data {
        [low, ref rest @ ..] if low & 1 == 1 => (u16::from(low), rest),
        [high, low, ref rest @ ..] => (u16::from_be_bytes([high, low]), rest),
        _ => return Err(LINK_CUT.into()),
    };
    Ok(match protocol {
        IPV4 => Next::Ipv4(rest),
        IPV6 => Next::Ipv6(rest),
        MPLS | MPLS_MULTICAST => ether::mpls(walk, rest)?,
        BRIDGING => bridged(rest)?,
        MULTILINK => multilink(rest)?,
        _ => return Err(DecodeError::NotIp.into()),
    })
}

/// Flags and the kind of network (1 is Ethernet), then the frame.
fn bridged<'a>(data: &'a [u8]) -> Result<Next<'a>, DecodeError> {
    match *data {
        [_, 1, ref rest @ ..] => Ok(Next::Ethernet(rest)),
        [_, _, ..] => Err(DecodeError::NotIp),
        _ => Err(LINK_CUT),
    }
}

/// A packet that was not split carries both the first and the last flag.
fn multilink<'a>(data: &'a [u8]) -> Result<Next<'a>, DecodeError> {
    const FIRST_AND_LAST: u8 = 0xc0;
    let flags = *data.first().ok_or(LINK_CUT)?;
    if flags & FIRST_AND_LAST != FIRST_AND_LAST {
        return Err(DecodeError::NotIp);
    }
    data.get(4..).map(Next::Ppp).ok_or(LINK_CUT)
}

/// A line that carries PPP in HDLC framing or Cisco's own, told apart by the address.
pub(super) fn ppp_or_cisco_hdlc<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    match *data {
        [0x0f | 0x8f, _, ..] => cisco_hdlc(data),
        _ => Ok(Next::Ppp(data)),
    }
}

/// Cisco's framing: address, control, EtherType.
pub(super) fn cisco_hdlc<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let (header, rest) = data.split_first_chunk::<4>().ok_or(LINK_CUT)?;
    let [_, _, t0, t1] = *header;
    Ok(Next::EtherType(u16::from_be_bytes([t0, t1]), rest))
}

/// RFC 2427: an address of two to four bytes, control, then an identifier.
pub(super) fn frame_relay<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    const UNNUMBERED: u8 = 0x03;
    const SNAP: u8 = 0x80;
    let address = data
        .iter()
        .take(4)
        .position(|byte| byte & 1 == 1)
        .ok_or(LINK_CUT)?;
    let rest = data.get(address.saturating_add(1)..).unwrap_or_default();
    match *rest {
        [UNNUMBERED, SNAP, _, _, _, t0, t1, ref rest @ ..]
        | [UNNUMBERED, 0, SNAP, _, _, _, t0, t1, ref rest @ ..] => {
            Ok(Next::EtherType(u16::from_be_bytes([t0, t1]), rest))
        }
        [UNNUMBERED, ref rest @ ..] => ether::nlpid(rest),
        // Cisco's framing puts an EtherType there.
        [t0, t1, ref rest @ ..] => Ok(Next::EtherType(u16::from_be_bytes([t0, t1]), rest)),
        _ => Err(LINK_CUT.into()),
    }
}
