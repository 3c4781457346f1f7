//! Encapsulations.

use super::build::*;
use super::samples::encapsulations;
use super::{decode, frame, inner_summary};
use crate::decode::{DecodeError, Decoder, MAX_HEADERS, Transport};
use crate::frame::LinkType;

#[test]
fn every_encapsulation_leads_to_its_packet() {
    for sample in encapsulations() {
        let mut decoder = Decoder::new();
        let packet = decoder.decode(&frame(sample.link_type, &sample.data));
        let packet = packet.unwrap_or_else(|error| panic!("{}: {error:?}", sample.name));
        assert_eq!(
            super::summary(&packet),
            inner_summary(sample.is_ipv6),
            "{}",
            sample.name
        );
        assert_eq!(packet.in_tunnel, sample.in_tunnel, "{}", sample.name);
        assert!(!packet.cut, "{}", sample.name);
        assert_eq!(packet.src_mac, Some(SRC_MAC), "{}", sample.name);
    }
}

#[test]
fn a_vlan_inside_a_tunnel_is_not_the_frames() {
    let inner = ethernet(0x8100, &vlan(33, 0x0800, &inner_ipv4()));
    let outer = to_port(4789, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &inner]));
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&frame(LinkType::ETHERNET, &outer)).unwrap();
    assert_eq!(packet.vlan, None);
}

#[test]
fn a_datagram_on_a_tunnels_port_that_holds_none_is_itself_the_packet() {
    let dns =
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01";
    let ports = [
        1701, 2152, 3386, 3544, 4341, 4754, 4789, 4790, 5072, 5247, 6081, 6635, 8472, 37008,
    ];
    for port in ports {
        for payload in [
            &dns[..],
            &[],
            &[0; 9],
            &[0xff; 80],
            &[8; 80],
            &[0x30; 80],
            &[0x45; 80],
        ] {
            let data = to_port(port, payload);
            let mut decoder = Decoder::new();
            let packet = decoder.decode(&frame(LinkType::ETHERNET, &data)).unwrap();
            let Transport::Udp(datagram) = packet.transport else {
                panic!("{port}")
            };
            assert_eq!((datagram.dst_port, datagram.payload), (port, payload));
            assert!(!packet.in_tunnel);
            assert_eq!(packet.src_mac, Some(SRC_MAC));
        }
    }
}

#[test]
fn a_tunnel_with_arp_in_it_falls_back_to_its_datagram() {
    let arp = ethernet(0x0806, &[0; 28]);
    let data = to_port(4789, &join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &arp]));
    assert_eq!(
        decode(LinkType::ETHERNET, &data).map(|found| found.3),
        Ok(4789)
    );
}

#[test]
fn lengths_that_do_not_fit_are_no_tunnel() {
    let gtp = join(&[&[0x30, 255, 0, 9, 0, 0, 0, 1], &inner_ipv4()]);
    assert_eq!(
        decode(LinkType::ETHERNET, &to_port(2152, &gtp)).map(|found| found.3),
        Ok(2152)
    );
    let lisp = join(&[&[0; 8], &inner_ipv4(), &[0; 100]]);
    assert_eq!(
        decode(LinkType::ETHERNET, &to_port(4341, &lisp)).map(|found| found.3),
        Ok(4341)
    );
}

#[test]
fn an_address_that_looks_like_ip_behind_a_label_is_seen_through() {
    // The destination address starts with 0x45 or 0x60, as IP would.
    for first in [0x45, 0x60] {
        let mut eth = inner_ethernet();
        eth[0] = first;
        let data = ethernet(0x8847, &join(&[&[0, 1, 0x21, 64], &eth]));
        assert_eq!(decode(LinkType::ETHERNET, &data), Ok(inner_summary(false)));
    }
    // Without a control word, and an address that starts with zeros.
    let mut eth = inner_ethernet();
    eth[0] = 0;
    let data = ethernet(0x8847, &join(&[&[0, 1, 0x21, 64], &eth]));
    assert_eq!(decode(LinkType::ETHERNET, &data), Ok(inner_summary(false)));
}

#[test]
fn nesting_ends_at_the_cap() {
    let mut data = inner_ipv4();
    for _ in 0..usize::from(MAX_HEADERS) / 2 - 2 {
        data = ipv4(4, &data);
    }
    assert_eq!(decode(LinkType::RAW, &data), Ok(inner_summary(false)));
    for _ in 0..3 {
        data = ipv4(4, &data);
    }
    assert_eq!(
        decode(LinkType::RAW, &data),
        Err(DecodeError::NestedTooDeep)
    );
}

#[test]
fn guesses_inside_guesses_end_at_the_cap() {
    // Each label stack is first taken for IP, then for Ethernet that holds the next one.
    let mut data = vec![0x45; 200];
    for _ in 0..30 {
        let mut eth = ethernet(0x8847, &join(&[&[0, 1, 0x21, 64], &data]));
        eth[0] = 0;
        data = eth;
    }
    assert_eq!(
        decode(LinkType::ETHERNET, &data),
        Err(DecodeError::NestedTooDeep)
    );
}
