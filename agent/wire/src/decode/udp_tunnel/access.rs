//! Mobile, wireless and dial-up networks, and IPv6 where there is only IPv4.

use super::fills;
use crate::decode::ip;
use crate::decode::walk::{Guess, Ip};
use crate::decode::wlan::WlanHeader;
use crate::reader::Reader;

/// 3GPP TS 29.281: version 1 and flags, kind of message, length of what follows the first eight
/// bytes, tunnel; then sequence and extension headers, each as long as its first byte says in units
/// of four bytes, its last byte naming the next.
pub(super) fn gtp(data: &[u8], length: u32) -> Option<Guess<'_>> {
    const VERSION_AND_PROTOCOL: u8 = 0xf0;
    const GTP_VERSION_1: u8 = 0x30;
    const OPTIONAL_FIELDS: u8 = 0x07;
    const HAS_EXTENSION: u8 = 0x04;
    const USER_PACKET: u8 = 0xff;
    const MAX_EXTENSIONS: usize = 8;

    let mut reader = Reader::new(data);
    let [flags, kind] = reader.take_array()?;
    let claimed = u32::from(reader.u16()?);
    reader.take(4)?;
    if flags & VERSION_AND_PROTOCOL != GTP_VERSION_1
        || kind != USER_PACKET
        || claimed.checked_add(8)? != length
    {
        return None;
    }
    if flags & OPTIONAL_FIELDS == 0 {
        return Some(Guess::Ip(reader.rest()));
    }
    let [_, _, _, mut extension] = reader.take_array()?;
    if flags & HAS_EXTENSION == 0 {
        return Some(Guess::Ip(reader.rest()));
    }
    for _ in 0..MAX_EXTENSIONS {
        if extension == 0 {
            return Some(Guess::Ip(reader.rest()));
        }
        let units = usize::from(reader.u8()?);
        let body = reader.take(units.checked_mul(4)?.checked_sub(1)?)?;
        extension = *body.last()?;
    }
    None
}

/// 3GPP TS 09.60: a header of 20 bytes, otherwise as version 1.
pub(super) fn gtp_version_0(data: &[u8], length: u32) -> Option<Guess<'_>> {
    const VERSION_AND_PROTOCOL: u8 = 0xf0;
    const GTP_VERSION_0: u8 = 0x10;
    const USER_PACKET: u8 = 0xff;
    let (header, rest) = data.split_first_chunk::<20>()?;
    let [flags, kind, l0, l1, ..] = *header;
    let claimed = u32::from(u16::from_be_bytes([l0, l1]));
    let fits = claimed.checked_add(20)? == length;
    (flags & VERSION_AND_PROTOCOL == GTP_VERSION_0 && kind == USER_PACKET && fits)
        .then_some(Guess::Ip(rest))
}

/// RFC 5415 section 4.1: preamble, header length in units of four bytes, flags. Fragments and
/// what is encrypted are left alone.
pub(super) fn capwap(data: &[u8]) -> Option<Guess<'_>> {
    const NATIVE_FRAME: u16 = 0x0100;
    const FRAGMENT: u16 = 0x0080;
    const KEEP_ALIVE: u16 = 0x0008;
    const WLAN_BINDING: u16 = 1;
    let (header, _) = data.split_first_chunk::<8>()?;
    let [preamble, second, third, fourth, ..] = *header;
    if preamble != 0 {
        return None;
    }
    // Header length (5 bits), radio (5), binding (5), then nine flags.
    let fields = u16::from_be_bytes([second, third]);
    let flags = u16::from_be_bytes([third & 1, fourth]);
    let length = usize::from(second >> 3).saturating_mul(4);
    if length < 8 || flags & (FRAGMENT | KEEP_ALIVE) != 0 {
        return None;
    }
    let frame = data.get(length..)?;
    match (flags & NATIVE_FRAME != 0, fields >> 1 & 0x1f) {
        (true, WLAN_BINDING) => Some(Guess::Wlan(frame, WlanHeader::MaybeSwapped)),
        (true, _) => None,
        (false, _) => Some(Guess::Ethernet(frame)),
    }
}

/// RFC 2661 section 3.1: data messages of version 2, then PPP.
pub(super) fn l2tp(data: &[u8]) -> Option<Guess<'_>> {
    const CONTROL: u16 = 0x8000;
    const LENGTH: u16 = 0x4000;
    const SEQUENCE: u16 = 0x0800;
    const OFFSET: u16 = 0x0200;
    /// Reserved bits and version.
    const FIXED: u16 = 0x34ff;
    const VERSION_2: u16 = 2;
    let mut reader = Reader::new(data);
    let flags = reader.u16()?;
    if flags & CONTROL != 0 || flags & FIXED != VERSION_2 {
        return None;
    }
    if flags & LENGTH != 0 {
        reader.take(2)?;
    }
    reader.take(4)?;
    if flags & SEQUENCE != 0 {
        reader.take(4)?;
    }
    if flags & OFFSET != 0 {
        let offset = reader.u16()?;
        reader.take(usize::from(offset))?;
    }
    Some(Guess::Ppp(reader.rest()))
}

/// RFC 4380 section 5.1.1: authentication and origin indication, then IPv6 that fills the datagram.
pub(super) fn teredo(data: &[u8], length: u32) -> Option<Guess<'_>> {
    const AUTHENTICATION: [u8; 2] = [0, 1];
    const ORIGIN: [u8; 2] = [0, 0];
    let mut reader = Reader::new(data);
    if reader.rest().starts_with(&AUTHENTICATION) {
        let [_, _, identifier, value] = reader.take_array()?;
        // Then a nonce and a confirmation byte.
        reader.take(usize::from(identifier).saturating_add(usize::from(value)))?;
        reader.take(9)?;
    }
    if reader.rest().starts_with(&ORIGIN) {
        reader.take(8)?;
    }
    let left = length.checked_sub(u32::try_from(reader.position()).ok()?)?;
    fills(reader.rest(), left)
}

/// draft-massar-v6ops-ayiya: lengths of identity (power of two) and signature (units of four
/// bytes), methods, next header, epoch.
pub(super) fn ayiya<'a>(ip: Ip, data: &'a [u8], length: u32) -> Option<Guess<'a>> {
    const FORWARD: u8 = 1;
    let mut reader = Reader::new(data);
    let [identity, signature, methods, next_header] = reader.take_array()?;
    reader.take(4)?;
    reader.take(1_usize.checked_shl(u32::from(identity >> 4))?)?;
    reader.take(usize::from(signature >> 4).saturating_mul(4))?;
    let left = length.checked_sub(u32::try_from(reader.position()).ok()?)?;
    match (methods & 0x0f, next_header) {
        (FORWARD, ip::IPV4 | ip::IPV6) => fills(reader.rest(), left),
        (FORWARD, ip::TCP | ip::UDP) => Some(Guess::Payload(
            Ip {
                claimed: left,
                ..ip
            },
            next_header,
            reader.rest(),
        )),
        _ => None,
    }
}
