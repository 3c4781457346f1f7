//! Tunnels of bridges and routers.

use super::Encapsulation;
use crate::decode::tests::build::*;

const LABEL: [u8; 4] = [0, 1, 0x20, 64];
const LAST_LABEL: [u8; 4] = [0, 1, 0x21, 64];

/// Base header, path, and sixteen bytes of context.
pub(super) fn nsh(next: u8) -> Vec<u8> {
    join(&[&[0, 6, 1, next, 0, 0, 1, 255], &[0; 16]])
}

pub(super) fn of_bridges() -> Vec<Encapsulation> {
    let (ip, eth) = (inner_ipv4(), inner_ethernet());
    let vxlan = join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &eth]);
    let in_gre = ipv4(47, &join(&[&[0, 0, 0x65, 0x58], &to_port(4789, &vxlan)]));
    vec![
        (
            "mpls pseudowire",
            ethernet(0x8847, &join(&[&LABEL, &LAST_LABEL, &eth])),
        ),
        (
            "mpls control word",
            ethernet(0x8847, &join(&[&LAST_LABEL, &[0; 4], &eth])),
        ),
        ("backbone bridge", ethernet(0x88e7, &join(&[&[0; 4], &eth]))),
        ("fabric path", ethernet(0x8903, &join(&[&[0; 2], &eth]))),
        (
            "trill",
            ethernet(0x22f3, &join(&[&[0, 0x40], &[0; 8], &eth])),
        ),
        ("nsh", ethernet(0x894f, &join(&[&nsh(1), &ip]))),
        (
            "vxlan in gre in qinq",
            ethernet(0x88a8, &vlan(7, 0x8100, &vlan(8, 0x0800, &in_gre))),
        ),
    ]
}

pub(super) fn gre_and_erspan() -> Vec<Encapsulation> {
    let (ip, eth) = (inner_ipv4(), inner_ethernet());
    let routes = join(&[&[0; 4], &[0, 2, 0, 4, 1, 1, 1, 1], &[0; 4], &ip]);
    let pptp = join(&[&[0; 12], &[0xff, 3, 0, 0x21], &ip]);
    let type_2 = join(&[&[0; 4], &[0x10, 1, 0, 1, 0, 0, 0, 1], &eth]);
    let type_3 = |end: [u8; 2], rest: &[u8]| join(&[&[0; 4], &[0x20; 10], &end, rest]);
    vec![
        ("gre", gre(0, 0x0800, &ip)),
        (
            "gre with all fields",
            gre(0xb000, 0x0800, &join(&[&[0; 12], &ip])),
        ),
        ("gre with routes", gre(0x4000, 0x0800, &routes)),
        ("gre ethernet", gre(0x2000, 0x6558, &join(&[&[0; 4], &eth]))),
        ("gre mpls", gre(0, 0x8847, &join(&[&LAST_LABEL, &ip]))),
        ("gre nsh", gre(0, 0x894f, &join(&[&nsh(3), &eth]))),
        ("pptp", gre(0x3081, 0x880b, &pptp)),
        ("erspan i", gre(0, 0x88be, &eth)),
        ("erspan ii", gre(0x1000, 0x88be, &type_2)),
        ("erspan iii", gre(0x1000, 0x22eb, &type_3([0, 0], &eth))),
        (
            "erspan iii subheader",
            gre(0x1000, 0x22eb, &type_3([0, 1], &join(&[&[0; 8], &eth]))),
        ),
        ("erspan iii ip", gre(0x1000, 0x22eb, &type_3([8, 0], &ip))),
        ("wccp", gre(0, 0x883e, &ip)),
        ("wccp with header", gre(0, 0x883e, &join(&[&[0; 4], &ip]))),
    ]
}

pub(super) fn in_ip() -> Vec<Encapsulation> {
    let (ip, eth) = (inner_ipv4(), inner_ethernet());
    vec![
        ("ip in ip", ethernet(0x0800, &ipv4(4, &ip))),
        ("4in6", ethernet(0x86dd, &ipv6(4, &ip))),
        (
            "etherip",
            ethernet(0x0800, &ipv4(97, &join(&[&[0x30, 0], &eth]))),
        ),
        (
            "mpls in ip",
            ethernet(0x0800, &ipv4(137, &join(&[&LAST_LABEL, &ip]))),
        ),
        ("srv6 ethernet", ethernet(0x86dd, &ipv6(143, &eth))),
    ]
}
