//! Ethernet and what its type field leads to: VLAN tags, MPLS, PPPoE, 802.2.

use super::error::{DecodeError, Layer};
use super::ip;
use super::walk::{Guess, Next, Stop, Walk};

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
/// IEEE 802.1Q.
pub(super) const VLAN: u16 = 0x8100;
/// IEEE 802.1ad, and what was used for the outer tag before it.
const SERVICE_VLAN: [u16; 4] = [0x88a8, 0x9100, 0x9200, 0x9300];
/// RFC 5332; the second was for multicast.
pub(super) const MPLS: u16 = 0x8847;
pub(super) const MPLS_UPSTREAM: u16 = 0x8848;
/// RFC 2516.
const PPPOE_SESSION: u16 = 0x8864;
/// RFC 1701, PPP in GRE.
pub(super) const PPP: u16 = 0x880b;
/// RFC 8300.
pub(super) const NSH: u16 = 0x894f;
/// RFC 1701, Ethernet in GRE.
pub(super) const BRIDGED_ETHERNET: u16 = 0x6558;
/// IEEE 802.1BR: six bytes, then a type.
const E_TAG: u16 = 0x893f;
/// Cisco VN-Tag: four bytes, then a type.
const VN_TAG: u16 = 0x8926;
/// Cisco MetaData: version, length in units of four bytes, options, then a type.
const CISCO_METADATA: u16 = 0x8909;
/// IEEE 802.1ah: four bytes, then an Ethernet frame.
const PROVIDER_BACKBONE: u16 = 0x88e7;
/// Cisco FabricPath: the type stands in an outer Ethernet header, an inner frame follows its tag.
const FABRIC_PATH: u16 = 0x8903;
/// RFC 6325: version and lengths, then options and an Ethernet frame.
const TRILL: u16 = 0x22f3;
/// 802.2 in a jumbo frame, as Linux and IS-IS drafts use it.
const JUMBO_LLC: u16 = 0x8870;

/// Values of the type field up to this are the length of an 802.3 frame.
const MAX_802_3_LENGTH: u16 = 1500;
/// Labels in one stack; the fourth is rare.
const MAX_LABELS: usize = 16;

pub(super) const LINK_CUT: DecodeError = DecodeError::Truncated(Layer::Link);

/// IEEE 802.3: destination, source, type or length.
pub(super) fn ethernet<'a>(walk: &mut Walk, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let (header, rest) = data.split_first_chunk::<14>().ok_or(LINK_CUT)?;
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
    walk.link_addresses(
        Some([s0, s1, s2, s3, s4, s5]),
        Some([d0, d1, d2, d3, d4, d5]),
    );
    Ok(Next::EtherType(u16::from_be_bytes([t0, t1]), rest))
}

/// What an EtherType says.
pub(super) fn ether_type<'a>(
    walk: &mut Walk,
    kind: u16,
    data: &'a [u8],
) -> Result<Next<'a>, Stop<'a>> {
    Ok(match kind {
        IPV4 => Next::Ipv4(data),
        IPV6 => Next::Ipv6(data),
        kind if kind == VLAN || SERVICE_VLAN.contains(&kind) => {
            let (tag, rest) = data.split_first_chunk::<4>().ok_or(LINK_CUT)?;
            let [v0, v1, t0, t1] = *tag;
            walk.vlan_tag(u16::from_be_bytes([v0, v1]));
            Next::EtherType(u16::from_be_bytes([t0, t1]), rest)
        }
        MPLS | MPLS_UPSTREAM => mpls(walk, data)?,
        PPPOE_SESSION => pppoe(data)?,
        PPP => Next::Ppp(data),
        NSH => nsh(walk, data)?,
        BRIDGED_ETHERNET => Next::Ethernet(data),
        E_TAG => type_after(data, 6)?,
        VN_TAG => type_after(data, 4)?,
        CISCO_METADATA => {
            let units = data.get(1).copied().ok_or(LINK_CUT)?;
            type_after(data, usize::from(units).saturating_mul(4).saturating_add(2))?
        }
        PROVIDER_BACKBONE => Next::Ethernet(data.get(4..).ok_or(LINK_CUT)?),
        FABRIC_PATH => Next::Ethernet(data.get(2..).ok_or(LINK_CUT)?),
        TRILL => {
            let [first, second, ..] = *data else {
                return Err(LINK_CUT.into());
            };
            let options = usize::from(u16::from_be_bytes([first, second]) >> 6 & 0x1f);
            let start = options.saturating_mul(4).saturating_add(6);
            Next::Ethernet(data.get(start..).ok_or(LINK_CUT)?)
        }
        JUMBO_LLC => Next::Llc(data),
        length if length <= MAX_802_3_LENGTH => {
            Next::Llc(data.get(..usize::from(length)).unwrap_or(data))
        }
        _ => return Err(DecodeError::NotIp.into()),
    })
}

fn type_after<'a>(data: &'a [u8], count: usize) -> Result<Next<'a>, DecodeError> {
    let (kind, rest) = data
        .get(count..)
        .and_then(|rest| rest.split_first_chunk::<2>())
        .ok_or(LINK_CUT)?;
    Ok(Next::EtherType(u16::from_be_bytes(*kind), rest))
}

/// 802.2 with the service access points that lead to IP: SNAP (RFC 1042), IP itself (RFC 948) and
/// the OSI network layer's identifiers (RFC 1490).
pub(super) fn llc<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    const SNAP: [u8; 3] = [0xaa, 0xaa, 0x03];
    const IP: [u8; 3] = [0x06, 0x06, 0x03];
    const OSI: [u8; 3] = [0xfe, 0xfe, 0x03];
    const BRIDGED: [u8; 3] = [0x00, 0x80, 0xc2];
    let (header, rest) = data.split_first_chunk::<3>().ok_or(LINK_CUT)?;
    match *header {
        SNAP => {
            let (header, rest) = rest.split_first_chunk::<5>().ok_or(LINK_CUT)?;
            let [o0, o1, o2, t0, t1] = *header;
            let kind = u16::from_be_bytes([t0, t1]);
            match ([o0, o1, o2], kind) {
                // RFC 1042; 802.1H tunnels types that must not be translated.
                ([0, 0, 0 | 0xf8], _) => Ok(Next::EtherType(kind, rest)),
                // RFC 2684 5.2: bridged Ethernet, with and without its check sequence.
                (BRIDGED, 1 | 7) => Ok(Next::Ethernet(rest.get(2..).ok_or(LINK_CUT)?)),
                _ => Err(DecodeError::NotIp.into()),
            }
        }
        IP => Ok(Next::Ip(rest)),
        OSI => nlpid(rest),
        _ => Err(DecodeError::NotIp.into()),
    }
}

/// The network layer protocol identifiers of ISO/IEC TR 9577 that lead to IP.
pub(super) fn nlpid<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    match data.split_first().ok_or(LINK_CUT)? {
        (0xcc, rest) => Ok(Next::Ipv4(rest)),
        (0x8e, rest) => Ok(Next::Ipv6(rest)),
        _ => Err(DecodeError::NotIp.into()),
    }
}

/// A label stack (RFC 3032). What follows it is not named: IP by its version, or a pseudowire
/// (RFC 4448) with or without a control word, whose first four bits are zero.
pub(super) fn mpls<'a>(walk: &Walk, data: &'a [u8]) -> Result<Next<'a>, DecodeError> {
    let mut rest = data;
    for _ in 0..MAX_LABELS {
        let (entry, after) = rest.split_first_chunk::<4>().ok_or(LINK_CUT)?;
        rest = after;
        let [_, _, bottom_of_stack, _] = *entry;
        if bottom_of_stack & 1 == 0 {
            continue;
        }
        return Ok(match rest.first().map(|byte| byte >> 4) {
            None => return Err(LINK_CUT),
            // An address may start with these bits too, so a packet must be found.
            Some(4 | 6) if ip::fills(rest, ip::rest_of_frame(walk, rest)) => {
                Next::Either(Guess::Ip(rest), Guess::Ethernet(rest))
            }
            Some(0) => Next::Either(
                Guess::Ethernet(rest.get(4..).ok_or(LINK_CUT)?),
                Guess::Ethernet(rest),
            ),
            Some(_) => Next::Ethernet(rest),
        });
    }
    Err(DecodeError::NestedTooDeep)
}

/// RFC 2516 section 4: version and type, code, session, length.
pub(super) fn pppoe<'a>(data: &'a [u8]) -> Result<Next<'a>, DecodeError> {
    let (header, rest) = data.split_first_chunk::<6>().ok_or(LINK_CUT)?;
    let [_, code, _, _, l0, l1] = *header;
    if code != 0 {
        return Err(DecodeError::NotIp);
    }
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    Ok(Next::Ppp(rest.get(..length).unwrap_or(rest)))
}

/// RFC 8300 section 2: base header with the length in units of four bytes, and the next protocol.
pub(super) fn nsh<'a>(walk: &mut Walk, data: &'a [u8]) -> Result<Next<'a>, DecodeError> {
    let [first, second, _, next_protocol, ..] = *data else {
        return Err(DecodeError::Truncated(Layer::Tunnel));
    };
    let units = u16::from_be_bytes([first, second]) & 0x3f;
    if units < 2 {
        return Err(DecodeError::BadLength(Layer::Tunnel));
    }
    walk.enter_tunnel();
    let start = usize::from(units).saturating_mul(4);
    let rest = data
        .get(start..)
        .ok_or(DecodeError::Truncated(Layer::Tunnel))?;
    next_protocol_of_nsh(next_protocol, rest)
}

/// The numbers that NSH shares with VXLAN-GPE.
pub(super) fn next_protocol_of_nsh<'a>(
    next_protocol: u8,
    data: &'a [u8],
) -> Result<Next<'a>, DecodeError> {
    match ether_type_of_nsh(next_protocol) {
        Some(kind) => Ok(Next::EtherType(kind, data)),
        None => Err(DecodeError::NotIp),
    }
}

/// The EtherType that means the same as a next protocol of NSH.
pub(super) fn ether_type_of_nsh(next_protocol: u8) -> Option<u16> {
    match next_protocol {
        1 => Some(IPV4),
        2 => Some(IPV6),
        3 => Some(BRIDGED_ETHERNET),
        4 => Some(NSH),
        5 => Some(MPLS),
        _ => None,
    }
}
