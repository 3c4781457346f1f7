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

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER_BYTES: usize = 80;

    /// A block with one frame of this hardware type, whose link header is `link` bytes long.
    fn block(hardware: u16, link: u16, data: &[u8]) -> Vec<u8> {
        let mut block = vec![0; 48 + HEADER_BYTES];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(FRAME_COUNT_AT, &1_u32.to_ne_bytes());
        put(FIRST_FRAME_AT, &48_u32.to_ne_bytes());
        let length = u32::try_from(data.len()).unwrap();
        put(48 + SECONDS_AT, &3_u32.to_ne_bytes());
        put(48 + NANOS_AT, &5_u32.to_ne_bytes());
        put(48 + CAPTURED_AT, &length.to_ne_bytes());
        put(48 + ORIGINAL_AT, &(length + 9).to_ne_bytes());
        put(48 + STATUS_AT, &libc::TP_STATUS_VLAN_VALID.to_ne_bytes());
        put(48 + LINK_HEADER_AT, &80_u16.to_ne_bytes());
        put(48 + NETWORK_HEADER_AT, &(80 + link).to_ne_bytes());
        put(48 + VLAN_TAG_AT, &0x2007_u32.to_ne_bytes());
        put(48 + HARDWARE_AT, &hardware.to_ne_bytes());
        block.extend(data);
        block
    }

    #[test]
    fn reads_an_ethernet_frame_from_its_link_header() {
        let block = block(libc::ARPHRD_ETHER, 14, &[7; 60]);
        let found: Vec<_> = frames(&block).collect();
        let [frame] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(frame.link_type, LinkType::ETHERNET);
        assert_eq!((frame.data.len(), frame.orig_len), (60, 69));
        assert_eq!(frame.vlan, Some(0x2007));
        assert_eq!(frame.ts, Timestamp::from_nanos(3_000_000_005));
    }

    #[test]
    fn reads_what_has_an_unknown_link_header_from_its_ip_header() {
        const NONE_AS_TUN_HAS: u16 = 65534;
        const GRE: u16 = 778;
        for (hardware, link) in [(NONE_AS_TUN_HAS, 0), (GRE, 24)] {
            let block = block(hardware, link, &[7; 60]);
            let frame = frames(&block).next().unwrap();
            assert_eq!(frame.link_type, LinkType::RAW);
            assert_eq!(frame.data.len(), 60 - usize::from(link));
            assert_eq!(frame.orig_len, 69 - u32::from(link));
        }
    }

    #[test]
    fn a_block_that_lies_gives_fewer_frames_and_no_panic() {
        let whole = block(libc::ARPHRD_ETHER, 14, &[7; 60]);
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = whole.clone();
                broken[at] = value;
                assert!(frames(&broken).take(1_000).count() <= 1_000);
                assert!(frames(&broken[..at]).count() <= 1);
            }
        }
    }
}
