//! A look ahead over a batch of frames: where each flow's entry will be.
//!
//! With a million flows nearly every entry is far away in memory. The look-ups of one packet after
//! the other would wait for memory twice each; done side by side for a batch, the waits overlap.
//! Only the commonest headers are read here (Ethernet, at most one tag, IPv4 without options or
//! IPv6, TCP or UDP), and what is found is a hint that is checked later.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wire::{Frame, LinkType};

use crate::key::{FlowKey, TransportProtocol};
use crate::table::{FlowTable, hash_of};

/// Frames that are looked at side by side.
pub(crate) const AHEAD: usize = 32;

/// The slot where the flow of one frame seems to be.
pub(crate) type Hint = Option<u32>;

/// Hints for as many frames as `frames` has; `None` where there is no such flow yet, or the headers are not
/// of the common kind.
pub(super) fn look_ahead(frames: &[Frame<'_>], table: &FlowTable, hints: &mut [Hint; AHEAD]) {
    // One loop after the other, each over a small array: so the loads of all frames are under way together.
    let mut hashes = [None; AHEAD];
    for (hash, frame) in hashes.iter_mut().zip(frames) {
        *hash = key_of(frame).map(|key| hash_of(&key));
    }
    for (hint, hash) in hints.iter_mut().zip(hashes).take(frames.len()) {
        *hint = hash.and_then(|hash| table.touch_index(hash));
    }
    let mut touched = 0_u32;
    for slot in hints.iter().take(frames.len()).flatten() {
        touched = touched.wrapping_add(table.touch_entry(*slot));
    }
    black_box(touched);
}

/// The flow of a frame with common headers.
fn key_of(frame: &Frame<'_>) -> Option<FlowKey> {
    if frame.link_type != LinkType::ETHERNET {
        return None;
    }
    let mut ether_type = *frame.data.get(12..)?.first_chunk::<2>()?;
    let mut packet = frame.data.get(14..)?;
    if ether_type == [0x81, 0] {
        ether_type = *packet.get(2..)?.first_chunk::<2>()?;
        packet = packet.get(4..)?;
    }
    let (src, dst, protocol, transport): (IpAddr, IpAddr, u8, &[u8]) = match ether_type {
        [0x08, 0] => {
            let (header, rest) = packet.split_first_chunk::<20>()?;
            let [
                0x45,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                _,
                protocol,
                _,
                _,
                a,
                b,
                c,
                d,
                e,
                f,
                g,
                h,
            ] = *header
            else {
                return None;
            };
            let (src, dst) = (Ipv4Addr::new(a, b, c, d), Ipv4Addr::new(e, f, g, h));
            (src.into(), dst.into(), protocol, rest)
        }
        [0x86, 0xdd] => {
            let (header, rest) = packet.split_first_chunk::<8>()?;
            let (src, rest) = rest.split_first_chunk::<16>()?;
            let (dst, rest) = rest.split_first_chunk::<16>()?;
            let [.., protocol, _] = *header;
            (
                Ipv6Addr::from(*src).into(),
                Ipv6Addr::from(*dst).into(),
                protocol,
                rest,
            )
        }
        _ => return None,
    };
    let transport_protocol = match protocol {
        6 => TransportProtocol::Tcp,
        17 => TransportProtocol::Udp,
        _ => return None,
    };
    let [a, b, c, d] = *transport.first_chunk::<4>()?;
    let (src_port, dst_port) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    let key = FlowKey::with_side(src, src_port, dst, dst_port, transport_protocol);
    Some(key.0)
}
