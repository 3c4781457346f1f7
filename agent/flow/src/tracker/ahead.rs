//! A look ahead over a batch of frames: where each flow's entry will be.
//!
//! With a million flows nearly every entry is far away in memory. The look-ups of one packet after
//! the other would wait for memory twice each; done side by side for a batch, the waits overlap.
//! Only the commonest headers are read here (Ethernet, at most one tag, IPv4 without options or
//! IPv6, TCP or UDP), and what is found is a hint that is checked later.

use std::hint::black_box;

use wire::{Frame, LinkType};

use crate::key::{FlowKey, Side, TransportProtocol};
use crate::table::{FlowTable, hash_of};

/// Frames that are looked at side by side.
pub(crate) const AHEAD: usize = 32;

/// What the common headers of a frame say about its flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ahead {
    pub(super) key: FlowKey,
    pub(super) hash: u32,
    /// Which end sent the frame.
    pub(super) side: Side,
    /// The slot where the flow seems to be.
    pub(super) slot: Option<u32>,
}

/// `None` where the headers are not of the common kind.
pub(crate) type Hint = Option<Ahead>;

/// Hints for as many frames as `frames` has.
#[inline(always)]
pub(super) fn look_ahead(frames: &[Frame<'_>], table: &FlowTable, hints: &mut [Hint; AHEAD]) {
    // One loop after the other, each over a small array: so the loads of all frames are under way together.
    for (hint, frame) in hints.iter_mut().zip(frames) {
        *hint = hint_of(frame);
    }
    let hints = hints.get_mut(..frames.len()).unwrap_or_default();
    for hint in hints.iter_mut().flatten() {
        hint.slot = table.touch_index(hint.hash);
    }
    let mut touched = 0_u32;
    for slot in hints.iter().flatten().filter_map(|hint| hint.slot) {
        touched ^= table.touch_entry(slot);
    }
    black_box(touched);
}

/// The flow of a frame with common headers: what [`wire::decode::common`] accepts has one.
#[inline(always)]
fn hint_of(frame: &Frame<'_>) -> Hint {
    if frame.link_type != LinkType::ETHERNET {
        return None;
    }
    let mut ether_type = *frame.data.get(12..)?.first_chunk::<2>()?;
    let mut packet = frame.data.get(14..)?;
    if ether_type == [0x81, 0] {
        ether_type = *packet.get(2..)?.first_chunk::<2>()?;
        packet = packet.get(4..)?;
    }
    // Each kind to its end, so that addresses stay numbers.
    match ether_type {
        [0x08, 0] => {
            let header = packet.first_chunk::<24>()?;
            let [0x45, _, _, _, _, _, _, _, _, protocol, _, _, rest @ ..] = header else {
                return None;
            };
            let [a, b, c, d, e, f, g, h, ports @ ..] = *rest;
            let (src, dst) = (
                u32::from_be_bytes([a, b, c, d]),
                u32::from_be_bytes([e, f, g, h]),
            );
            let (src_port, dst_port) = ports_of(ports);
            let transport = transport_of(*protocol)?;
            Some(hint(FlowKey::of_ipv4(
                (src, src_port),
                (dst, dst_port),
                transport,
            )))
        }
        [0x86, 0xdd] => {
            let (header, rest) = packet.split_first_chunk::<8>()?;
            let (src, rest) = rest.split_first_chunk::<16>()?;
            let (dst, rest) = rest.split_first_chunk::<16>()?;
            let [.., protocol, _] = *header;
            let (src, dst) = (u128::from_be_bytes(*src), u128::from_be_bytes(*dst));
            let (src_port, dst_port) = ports_of(*rest.first_chunk::<4>()?);
            let transport = transport_of(protocol)?;
            Some(hint(FlowKey::of_ends(
                (src, src_port),
                (dst, dst_port),
                transport,
            )))
        }
        _ => None,
    }
}

fn hint((key, side): (FlowKey, Side)) -> Ahead {
    Ahead {
        hash: hash_of(&key),
        key,
        side,
        slot: None,
    }
}

const fn ports_of([a, b, c, d]: [u8; 4]) -> (u16, u16) {
    (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

const fn transport_of(protocol: u8) -> Option<TransportProtocol> {
    match protocol {
        6 => Some(TransportProtocol::Tcp),
        17 => Some(TransportProtocol::Udp),
        _ => None,
    }
}
