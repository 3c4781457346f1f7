//! What any link type carries: several frames through one decoder, so that fragments meet.

use std::time::Duration;

use crate::decode::{Decoder, MAX_FRAGMENT_BYTES, Packet, Transport};
use crate::frame::{Frame, LinkType, Timestamp};
use crate::reader::Reader;

/// Two datagrams that were put together stay in buffers of their own, rounded up as vectors grow.
const MAX_MEMORY: usize = MAX_FRAGMENT_BYTES + 4 * 65_536;

/// Frames, each behind its link type (2 bytes), its VLAN tag (2), what the snap length cut (1), the
/// seconds since the one before (1) and its length (2).
///
/// # Panics
/// When a packet claims less than it holds, does not say that it is cut, a frame that is cut gives another
/// packet than the whole one, or memory is not bounded.
pub fn decode(data: &[u8]) {
    let mut decoder = Decoder::new();
    let mut reader = Reader::new(data);
    let mut ts = Timestamp::default();
    let mut number = 0_u64;
    while let Some(header) = reader.take_array::<8>() {
        let [t0, t1, v0, v1, missing, seconds, l0, l1] = header;
        let length = usize::from(u16::from_be_bytes([l0, l1])).min(reader.left());
        let Some(data) = reader.take(length) else {
            return;
        };
        ts = ts.saturating_add(Duration::from_secs(seconds.into()));
        number = number.saturating_add(1);
        let tag = u16::from_be_bytes([v0, v1]);
        let captured = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let frame = Frame {
            ts,
            number,
            link_type: LinkType(u16::from_be_bytes([t0, t1])),
            orig_len: captured.saturating_add(missing.into()),
            vlan: (tag != 0).then_some(tag),
            data,
        };
        if let Ok(packet) = decoder.decode(&frame) {
            check(&packet, number);
        }
        check_cuts(&frame);
        assert!(
            decoder.memory() <= MAX_MEMORY,
            "fragments stay within their caps"
        );
    }
}

fn check(packet: &Packet<'_>, number: u64) {
    let (payload, claimed) = match &packet.transport {
        Transport::Tcp(segment) => (segment.payload, segment.payload_len),
        Transport::Udp(datagram) => (datagram.payload, datagram.payload_len),
    };
    assert!(
        payload.len() <= claimed as usize,
        "no payload is longer than claimed"
    );
    assert_eq!(
        packet.cut,
        payload.len() < claimed as usize,
        "what is cut says so"
    );
    assert_eq!(
        packet.frame_number, number,
        "a packet is of the frame that completed it"
    );
    assert!(
        packet.vlan.is_none_or(|id| (1..4096).contains(&id)),
        "an id has twelve bits"
    );
    assert_eq!(
        packet.src.is_ipv4(),
        packet.dst.is_ipv4(),
        "both ends are of one family"
    );
}

/// Cuts a frame by itself at some places. What came in a tunnel is left alone: the outer packet stands for a
/// tunnel whose inside was cut, and what shows that there is no tunnel may be cut off, too.
fn check_cuts(frame: &Frame<'_>) {
    let mut decoder = Decoder::new();
    let Ok(whole) = decoder.decode(frame) else {
        return;
    };
    let step = (frame.data.len() / 8).max(1);
    for length in (0..frame.data.len()).step_by(step) {
        let cut = Frame {
            data: frame.data.get(..length).unwrap_or_default(),
            ..*frame
        };
        let mut decoder = Decoder::new();
        match decoder.decode(&cut) {
            Ok(cut) if !whole.in_tunnel && !cut.in_tunnel => check_same(&whole, &cut),
            Ok(_) | Err(_) => {}
        }
    }
}

fn check_same(whole: &Packet<'_>, cut: &Packet<'_>) {
    assert_eq!(
        (whole.src, whole.dst, whole.vlan, whole.src_mac),
        (cut.src, cut.dst, cut.vlan, cut.src_mac),
        "the same ends"
    );
    let (ports, length, payload) = parts(whole);
    let (cut_ports, cut_length, cut_payload) = parts(cut);
    assert_eq!(ports, cut_ports, "the same header");
    // Where offload left no length, what is padding cannot be told in a cut frame.
    assert!(length <= cut_length, "no less is claimed");
    assert!(
        payload.starts_with(cut_payload),
        "the same payload, as far as it goes"
    );
}

/// Ports, claimed length and payload.
fn parts<'a>(packet: &Packet<'a>) -> ((u16, u16), u32, &'a [u8]) {
    match packet.transport {
        Transport::Tcp(segment) => (
            (segment.src_port, segment.dst_port),
            segment.payload_len,
            segment.payload,
        ),
        Transport::Udp(datagram) => (
            (datagram.src_port, datagram.dst_port),
            datagram.payload_len,
            datagram.payload,
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_survived(data in prop::collection::vec(any::<u8>(), 0..400)) {
            super::decode(&data);
        }
    }
}
