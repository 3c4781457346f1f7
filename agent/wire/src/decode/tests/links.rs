//! Link types and what they tell of the frame's outside.

use super::build::*;
use super::samples::links;
use super::{decode, frame, inner_summary};
use crate::decode::{DecodeError, Decoder, Layer};
use crate::frame::{Frame, LinkType};

#[test]
fn every_link_type_leads_to_its_packet() {
    for sample in links() {
        let found = decode(sample.link_type, &sample.data);
        assert_eq!(found, Ok(inner_summary(sample.is_ipv6)), "{}", sample.name);
    }
}

#[test]
fn link_addresses_and_vlan_are_those_of_the_outermost_frame() {
    let data = ethernet(
        0x88a8,
        &vlan(0x2007, 0x8100, &vlan(0xf005, 0x0800, &inner_ipv4())),
    );
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&frame(LinkType::ETHERNET, &data)).unwrap();
    assert_eq!(
        (packet.src_mac, packet.dst_mac),
        (Some(SRC_MAC), Some(DST_MAC))
    );
    assert_eq!(packet.vlan, Some(5));
    assert_eq!((packet.ts.as_nanos(), packet.frame_number), (1_000, 3));
    assert_eq!(packet.wire_len as usize, data.len());
}

#[test]
fn a_tag_in_the_metadata_counts_and_one_in_the_frame_is_further_in() {
    let cases = [
        (ethernet(0x0800, &inner_ipv4()), Some(9)),
        (ethernet(0x8100, &vlan(5, 0x0800, &inner_ipv4())), Some(5)),
        // A tag with a priority and no id is no VLAN.
        (
            ethernet(0x8100, &vlan(0xe000, 0x0800, &inner_ipv4())),
            Some(9),
        ),
        (
            ethernet(0x8847, &join(&[&[0, 1, 0x21, 64], &inner_ipv4()])),
            Some(9),
        ),
    ];
    for (data, expected) in cases {
        let mut decoder = Decoder::new();
        let tagged = Frame {
            vlan: Some(0x6009),
            ..frame(LinkType::ETHERNET, &data)
        };
        assert_eq!(decoder.decode(&tagged).unwrap().vlan, expected);
    }
}

#[test]
fn cooked_and_wireless_frames_tell_their_sender() {
    for sample in links() {
        let has_sender = ["sll", "sll2", "802.11", "radiotap", "ppi", "pktap"];
        if has_sender.contains(&sample.name) {
            let mut decoder = Decoder::new();
            let packet = decoder
                .decode(&frame(sample.link_type, &sample.data))
                .unwrap();
            assert_eq!(packet.src_mac, Some(SRC_MAC), "{}", sample.name);
        }
    }
}

#[test]
fn what_carries_no_ip_is_told_apart() {
    let wlan = |kind: u8, flags: u8| join(&[&[kind, flags], &[0; 40]]);
    let cases = [
        (
            LinkType::ETHERNET,
            ethernet(0x0806, &[0; 28]),
            DecodeError::NotIp,
        ),
        (
            LinkType::ETHERNET,
            ethernet(38, &[0x42; 38]),
            DecodeError::NotIp,
        ),
        (
            LinkType::ETHERNET,
            ethernet(0x8863, &[0x11, 9, 0, 0, 0, 0]),
            DecodeError::NotIp,
        ),
        (LinkType::IEEE802_11, wlan(0x80, 0), DecodeError::NotIp),
        (LinkType::IEEE802_11, wlan(0x48, 0), DecodeError::NotIp),
        (
            LinkType::IEEE802_11,
            wlan(0x08, 0x40),
            DecodeError::Encrypted,
        ),
        (
            LinkType::NULL,
            join(&[&[7, 0, 0, 0], &inner_ipv4()]),
            DecodeError::NotIp,
        ),
        (LinkType::RAW, vec![0x20; 40], DecodeError::NotIp),
        (
            LinkType::ETHERNET,
            ethernet(0x0800, &inner_ipv6()),
            DecodeError::BadVersion,
        ),
        (
            LinkType::ETHERNET,
            vec![0; 13],
            DecodeError::Truncated(Layer::Link),
        ),
        (LinkType::RAW, Vec::new(), DecodeError::Truncated(Layer::Ip)),
        (LinkType(195), vec![0; 60], DecodeError::UnknownLinkType),
        (LinkType::USER2, vec![0; 60], DecodeError::UnknownLinkType),
        (
            LinkType::ETHERNET,
            ethernet(0x0800, &ipv4(1, &[0; 8])),
            DecodeError::UnsupportedTransport,
        ),
        (
            LinkType::ETHERNET,
            ethernet(0x0800, &ipv4(132, &[0; 30])),
            DecodeError::UnsupportedTransport,
        ),
        (
            LinkType::ETHERNET,
            ethernet(0x86dd, &ipv6(59, &[])),
            DecodeError::UnsupportedTransport,
        ),
        (
            LinkType::ETHERNET,
            ethernet(0x0800, &ipv4(50, &[0; 30])),
            DecodeError::UnsupportedTransport,
        ),
    ];
    let mut decoder = Decoder::new();
    for (link_type, data, expected) in cases {
        let before = decoder.counters().rejected(expected);
        assert_eq!(
            decoder.decode(&frame(link_type, &data)).err(),
            Some(expected),
            "{data:?}"
        );
        assert_eq!(decoder.counters().rejected(expected), before + 1);
    }
    let unknown: Vec<_> = decoder.counters().unknown_link_types().collect();
    assert_eq!(unknown, [LinkType(195), LinkType::USER2]);
}

#[test]
fn what_an_icmp_error_quotes_is_no_packet() {
    let quoted = join(&[&[3, 3, 0, 0, 0, 0, 0, 0], &inner_ipv4()]);
    let found = decode(LinkType::ETHERNET, &ethernet(0x0800, &ipv4(1, &quoted)));
    assert_eq!(found, Err(DecodeError::UnsupportedTransport));
    let found = decode(LinkType::ETHERNET, &ethernet(0x86dd, &ipv6(58, &quoted)));
    assert_eq!(found, Err(DecodeError::UnsupportedTransport));
}

#[test]
fn counters_of_two_decoders_add_up() {
    let mut first = Decoder::new();
    let mut second = Decoder::new();
    assert!(first.decode(&frame(LinkType(195), &[])).is_err());
    assert!(second.decode(&frame(LinkType(196), &[])).is_err());
    assert!(second.decode(&frame(LinkType::RAW, &[])).is_err());
    let mut sum = first.counters().clone();
    sum.merge(second.counters());
    assert_eq!(sum.rejected(DecodeError::UnknownLinkType), 2);
    assert_eq!(sum.iter().map(|(_, count)| count).sum::<u64>(), 3);
    assert_eq!(sum.unknown_link_types().count(), 2);
}
