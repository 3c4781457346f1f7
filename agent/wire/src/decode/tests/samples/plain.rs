//! Encapsulations that leave the link addresses those of the packet's own segment.

use super::Encapsulation;
use crate::decode::tests::build::*;

const LABEL: [u8; 4] = [0, 1, 0x20, 64];
const LAST_LABEL: [u8; 4] = [0, 1, 0x21, 64];

fn authenticated() -> Vec<u8> {
    join(&[&[6, 4], &[0; 22], &tcp(PAYLOAD)])
}

pub(super) fn in_ipv4() -> Vec<Encapsulation> {
    let ip = inner_ipv4();
    let ppp = join(&[&[0, 0x21], &ip]);
    let length = u16::try_from(ppp.len()).unwrap().to_be_bytes();
    let mut options = ipv4_between(INNER_SRC, INNER_DST, 6, &join(&[&[1; 8], &tcp(PAYLOAD)]));
    options[0] = 0x47;
    let authenticated = ipv4_between(INNER_SRC, INNER_DST, 51, &authenticated());
    vec![
        ("vlan", ethernet(0x8100, &vlan(5, 0x0800, &ip))),
        (
            "qinq",
            ethernet(0x88a8, &vlan(7, 0x8100, &vlan(5, 0x0800, &ip))),
        ),
        (
            "qinq of old",
            ethernet(0x9100, &vlan(7, 0x9100, &vlan(5, 0x0800, &ip))),
        ),
        ("mpls", ethernet(0x8847, &join(&[&LABEL, &LAST_LABEL, &ip]))),
        (
            "pppoe",
            ethernet(0x8864, &join(&[&[0x11, 0, 0, 1], &length, &ppp])),
        ),
        ("e-tag", ethernet(0x893f, &join(&[&[0; 6], &[8, 0], &ip]))),
        ("vn-tag", ethernet(0x8926, &join(&[&[0; 4], &[8, 0], &ip]))),
        (
            "metadata",
            ethernet(0x8909, &join(&[&[1, 1, 0, 1, 0, 9], &[8, 0], &ip])),
        ),
        ("options", ethernet(0x0800, &options)),
        ("ah", ethernet(0x0800, &authenticated)),
    ]
}

pub(super) fn in_ipv6() -> Vec<Encapsulation> {
    let segment = tcp(PAYLOAD);
    let hop_by_hop = [43, 0, 1, 4, 0, 0, 0, 0];
    let routing = join(&[&[60, 1], &[0; 14]]);
    let destination = [6, 0, 1, 4, 0, 0, 0, 0];
    let all = join(&[&hop_by_hop, &routing, &destination, &segment]);
    let atomic_fragment = join(&[&[6, 0, 0, 0, 0, 0, 0, 9], &segment]);
    let with = |next, payload: &[u8]| {
        ethernet(
            0x86dd,
            &ipv6_between(INNER_SRC_V6, INNER_DST_V6, next, payload),
        )
    };
    vec![
        ("extension headers", with(0, &all)),
        ("ah in ipv6", with(51, &authenticated())),
        ("atomic fragment", with(44, &atomic_fragment)),
    ]
}
