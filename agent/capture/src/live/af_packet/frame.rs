//! The frames of one block, as the kernel lays them out (`linux/if_packet.h`, native byte order).
//!
//! ```text
//! block   version, private offset, status, frames, offset of the first, ...        u32 each
//! frame   next offset, seconds, nanoseconds, captured, original, status            u32 each
//!         offset of the link header, offset of the network header                  u16 each
//!         hash u32, VLAN tag u32, VLAN type u16, ...; at 48 the link address:
//!         family u16, protocol u16 (network order), interface i32, hardware u16, kind u8, ...
//! ```

use wire::{Frame, LinkType, Timestamp};

const FRAME_COUNT_AT: usize = 12;
const FIRST_FRAME_AT: usize = 16;

const NEXT_AT: usize = 0;
const SECONDS_AT: usize = 4;
const NANOS_AT: usize = 8;
const CAPTURED_AT: usize = 12;
const ORIGINAL_AT: usize = 16;
const STATUS_AT: usize = 20;
const LINK_HEADER_AT: usize = 24;
const NETWORK_HEADER_AT: usize = 26;
const VLAN_TAG_AT: usize = 32;
const HARDWARE_AT: usize = 56;

/// The frames of a block that the kernel has handed over, without numbers.
pub(super) fn frames(block: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let count = u32_at(block, FRAME_COUNT_AT).unwrap_or_default();
    let mut at = u32_at(block, FIRST_FRAME_AT).unwrap_or_default() as usize;
    (0..count).map_while(move |_| {
        let bytes = block.get(at..)?;
        let step = u32_at(bytes, NEXT_AT)? as usize;
        at = at.saturating_add(step);
        frame(bytes)
    })
}

fn frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let captured = u32_at(bytes, CAPTURED_AT)? as usize;
    let original = u32_at(bytes, ORIGINAL_AT)?;
    let link_header = usize::from(u16_at(bytes, LINK_HEADER_AT)?);
    let network_header = usize::from(u16_at(bytes, NETWORK_HEADER_AT)?);
    let link_type = link_type(u16_at(bytes, HARDWARE_AT)?);
    // What has no link header that we read is read from its network header.
    let skipped = match link_type {
        LinkType::RAW => network_header.saturating_sub(link_header).min(captured),
        _ => 0,
    };
    let data = bytes.get(link_header + skipped..link_header.checked_add(captured)?)?;
    let has_vlan = u32_at(bytes, STATUS_AT)? & libc::TP_STATUS_VLAN_VALID != 0;
    let [vlan_low, vlan_high, ..] = u32_at(bytes, VLAN_TAG_AT)?.to_le_bytes();
    let nanos = i64::from(u32_at(bytes, SECONDS_AT)?)
        .saturating_mul(1_000_000_000)
        .saturating_add(i64::from(u32_at(bytes, NANOS_AT)?));
    Some(Frame {
        ts: Timestamp::from_nanos(nanos),
        number: 0,
        link_type,
        orig_len: original.saturating_sub(u32::try_from(skipped).unwrap_or_default()),
        vlan: has_vlan.then_some(u16::from_le_bytes([vlan_low, vlan_high])),
        data,
    })
}

/// What the first byte is. The kernel's filter lets pass only what may carry IP.
fn link_type(hardware: u16) -> LinkType {
    match hardware {
        libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => LinkType::ETHERNET,
        libc::ARPHRD_IEEE80211 => LinkType::IEEE802_11,
        libc::ARPHRD_IEEE80211_PRISM => LinkType::IEEE802_11_PRISM,
        libc::ARPHRD_IEEE80211_RADIOTAP => LinkType::IEEE802_11_RADIOTAP,
        _ => LinkType::RAW,
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u16::from_ne_bytes)
}
