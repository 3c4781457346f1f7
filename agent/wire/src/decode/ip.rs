//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::{DecodeError, Layer};
use super::fragments::{Fragment, FragmentKey};
use super::walk::{Ip, Next, Stop, Walk};

pub(super) const HOP_BY_HOP: u8 = 0;
pub(super) const IPV4: u8 = 4;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const IPV6: u8 = 41;
pub(super) const ROUTING: u8 = 43;
pub(super) const FRAGMENT: u8 = 44;
pub(super) const AUTHENTICATION: u8 = 51;
pub(super) const DESTINATION_OPTIONS: u8 = 60;
pub(super) const MOBILITY: u8 = 135;
pub(super) const HIP: u8 = 139;
pub(super) const SHIM6: u8 = 140;

const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// IP of the version that the first bits tell.
pub(super) fn by_version<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    match data.first().map(|byte| byte >> 4) {
        Some(4) => Ok(Next::Ipv4(data)),
        Some(6) => Ok(Next::Ipv6(data)),
        Some(_) => Err(DecodeError::NotIp.into()),
        None => Err(DecodeError::Truncated(Layer::Ip).into()),
    }
}

/// Walks over an IPv4 header and its options.
pub(super) fn ipv4<'a>(walk: &Walk, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let header = data
        .first_chunk::<20>()
        .ok_or(DecodeError::Truncated(Layer::Ip))?;
    let [
        version,
        _,
        l0,
        l1,
        i0,
        i1,
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
    if version >> 4 != 4 {
        return Err(DecodeError::BadVersion.into());
    }
    let header_len = u32::from(version & 0x0f).wrapping_mul(4);
    if header_len < 20 {
        return Err(DecodeError::BadLength(Layer::Ip).into());
    }
    let total = match u32::from(u16::from_be_bytes([l0, l1])) {
        0 => rest_of_frame(walk, data),
        total => total,
    };
    let claimed = total
        .checked_sub(header_len)
        .ok_or(DecodeError::BadLength(Layer::Ip))?;
    let held = data.get(..total as usize).unwrap_or(data);
    let payload = held
        .get(header_len as usize..)
        .ok_or(DecodeError::Truncated(Layer::Ip))?;
    let ip = Ip {
        src: IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        dst: IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
        claimed,
    };
    let place = u16::from_be_bytes([f0, f1]);
    if place & (MORE_FRAGMENTS | FRAGMENT_OFFSET) == 0 {
        return Ok(Next::Payload(ip, protocol, payload));
    }
    Err(Stop::Fragment(Fragment {
        key: FragmentKey {
            src: ip.src,
            dst: ip.dst,
            protocol: Some(protocol),
            id: u32::from(u16::from_be_bytes([i0, i1])),
        },
        protocol,
        offset: u32::from(place & FRAGMENT_OFFSET).wrapping_mul(8),
        length: claimed,
        more: place & MORE_FRAGMENTS != 0,
        bytes: payload,
    }))
}

/// Walks over an IPv6 header; its extension headers are steps of their own.
pub(super) fn ipv6<'a>(walk: &Walk, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let (header, rest) = data
        .split_first_chunk::<40>()
        .ok_or(DecodeError::Truncated(Layer::Ip))?;
    let [version, _, _, _, l0, l1, next_header, _, addresses @ ..] = header;
    if version >> 4 != 6 {
        return Err(DecodeError::BadVersion.into());
    }
    let claimed = match u32::from(u16::from_be_bytes([*l0, *l1])) {
        // A jumbogram (RFC 2675), or a frame that segmentation offload is still to cut.
        0 => rest_of_frame(walk, rest),
        length => length,
    };
    let payload = rest.get(..claimed as usize).unwrap_or(rest);
    let (src, dst) = ipv6_addresses(addresses).ok_or(DecodeError::Truncated(Layer::Ip))?;
    Ok(Next::Payload(
        Ip { src, dst, claimed },
        *next_header,
        payload,
    ))
}

#[inline]
pub(super) fn ipv6_addresses(addresses: &[u8]) -> Option<(IpAddr, IpAddr)> {
    let (src, rest) = addresses.split_first_chunk::<16>()?;
    let dst = rest.first_chunk::<16>()?;
    Some((
        IpAddr::V6(Ipv6Addr::from(*src)),
        IpAddr::V6(Ipv6Addr::from(*dst)),
    ))
}

/// Steps over an extension header that tells its length in units of eight bytes (RFC 8200 4.3),
/// or of four for AH (RFC 4302 2.2).
pub(super) fn extension<'a>(ip: Ip, protocol: u8, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let [next_header, length, ..] = *data else {
        return Err(DecodeError::Truncated(Layer::Ip).into());
    };
    let length = u32::from(length);
    let length = if protocol == AUTHENTICATION {
        length.wrapping_add(2).wrapping_mul(4)
    } else {
        length.wrapping_add(1).wrapping_mul(8)
    };
    let claimed = ip
        .claimed
        .checked_sub(length)
        .ok_or(DecodeError::BadLength(Layer::Ip))?;
    let payload = data
        .get(length as usize..)
        .ok_or(DecodeError::Truncated(Layer::Ip))?;
    Ok(Next::Payload(Ip { claimed, ..ip }, next_header, payload))
}

/// The fragment header (RFC 8200 4.5). One that is alone carries the whole (RFC 6946).
pub(super) fn fragment<'a>(ip: Ip, data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    let (header, payload) = data
        .split_first_chunk::<8>()
        .ok_or(DecodeError::Truncated(Layer::Ip))?;
    let [next_header, _, p0, p1, i0, i1, i2, i3] = *header;
    let claimed = ip
        .claimed
        .checked_sub(8)
        .ok_or(DecodeError::BadLength(Layer::Ip))?;
    let place = u16::from_be_bytes([p0, p1]);
    let (offset, more) = (u32::from(place & 0xfff8), place & 1 != 0);
    if offset == 0 && !more {
        return Ok(Next::Payload(Ip { claimed, ..ip }, next_header, payload));
    }
    Err(Stop::Fragment(Fragment {
        key: FragmentKey {
            src: ip.src,
            dst: ip.dst,
            protocol: None,
            id: u32::from_be_bytes([i0, i1, i2, i3]),
        },
        protocol: next_header,
        offset,
        length: claimed,
        more,
        bytes: payload,
    }))
}

/// Whether data looks like IP whose length is what is left, or a little less for the padding and
/// the trailers that some senders put behind it.
pub(super) fn fills(data: &[u8], left: u32) -> bool {
    const MAX_TRAILER: u32 = 64;
    let [first, _, v4_0, v4_1, v6_0, v6_1, ..] = *data else {
        return false;
    };
    let length = match first >> 4 {
        4 => u32::from(u16::from_be_bytes([v4_0, v4_1])),
        6 => u32::from(u16::from_be_bytes([v6_0, v6_1])).saturating_add(40),
        _ => return false,
    };
    left.checked_sub(length)
        .is_some_and(|rest| rest <= MAX_TRAILER)
}

/// What is left of the frame, with what the snap length cut.
pub(super) fn rest_of_frame(walk: &Walk, data: &[u8]) -> u32 {
    u32::try_from(data.len())
        .unwrap_or(u32::MAX)
        .saturating_add(walk.missing())
}
