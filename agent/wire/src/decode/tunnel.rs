//! What IP carries besides TCP and UDP: extension headers and tunnels.

use super::error::{DecodeError, Layer};
use super::ether;
use super::ip::{self, extension, fragment};
use super::walk::{Ip, Next, Stop, Walk};
use crate::reader::Reader;

/// RFC 2784.
pub(super) const GRE: u8 = 47;
/// RFC 3378.
const ETHER_IP: u8 = 97;
/// RFC 8986, the last segment of an SRv6 pseudowire.
const ETHERNET: u8 = 143;
/// RFC 4023.
const MPLS: u8 = 137;

const TUNNEL_CUT: DecodeError = DecodeError::Truncated(Layer::Tunnel);

/// What an IP protocol number says.
pub(super) fn payload<'a>(
    walk: &mut Walk,
    ip: Ip,
    protocol: u8,
    data: &'a [u8],
) -> Result<Next<'a>, Stop<'a>> {
    match protocol {
        ip::HOP_BY_HOP
        | ip::ROUTING
        | ip::AUTHENTICATION
        | ip::DESTINATION_OPTIONS
        | ip::MOBILITY
        | ip::HIP
        | ip::SHIM6 => return extension(ip, protocol, data),
        // In IPv4 this number is not used.
        ip::FRAGMENT if ip.src.is_ipv6() => return fragment(ip, data),
        ip::IPV4 | ip::IPV6 | GRE | ETHER_IP | ETHERNET | MPLS => {}
        _ => return Err(DecodeError::UnsupportedTransport.into()),
    }
    walk.enter_tunnel();
    Ok(match protocol {
        ip::IPV4 => Next::Ipv4(data),
        ip::IPV6 => Next::Ipv6(data),
        GRE => gre(data)?,
        ETHER_IP => Next::Ethernet(data.get(2..).ok_or(TUNNEL_CUT)?),
        ETHERNET => Next::Ethernet(data),
        _ => ether::mpls(walk, data)?,
    })
}

/// RFC 2784 and RFC 2890 (version 0), RFC 2637 (version 1, PPTP).
fn gre<'a>(data: &'a [u8]) -> Result<Next<'a>, DecodeError> {
    const CHECKSUM: u16 = 0x8000;
    const ROUTING: u16 = 0x4000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    const ACKNOWLEDGEMENT: u16 = 0x0080;
    const VERSION: u16 = 0x0007;

    let mut reader = Reader::new(data);
    let flags = reader.u16().ok_or(TUNNEL_CUT)?;
    let protocol = reader.u16().ok_or(TUNNEL_CUT)?;
    let version = flags & VERSION;
    if version > 1 {
        return Err(DecodeError::UnsupportedTransport);
    }
    let fields = [
        flags & (CHECKSUM | ROUTING) != 0 && version == 0,
        flags & KEY != 0 || version == 1,
        flags & SEQUENCE != 0,
        flags & ACKNOWLEDGEMENT != 0 && version == 1,
    ];
    let length = fields
        .iter()
        .filter(|there| **there)
        .count()
        .saturating_mul(4);
    reader.take(length).ok_or(TUNNEL_CUT)?;
    if flags & ROUTING != 0 && version == 0 {
        routes(&mut reader)?;
    }
    match protocol {
        ERSPAN_I_OR_II if flags & SEQUENCE == 0 => Ok(Next::Ethernet(reader.rest())),
        ERSPAN_I_OR_II => reader
            .take(8)
            .map(|_| Next::Ethernet(reader.rest()))
            .ok_or(TUNNEL_CUT),
        ERSPAN_III => erspan_iii(reader),
        WCCP => Ok(wccp(reader.rest())),
        _ => Ok(Next::EtherType(protocol, reader.rest())),
    }
}

/// draft-foschiano-erspan: type I has no header of its own and no sequence number, type II eight
/// bytes, type III twelve.
const ERSPAN_I_OR_II: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
/// Cisco's cache redirection: in its second version four bytes stand before the packet.
const WCCP: u16 = 0x883e;

/// RFC 1701: entries of family, offset, length, ended by one without length.
fn routes(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    const MAX_ROUTES: usize = 16;
    for _ in 0..MAX_ROUTES {
        let [f0, f1, _, length] = reader.take_array().ok_or(TUNNEL_CUT)?;
        if [f0, f1, length] == [0, 0, 0] {
            return Ok(());
        }
        reader.take(usize::from(length)).ok_or(TUNNEL_CUT)?;
    }
    Err(DecodeError::BadLength(Layer::Tunnel))
}

/// The last bit of the header says that eight more bytes follow, the kind of frame stands in the
/// five bits from the second of the last two bytes.
fn erspan_iii<'a>(mut reader: Reader<'a>) -> Result<Next<'a>, DecodeError> {
    const SUBHEADER: u16 = 1;
    const IP: u16 = 2;
    let [.., l0, l1] = reader.take_array::<12>().ok_or(TUNNEL_CUT)?;
    let last = u16::from_be_bytes([l0, l1]);
    if last & SUBHEADER != 0 {
        reader.take(8).ok_or(TUNNEL_CUT)?;
    }
    let rest = reader.rest();
    Ok(if last >> 10 & 0x1f == IP {
        Next::Ip(rest)
    } else {
        Next::Ethernet(rest)
    })
}

fn wccp<'a>(data: &'a [u8]) -> Next<'a> {
    match data.first().map(|byte| byte >> 4) {
        Some(4) => Next::Ipv4(data),
        _ => Next::Ip(data.get(4..).unwrap_or_default()),
    }
}
