//! Tunnels inside UDP.

use super::Encapsulation;
use super::tunnels::nsh;
use crate::decode::tests::build::*;

const LAST_LABEL: [u8; 4] = [0, 1, 0x21, 64];

pub(super) fn virtual_networks() -> Vec<Encapsulation> {
    let (ip, eth) = (inner_ipv4(), inner_ethernet());
    let vxlan = |flags: u8, next: u8, rest: &[u8]| join(&[&[flags, 0, 0, next, 0, 0, 1, 0], rest]);
    let geneve = |options: u8, kind: [u8; 2], rest: &[u8]| {
        join(&[&[options, 0], &kind, &[0, 0, 1, 0], rest])
    };
    let bridged = [0x65, 0x58];
    vec![
        ("vxlan", to_port(4789, &vxlan(8, 0, &eth))),
        ("vxlan of linux", to_port(8472, &vxlan(8, 0, &eth))),
        ("vxlan group policy", to_port(4789, &vxlan(0x88, 9, &eth))),
        ("vxlan-gpe ip", to_port(4790, &vxlan(0x0c, 1, &ip))),
        ("vxlan-gpe ethernet", to_port(4790, &vxlan(0x08, 0, &eth))),
        (
            "vxlan-gpe nsh",
            to_port(4790, &vxlan(0x0c, 4, &join(&[&nsh(3), &eth]))),
        ),
        (
            "geneve",
            to_port(6081, &geneve(2, bridged, &join(&[&[1; 8], &eth]))),
        ),
        ("geneve ip", to_port(6081, &geneve(0, [8, 0], &ip))),
        ("gre in udp", to_port(4754, &join(&[&[0, 0, 8, 0], &ip]))),
        ("mpls in udp", to_port(6635, &join(&[&LAST_LABEL, &ip]))),
        (
            "lisp",
            to_port(4341, &join(&[&[0xc0, 0, 0, 0, 0, 0, 0, 1], &ip])),
        ),
    ]
}

/// Of mobile, wireless and dial-up networks.
pub(super) fn access() -> Vec<Encapsulation> {
    let (ip, eth) = (inner_ipv4(), inner_ethernet());
    let length = |more: usize| u16::try_from(ip.len() + more).unwrap().to_be_bytes();
    let gtp = |flags: u8, extra: &[u8]| {
        join(&[
            &[flags, 255],
            &length(extra.len()),
            &[0, 0, 0, 1],
            extra,
            &ip,
        ])
    };
    let extensions = [0, 0, 0, 0x85, 1, 9, 9, 0xc0, 2, 9, 9, 9, 9, 9, 9, 0];
    let gtp_0 = join(&[&[0x1e, 255], &length(0), &[0; 16], &ip]);
    let wlan = join(&[
        &[0; 2],
        &DST_MAC,
        &SRC_MAC,
        &[9; 6],
        &[0; 2],
        &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
        &ip,
    ]);
    let capwap =
        |native: u8, rest: &[&[u8]]| join(&[&[0, 0x10, 2 | native, 0, 0, 0, 0, 0], &rest.concat()]);
    let l2tp = join(&[
        &[0x40, 2],
        &length(2),
        &[0, 1, 0, 1],
        &[0xff, 3, 0, 0x21],
        &ip,
    ]);
    let l2tp_full = join(&[
        &[0x0a, 2],
        &[0, 1, 0, 1],
        &[0; 4],
        &[0, 2, 0, 0],
        &[0, 0x21],
        &ip,
    ]);
    vec![
        ("gtp-u", to_port(2152, &gtp(0x30, &[]))),
        (
            "gtp-u with sequence",
            to_port(2152, &gtp(0x32, &[0, 1, 0, 0])),
        ),
        (
            "gtp-u with extensions",
            to_port(2152, &gtp(0x34, &extensions)),
        ),
        ("gtp 0", to_port(3386, &gtp_0)),
        ("capwap 802.3", to_port(5247, &capwap(0, &[&eth]))),
        (
            "capwap 802.11",
            to_port(5247, &capwap(1, &[&[8, 1], &wlan])),
        ),
        (
            "capwap 802.11 swapped",
            to_port(5247, &capwap(1, &[&[1, 8], &wlan])),
        ),
        ("l2tp", to_port(1701, &l2tp)),
        ("l2tp with all fields", to_port(1701, &l2tp_full)),
        (
            "tzsp",
            to_port(37008, &join(&[&[1, 0, 0, 1], &[10, 1, 9], &[0, 1], &eth])),
        ),
    ]
}

pub(super) fn with_ipv6() -> Vec<Encapsulation> {
    let ip6 = inner_ipv6();
    let authentication = join(&[&[0, 1, 2, 2, 9, 9, 8, 8], &[0; 9], &[0; 8], &ip6]);
    let ayiya = join(&[&[0x45, 0x52, 0x11, 41], &[0; 4], &[7; 16], &[8; 20], &ip6]);
    vec![
        ("6in4", ethernet(0x0800, &ipv4(41, &ip6))),
        ("6in6", ethernet(0x86dd, &ipv6(41, &ip6))),
        ("teredo", to_port(3544, &ip6)),
        (
            "teredo with origin",
            to_port(3544, &join(&[&[0, 0, 1, 1, 1, 1, 1, 1], &ip6])),
        ),
        ("teredo with authentication", to_port(3544, &authentication)),
        ("ayiya", to_port(5072, &ayiya)),
    ]
}
