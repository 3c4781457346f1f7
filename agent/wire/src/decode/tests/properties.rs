//! What holds for any bytes.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::samples::{Sample, encapsulations, links};
use super::{frame, summary};
use crate::decode::walk::Walk;
use crate::decode::{Decoder, Packet, Transport, fast};
use crate::frame::{Frame, LinkType, Timestamp};

fn all() -> Vec<Sample> {
    links().into_iter().chain(encapsulations()).collect()
}

fn payload<'a>(packet: &Packet<'a>) -> (&'a [u8], u32) {
    match packet.transport {
        Transport::Tcp(segment) => (segment.payload, segment.payload_len),
        Transport::Udp(datagram) => (datagram.payload, datagram.payload_len),
    }
}

/// The payload lies in the frame, and is no longer than claimed.
fn is_sound(packet: &Packet<'_>, data: &[u8]) -> bool {
    let (payload, claimed) = payload(packet);
    let (frame, payload_range) = (data.as_ptr_range(), payload.as_ptr_range());
    let inside = payload.is_empty()
        || (frame.start <= payload_range.start && payload_range.end <= frame.end);
    inside
        && payload.len() as u64 <= u64::from(claimed)
        && packet.cut == (payload.len() < claimed as usize)
}

#[test]
fn any_truncation_gives_an_error_or_a_packet_whose_bytes_are_there() {
    for sample in all() {
        let whole = frame(sample.link_type, &sample.data);
        let mut decoder = Decoder::new();
        let full = summary(&decoder.decode(&whole).unwrap());
        for end in 0..sample.data.len() {
            let cut = Frame {
                data: &sample.data[..end],
                ..whole
            };
            let mut decoder = Decoder::new();
            let Ok(packet) = decoder.decode(&cut) else {
                continue;
            };
            assert!(is_sound(&packet, cut.data), "{} at {end}", sample.name);
            let found = summary(&packet);
            // The innermost packet, or the datagram whose tunnel can no longer be seen.
            let is_inner =
                (&found.0, found.1, &found.2, found.3) == (&full.0, full.1, &full.2, full.3);
            let is_outer_datagram = found.1 == 50_000;
            assert!(
                is_inner || is_outer_datagram,
                "{} at {end}: {found:?}",
                sample.name
            );
            if is_inner {
                assert!(full.4.starts_with(&found.4), "{} at {end}", sample.name);
            }
        }
    }
}

#[test]
fn the_short_path_and_the_long_one_agree() {
    for sample in all() {
        let whole = frame(sample.link_type, &sample.data);
        let Some(short) = fast::common(&whole) else {
            continue;
        };
        let long = Walk::new(&whole).start(&whole).unwrap();
        assert_eq!(format!("{short:?}"), format!("{long:?}"), "{}", sample.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_in_any_link_type_are_survived(
        link_type in 0_u16..300,
        data in prop::collection::vec(any::<u8>(), 0..300),
        more in 0_u32..100,
        vlan: Option<u16>,
    ) {
        let orig_len = u32::try_from(data.len()).unwrap() + more;
        let any = Frame {
            ts: Timestamp::default(), number: 1, link_type: LinkType(link_type), orig_len, vlan, data: &data,
        };
        let mut decoder = Decoder::new();
        if let Ok(packet) = decoder.decode(&any) {
            prop_assert!(is_sound(&packet, &data));
        }
    }

    #[test]
    fn any_damage_to_a_frame_is_survived(
        at in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), select(vec![0, 1, 4, 6, 8, 0x45, 0x60, 0x7f, 0x80, 0xff])), 1..6),
    ) {
        let samples = all();
        let sample = &samples[at.index(samples.len())];
        let mut data = sample.data.clone();
        for (place, value) in changes {
            let place = place.index(data.len());
            data[place] = value;
        }
        let damaged = frame(sample.link_type, &data);
        let mut decoder = Decoder::new();
        // A fragment that is alone in its datagram may be put together, and lies elsewhere.
        if let Ok(packet) = decoder.decode(&damaged) {
            prop_assert!(is_sound(&packet, &data));
        }
        if let Some(short) = fast::common(&damaged) {
            let long = Walk::new(&damaged).start(&damaged);
            prop_assert!(long.is_ok(), "{:?}", long);
            prop_assert_eq!(format!("{:?}", short), format!("{:?}", long.unwrap()));
        }
    }
}
