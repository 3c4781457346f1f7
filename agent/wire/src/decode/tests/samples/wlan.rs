//! Wireless frames and what drivers put before them.

use super::Link;
use crate::decode::tests::build::*;
use crate::frame::LinkType;

/// The addresses of a frame that goes between two stations, behind kind and flags.
fn header(kind: u8, flags: u8) -> Vec<u8> {
    let (first, third) = match flags & 3 {
        1 => ([9; 6], DST_MAC),
        2 => (DST_MAC, SRC_MAC),
        _ => (DST_MAC, if flags & 3 == 3 { DST_MAC } else { [9; 6] }),
    };
    let second = if flags & 3 >= 2 { [9; 6] } else { SRC_MAC };
    join(&[&[kind, flags, 0, 0], &first, &second, &third, &[0; 2]])
}

pub(super) fn all() -> Vec<Link> {
    let snap = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &inner_ipv4()]);
    let length = u16::try_from(snap.len()).unwrap().to_be_bytes();
    let plain = join(&[&header(8, 0), &snap]);
    let radiotap = |flags: u8| [0, 0, 17, 0, 3, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, flags];
    let two_words = [0, 0, 13, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0];
    let avs = join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 16], &[0; 8]]);
    let aggregate = join(&[&header(0x88, 2), &[0x80, 0], &[1; 12], &length, &snap]);
    let air = LinkType::IEEE802_11;
    let tap = LinkType::IEEE802_11_RADIOTAP;
    vec![
        ("802.11", air, plain.clone()),
        ("802.11 to the network", air, join(&[&header(8, 1), &snap])),
        (
            "802.11 from the network",
            air,
            join(&[&header(8, 2), &snap]),
        ),
        (
            "802.11 four addresses",
            air,
            join(&[&header(8, 3), &SRC_MAC, &snap]),
        ),
        (
            "802.11 quality",
            air,
            join(&[&header(0x88, 1), &[0, 0], &snap]),
        ),
        (
            "802.11 throughput",
            air,
            join(&[&header(0x88, 0x81), &[0; 6], &snap]),
        ),
        ("802.11 aggregate", air, aggregate),
        ("radiotap", tap, join(&[&radiotap(0), &plain])),
        (
            "radiotap padded",
            tap,
            join(&[&radiotap(0x20), &header(0x88, 0), &[0; 4], &snap]),
        ),
        ("radiotap two words", tap, join(&[&two_words, &plain])),
        (
            "prism",
            LinkType::IEEE802_11_PRISM,
            join(&[&[0; 144], &plain]),
        ),
        ("avs", LinkType::IEEE802_11_AVS, join(&[&avs, &plain])),
        (
            "ppi",
            LinkType::PPI,
            join(&[&[0, 0, 8, 0, 105, 0, 0, 0], &plain]),
        ),
        (
            "ppi ethernet",
            LinkType::PPI,
            join(&[&[0, 0, 8, 0, 1, 0, 0, 0], &ethernet(0x0800, &inner_ipv4())]),
        ),
    ]
}
