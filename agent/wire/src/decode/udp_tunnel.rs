//! Tunnels inside UDP, by their well-known ports.
//!
//! A port proves nothing, so each header is checked as far as it can be, and the walk goes back to
//! the UDP datagram itself when no packet is found inside.

use super::ether;
use super::ip;
use super::packet::Datagram;
use super::tunnel;
use super::walk::{Guess, Ip};
use super::wlan::WlanHeader;
use crate::reader::Reader;

const L2TP: u16 = 1701;
const GTP_USER: u16 = 2152;
const GTP_USER_VERSION_0: u16 = 3386;
const TEREDO: u16 = 3544;
const LISP_DATA: u16 = 4341;
/// RFC 8086.
const GRE_IN_UDP: u16 = 4754;
const VXLAN: u16 = 4789;
const VXLAN_GPE: u16 = 4790;
/// Before the number was assigned, and still the default of the Linux kernel.
const VXLAN_LINUX: u16 = 8472;
const AYIYA: u16 = 5072;
const CAPWAP_DATA: u16 = 5247;
const GENEVE: u16 = 6081;
/// RFC 7510.
const MPLS_IN_UDP: u16 = 6635;
const TZSP: u16 = 37008;

/// Whether a port is that of a tunnel, so that the long path must look.
#[inline]
pub(super) fn may_be_tunnel(datagram: &Datagram<'_>) -> bool {
    is_tunnel_port(datagram.dst_port) || is_tunnel_port(datagram.src_port)
}

#[inline]
fn is_tunnel_port(port: u16) -> bool {
    port >= L2TP
        && matches!(
            port,
            L2TP | GTP_USER
                | GTP_USER_VERSION_0
                | TEREDO
                | LISP_DATA
                | GRE_IN_UDP
                | VXLAN
                | VXLAN_GPE
                | VXLAN_LINUX
                | AYIYA
                | CAPWAP_DATA
                | GENEVE
                | MPLS_IN_UDP
                | TZSP
        )
}

/// The tunnel that a datagram may carry: that of its destination port, else of its source port for
/// those whose answers come from it.
pub(super) fn guess<'a>(ip: Ip, datagram: &Datagram<'a>) -> Option<Guess<'a>> {
    let data = datagram.payload;
    let by_destination = match datagram.dst_port {
        VXLAN | VXLAN_LINUX => vxlan(data),
        VXLAN_GPE => vxlan_gpe(data),
        GENEVE => geneve(data),
        MPLS_IN_UDP => Some(Guess::EtherType(ether::MPLS, data)),
        GRE_IN_UDP => Some(Guess::Payload(
            Ip {
                claimed: datagram.payload_len,
                ..ip
            },
            tunnel::GRE,
            data,
        )),
        TZSP => tzsp(data),
        _ => None,
    };
    let either = |port| datagram.dst_port == port || datagram.src_port == port;
    by_destination.or_else(|| match () {
        () if either(GTP_USER) => gtp(data, datagram.payload_len),
        () if either(GTP_USER_VERSION_0) => gtp_version_0(data, datagram.payload_len),
        () if either(TEREDO) => teredo(data, datagram.payload_len),
        () if either(CAPWAP_DATA) => capwap(data),
        () if either(LISP_DATA) => lisp(data, datagram.payload_len),
        () if either(AYIYA) => ayiya(ip, data, datagram.payload_len),
        () if either(L2TP) => l2tp(data),
        () => None,
    })
}

/// RFC 7348: flags, of which one must be set, reserved and identifier, then Ethernet. Senders use
/// the reserved bits (group policy), so they are not looked at.
fn vxlan(data: &[u8]) -> Option<Guess<'_>> {
    const IDENTIFIER_VALID: u8 = 0x08;
    let (header, frame) = data.split_first_chunk::<8>()?;
    let [flags, ..] = *header;
    (flags & IDENTIFIER_VALID != 0).then_some(Guess::Ethernet(frame))
}

/// draft-ietf-nvo3-vxlan-gpe: as VXLAN, with the next protocol in the fourth byte.
fn vxlan_gpe(data: &[u8]) -> Option<Guess<'_>> {
    const NEXT_PROTOCOL_VALID: u8 = 0x04;
    const VERSION: u8 = 0x30;
    let (header, rest) = data.split_first_chunk::<8>()?;
    let [flags, _, _, next_protocol, ..] = *header;
    if flags & VERSION != 0 {
        return None;
    }
    if flags & NEXT_PROTOCOL_VALID == 0 {
        return vxlan(data);
    }
    Some(Guess::EtherType(
        ether::ether_type_of_nsh(next_protocol)?,
        rest,
    ))
}

/// RFC 8926: version and length of the options in units of four bytes, flags, EtherType,
/// identifier.
fn geneve(data: &[u8]) -> Option<Guess<'_>> {
    const VERSION: u8 = 0xc0;
    const OPTIONS: u8 = 0x3f;
    let (header, rest) = data.split_first_chunk::<8>()?;
    let [first, _, t0, t1, ..] = *header;
    if first & VERSION != 0 {
        return None;
    }
    let options = usize::from(first & OPTIONS).saturating_mul(4);
    Some(Guess::EtherType(
        u16::from_be_bytes([t0, t1]),
        rest.get(options..)?,
    ))
}

/// 3GPP TS 29.281: version 1 and flags, kind of message, length of what follows the first eight
/// bytes, tunnel; then sequence and extension headers, each as long as its first byte says in units
/// of four bytes, its last byte naming the next.
fn gtp(data: &[u8], length: u32) -> Option<Guess<'_>> {
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
fn gtp_version_0(data: &[u8], length: u32) -> Option<Guess<'_>> {
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

/// RFC 4380 section 5.1.1: authentication and origin indication, then IPv6 that fills the datagram.
fn teredo(data: &[u8], length: u32) -> Option<Guess<'_>> {
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

fn fills(data: &[u8], left: u32) -> Option<Guess<'_>> {
    ip::fills(data, left).then_some(Guess::Ip(data))
}

/// RFC 5415 section 4.1: preamble, header length in units of four bytes, flags. Fragments and
/// what is encrypted are left alone.
fn capwap(data: &[u8]) -> Option<Guess<'_>> {
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

/// RFC 9300 section 5.3: eight bytes, then IP that fills the datagram.
fn lisp(data: &[u8], length: u32) -> Option<Guess<'_>> {
    fills(data.get(8..)?, length.checked_sub(8)?)
}

/// draft-massar-v6ops-ayiya: lengths of identity (power of two) and signature (units of four
/// bytes), methods, next header, epoch.
fn ayiya<'a>(ip: Ip, data: &'a [u8], length: u32) -> Option<Guess<'a>> {
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

/// RFC 2661 section 3.1: data messages of version 2, then PPP.
fn l2tp(data: &[u8]) -> Option<Guess<'_>> {
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

/// TaZmen Sniffer Protocol: version 1, kind, protocol, then tags until the one that ends them.
fn tzsp(data: &[u8]) -> Option<Guess<'_>> {
    const MAX_TAGS: usize = 32;
    const PADDING: u8 = 0;
    const END: u8 = 1;
    const ETHERNET: u16 = 1;
    const WLAN: u16 = 18;
    const RECEIVED_OR_SENT: [u8; 2] = [0, 1];
    let mut reader = Reader::new(data);
    let [version, kind] = reader.take_array()?;
    let protocol = reader.u16()?;
    if version != 1 || !RECEIVED_OR_SENT.contains(&kind) {
        return None;
    }
    for _ in 0..MAX_TAGS {
        match reader.u8()? {
            END => {
                return match protocol {
                    ETHERNET => Some(Guess::Ethernet(reader.rest())),
                    WLAN => Some(Guess::Wlan(reader.rest(), WlanHeader::Plain)),
                    _ => None,
                };
            }
            PADDING => {}
            _ => {
                let length = usize::from(reader.u8()?);
                reader.take(length)?;
            }
        }
    }
    None
}
