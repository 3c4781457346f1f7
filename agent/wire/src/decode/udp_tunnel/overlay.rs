//! Virtual networks over IP, and mirrored traffic.

use super::fills;
use crate::decode::ether;
use crate::decode::walk::Guess;
use crate::decode::wlan::WlanHeader;
use crate::reader::Reader;

/// RFC 7348: flags, of which one must be set, reserved and identifier, then Ethernet. Senders use
/// the reserved bits (group policy), so they are not looked at.
pub(super) fn vxlan(data: &[u8]) -> Option<Guess<'_>> {
    const IDENTIFIER_VALID: u8 = 0x08;
    let (header, frame) = data.split_first_chunk::<8>()?;
    let [flags, ..] = *header;
    (flags & IDENTIFIER_VALID != 0).then_some(Guess::Ethernet(frame))
}

/// draft-ietf-nvo3-vxlan-gpe: as VXLAN, with the next protocol in the fourth byte.
pub(super) fn vxlan_gpe(data: &[u8]) -> Option<Guess<'_>> {
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
pub(super) fn geneve(data: &[u8]) -> Option<Guess<'_>> {
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

/// RFC 9300 section 5.3: eight bytes, then IP that fills the datagram.
pub(super) fn lisp(data: &[u8], length: u32) -> Option<Guess<'_>> {
    fills(data.get(8..)?, length.checked_sub(8)?)
}

/// TaZmen Sniffer Protocol: version 1, kind, protocol, then tags until the one that ends them.
pub(super) fn tzsp(data: &[u8]) -> Option<Guess<'_>> {
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
