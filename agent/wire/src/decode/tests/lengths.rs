//! Which bytes are payload: padding, snap length, lengths of zero and lengths that lie.

use super::build::*;
use super::{decode, frame, inner_summary};
use crate::decode::{DecodeError, Decoder, Layer, Transport};
use crate::frame::{Frame, LinkType};

#[test]
fn padding_is_not_payload() {
    for ip in [inner_ipv4(), inner_ipv6()] {
        let is_ipv6 = ip[0] == 0x60;
        let kind = if is_ipv6 { 0x86dd } else { 0x0800 };
        let padded = join(&[&ethernet(kind, &ip), &[0; 30]]);
        assert_eq!(
            decode(LinkType::ETHERNET, &padded),
            Ok(inner_summary(is_ipv6))
        );
    }
}

#[test]
fn what_the_snap_length_left_is_kept() {
    let whole = ethernet(0x0800, &inner_ipv4());
    let kept = whole.len() - 4;
    let cut = Frame {
        data: &whole[..kept],
        ..frame(LinkType::ETHERNET, &whole)
    };
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&cut).unwrap();
    let Transport::Tcp(segment) = packet.transport else {
        panic!("{packet:?}")
    };
    assert!(packet.cut);
    assert_eq!(segment.payload, &PAYLOAD[..PAYLOAD.len() - 4]);
    assert_eq!(segment.payload_len as usize, PAYLOAD.len());
    assert_eq!(packet.wire_len as usize, whole.len());
}

#[test]
fn tcp_options_that_were_cut_leave_no_payload() {
    let mut segment = join(&[&tcp(&[]), &[1; 12], PAYLOAD]);
    segment[12] = 0x80;
    let whole = ethernet(0x0800, &ipv4(6, &segment));
    let cut = Frame {
        data: &whole[..14 + 20 + 24],
        ..frame(LinkType::ETHERNET, &whole)
    };
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&cut).unwrap();
    let Transport::Tcp(found) = packet.transport else {
        panic!("{packet:?}")
    };
    assert!(packet.cut && found.payload.is_empty());
    assert_eq!(found.payload_len as usize, PAYLOAD.len());
}

#[test]
fn tcp_fields_are_read() {
    let data = ethernet(0x0800, &inner_ipv4());
    let mut decoder = Decoder::new();
    let packet = decoder.decode(&frame(LinkType::ETHERNET, &data)).unwrap();
    let Transport::Tcp(segment) = packet.transport else {
        panic!("{packet:?}")
    };
    assert_eq!((segment.seq, segment.ack), (9, 8));
    assert!(segment.flags.ack() && !segment.flags.syn() && !segment.flags.fin());
    assert!(!segment.flags.rst());
}

#[test]
fn a_length_of_zero_means_the_rest_of_the_frame() {
    let big = vec![5; 70_000];
    let segment = tcp(&big);
    let mut v4 = ipv4_between(INNER_SRC, INNER_DST, 6, &[]);
    v4[2..4].copy_from_slice(&[0, 0]);
    let mut v6 = ipv6_between(INNER_SRC_V6, INNER_DST_V6, 6, &[]);
    v6[4..6].copy_from_slice(&[0, 0]);
    for (kind, header) in [(0x0800, v4), (0x86dd, v6)] {
        let data = ethernet(kind, &join(&[&header, &segment]));
        let found = decode(LinkType::ETHERNET, &data).unwrap();
        assert_eq!(found.4, big);
        // The snap length cut it; the frame still tells how long it was.
        let cut = Frame {
            data: &data[..200],
            ..frame(LinkType::ETHERNET, &data)
        };
        let mut decoder = Decoder::new();
        let packet = decoder.decode(&cut).unwrap();
        let Transport::Tcp(segment) = packet.transport else {
            panic!("{packet:?}")
        };
        assert_eq!(segment.payload_len, 70_000);
        assert!(packet.cut);
    }
}

#[test]
fn the_shorter_length_of_udp_holds() {
    for (claimed, expected) in [(8 + 4_u16, 4), (8, 0), (0, 11), (500, 11)] {
        let mut datagram = udp(1_000, 2_000, PAYLOAD);
        datagram[4..6].copy_from_slice(&claimed.to_be_bytes());
        let data = ethernet(0x0800, &ipv4(17, &datagram));
        let found = decode(LinkType::ETHERNET, &data).unwrap();
        assert_eq!(found.4, &PAYLOAD[..expected], "{claimed}");
    }
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    let refused = |data: &[u8]| decode(LinkType::ETHERNET, data).unwrap_err();
    let mut short_header = ethernet(0x0800, &inner_ipv4());
    short_header[14] = 0x44;
    assert_eq!(refused(&short_header), DecodeError::BadLength(Layer::Ip));
    let mut short_total = ethernet(0x0800, &inner_ipv4());
    short_total[16..18].copy_from_slice(&[0, 19]);
    assert_eq!(refused(&short_total), DecodeError::BadLength(Layer::Ip));
    let mut short_tcp = ethernet(0x0800, &inner_ipv4());
    short_tcp[14 + 20 + 12] = 0x40;
    assert_eq!(
        refused(&short_tcp),
        DecodeError::BadLength(Layer::Transport)
    );
    let mut long_tcp = ethernet(0x0800, &ipv4(6, &tcp(&[])));
    long_tcp[14 + 20 + 12] = 0xf0;
    assert_eq!(refused(&long_tcp), DecodeError::BadLength(Layer::Transport));
    let mut short_udp = ethernet(0x0800, &ipv4(17, &udp(1, 2, PAYLOAD)));
    short_udp[14 + 20 + 4..14 + 20 + 6].copy_from_slice(&[0, 7]);
    assert_eq!(
        refused(&short_udp),
        DecodeError::BadLength(Layer::Transport)
    );
}
