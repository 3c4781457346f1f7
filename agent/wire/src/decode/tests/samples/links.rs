//! Link types other than wireless ones.

use super::Link;
use crate::decode::tests::build::*;
use crate::frame::LinkType;

fn snap() -> Vec<u8> {
    join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &inner_ipv4()])
}

fn behind(header: &[u8]) -> Vec<u8> {
    join(&[header, &inner_ipv4()])
}

/// Little or nothing before IP.
pub(super) fn with_families() -> Vec<Link> {
    vec![
        (
            "ethernet",
            LinkType::ETHERNET,
            ethernet(0x0800, &inner_ipv4()),
        ),
        ("null le", LinkType::NULL, behind(&[2, 0, 0, 0])),
        ("null be", LinkType::NULL, behind(&[0, 0, 0, 2])),
        ("loop", LinkType::LOOP, behind(&[0, 0, 0, 2])),
        ("raw", LinkType::RAW, inner_ipv4()),
        ("raw as libpcap has it", LinkType(12), inner_ipv4()),
        ("raw as OpenBSD has it", LinkType(14), inner_ipv4()),
        ("ipv4", LinkType::IPV4, inner_ipv4()),
        ("enc", LinkType::ENC, behind(&[0; 12])),
        ("slip", LinkType::SLIP, behind(&[0; 16])),
    ]
}

pub(super) fn serial() -> Vec<Link> {
    let pppoe_length = u16::try_from(inner_ipv4().len() + 2).unwrap().to_be_bytes();
    let pppoe = join(&[&[0x11, 0, 0, 1], &pppoe_length, &[0, 0x21]]);
    vec![
        ("ppp", LinkType::PPP, behind(&[0xff, 3, 0, 0x21])),
        ("ppp compressed", LinkType::PPP, behind(&[0x21])),
        (
            "ppp multilink",
            LinkType::PPP,
            behind(&[0, 0x3d, 0xc0, 0, 0, 0, 0, 0x21]),
        ),
        ("ppp hdlc", LinkType::PPP_HDLC, behind(&[0xff, 3, 0, 0x21])),
        (
            "ppp hdlc cisco",
            LinkType::PPP_HDLC,
            behind(&[0x0f, 0, 8, 0]),
        ),
        (
            "ppp direction",
            LinkType::PPP_WITH_DIRECTION,
            behind(&[0, 0xff, 3, 0, 0x21]),
        ),
        ("pppd", LinkType::PPP_PPPD, behind(&[1, 3, 0, 0x21])),
        ("ppp ether", LinkType::PPP_ETHER, behind(&pppoe)),
        ("cisco hdlc", LinkType::CISCO_HDLC, behind(&[0x8f, 0, 8, 0])),
        (
            "frame relay",
            LinkType::FRAME_RELAY,
            behind(&[0x18, 0x41, 3, 0xcc]),
        ),
        (
            "frame relay snap",
            LinkType::FRAME_RELAY,
            behind(&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0]),
        ),
    ]
}

/// What systems put before a frame.
pub(super) fn with_headers() -> Vec<Link> {
    let sll = join(&[&[0, 0, 0, 1, 0, 6], &SRC_MAC, &[0, 0, 8, 0]]);
    let sll2 = join(&[&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6], &SRC_MAC, &[0, 0]]);
    let pktap = |link_type: u8| join(&[&[108, 0, 0, 0, 1, 0, 0, 0, link_type, 0, 0, 0], &[0; 96]]);
    let length = u16::try_from(inner_ipv4().len() + 4).unwrap();
    let prefix = [2, 0, 0, 0, 5, 0, 10, 0, b'x', 0, 0, 0];
    let nflog = join(&[&prefix, &length.to_le_bytes(), &[9, 0]]);
    let nflog_be = join(&[&[2, 0, 0, 0], &length.to_be_bytes(), &[0, 9]]);
    let eth = ethernet(0x0800, &inner_ipv4());
    vec![
        ("sll", LinkType::LINUX_SLL, behind(&sll)),
        ("sll2", LinkType::LINUX_SLL2, behind(&sll2)),
        ("pktap", LinkType::PKTAP, join(&[&pktap(1), &eth])),
        ("pktap as user2", LinkType::USER2, behind(&pktap(12))),
        ("nflog", LinkType::NFLOG, behind(&nflog)),
        ("nflog be", LinkType::NFLOG, behind(&nflog_be)),
        (
            "pflog",
            LinkType::PFLOG,
            behind(&join(&[&[61, 2], &[0; 62]])),
        ),
        (
            "mpacket",
            LinkType::ETHERNET_MPACKET,
            join(&[&[0x55; 7], &[0xd5], &eth]),
        ),
        ("netanalyzer", LinkType::NETANALYZER, join(&[&[0; 4], &eth])),
        (
            "netanalyzer preamble",
            LinkType::NETANALYZER_TRANSPARENT,
            join(&[&[0; 12], &eth]),
        ),
    ]
}

pub(super) fn of_old() -> Vec<Link> {
    let snap = snap();
    let length = u16::try_from(snap.len()).unwrap();
    let bridged = join(&[
        &[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0],
        &ethernet(0x0800, &inner_ipv4()),
    ]);
    vec![
        (
            "802.3 with snap",
            LinkType::ETHERNET,
            ethernet(length, &snap),
        ),
        (
            "802.3 with ip",
            LinkType::ETHERNET,
            ethernet(100, &behind(&[6, 6, 3])),
        ),
        ("jumbo llc", LinkType::ETHERNET, ethernet(0x8870, &snap)),
        (
            "arcnet 1201",
            LinkType::ARCNET_LINUX,
            behind(&[1, 2, 0, 0, 212, 0, 0, 1]),
        ),
        (
            "arcnet 1051",
            LinkType::ARCNET_LINUX,
            behind(&[1, 2, 0, 0, 240]),
        ),
        ("arcnet bsd", LinkType::ARCNET_BSD, behind(&[1, 2, 240])),
        ("sunatm", LinkType::SUN_ATM, join(&[&[2, 0, 0, 5], &snap])),
        ("rfc 1483", LinkType::ATM_RFC1483, snap.clone()),
        ("rfc 1483 bridged", LinkType::ATM_RFC1483, bridged),
        (
            "fddi",
            LinkType::FDDI,
            join(&[&[0x50], &DST_MAC, &SRC_MAC, &snap]),
        ),
        (
            "token ring",
            LinkType::TOKEN_RING,
            join(&[&[0, 0x40], &DST_MAC, &SRC_MAC, &snap]),
        ),
        (
            "fibre channel",
            LinkType::IP_OVER_FC,
            join(&[&[0; 16], &snap]),
        ),
        (
            "firewire",
            LinkType::IP_OVER_1394,
            behind(&join(&[&[0; 16], &[8, 0]])),
        ),
    ]
}

pub(super) fn with_ipv6() -> Vec<Link> {
    let ip6 = inner_ipv6();
    vec![
        ("null darwin", LinkType::NULL, join(&[&[30, 0, 0, 0], &ip6])),
        ("raw ipv6", LinkType::RAW, ip6.clone()),
        ("ipv6", LinkType::IPV6, ip6.clone()),
        ("ethernet ipv6", LinkType::ETHERNET, ethernet(0x86dd, &ip6)),
        ("ppp ipv6", LinkType::PPP, join(&[&[0, 0x57], &ip6])),
        (
            "frame relay ipv6",
            LinkType::FRAME_RELAY,
            join(&[&[0x18, 0x41, 3, 0x8e], &ip6]),
        ),
    ]
}
