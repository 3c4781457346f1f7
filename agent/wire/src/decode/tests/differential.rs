//! Against etherparse, where both find a packet.

use etherparse::{NetSlice, PacketBuilder, SlicedPacket, TransportSlice};
use proptest::prelude::*;
use proptest::sample::Index;

use super::build::{DST_MAC, SRC_MAC};
use super::{Summary, frame, summary};
use crate::decode::Decoder;
use crate::frame::LinkType;

/// What etherparse finds, when that is TCP or UDP in IP that is not in fragments.
fn theirs(data: &[u8]) -> Option<Summary> {
    let sliced = SlicedPacket::from_ethernet(data).ok()?;
    let (src, dst) = match sliced.net? {
        NetSlice::Ipv4(ip) => (
            ip.header().source_addr().into(),
            ip.header().destination_addr().into(),
        ),
        NetSlice::Ipv6(ip) => (
            ip.header().source_addr().into(),
            ip.header().destination_addr().into(),
        ),
        NetSlice::Arp(_) => return None,
    };
    let (src_port, dst_port, payload) = match sliced.transport? {
        TransportSlice::Tcp(tcp) => (tcp.source_port(), tcp.destination_port(), tcp.payload()),
        TransportSlice::Udp(udp) => (udp.source_port(), udp.destination_port(), udp.payload()),
        TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_) | TransportSlice::Igmp(_) => {
            return None;
        }
    };
    Some((src, src_port, dst, dst_port, payload.to_vec()))
}

fn built(vlans: &[u16], is_ipv6: bool, is_tcp: bool, payload: &[u8]) -> Vec<u8> {
    let link = PacketBuilder::ethernet2(SRC_MAC, DST_MAC);
    let ids: Vec<_> = vlans.iter().map(|id| (*id).try_into().unwrap()).collect();
    let mut out = Vec::new();
    // The builder has a type of its own for each step, and the one before IP differs.
    macro_rules! finish {
        ($step:expr) => {{
            let step = $step;
            let step = if is_ipv6 {
                step.ipv6([1; 16], [2; 16], 64)
            } else {
                step.ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            };
            if is_tcp {
                let step = step.tcp(40_000, 443, 7, 1_000).ack(9);
                step.options_raw(&[1, 1, 1, 1])
                    .unwrap()
                    .write(&mut out, payload)
                    .unwrap();
            } else {
                step.udp(40_000, 443).write(&mut out, payload).unwrap();
            }
        }};
    }
    match ids.as_slice() {
        [] => finish!(link),
        [one] => finish!(link.single_vlan(*one)),
        [outer, inner, ..] => finish!(link.double_vlan(*outer, *inner)),
    }
    out
}

fn agree(data: &[u8]) -> Result<(), TestCaseError> {
    let mut decoder = Decoder::new();
    let (Some(theirs), Ok(ours)) = (
        theirs(data),
        decoder.decode(&frame(LinkType::ETHERNET, data)),
    ) else {
        return Ok(());
    };
    if !ours.in_tunnel {
        prop_assert_eq!(summary(&ours), theirs);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whole_frames_are_read_alike(
        vlans in prop::collection::vec(0_u16..4096, 0..3),
        is_ipv6: bool,
        is_tcp: bool,
        payload in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let data = built(&vlans, is_ipv6, is_tcp, &payload);
        let mut decoder = Decoder::new();
        let ours = decoder.decode(&frame(LinkType::ETHERNET, &data)).unwrap();
        prop_assert_eq!(summary(&ours), theirs(&data).unwrap());
        prop_assert_eq!(ours.vlan, vlans.iter().rev().find(|id| **id != 0).copied());
    }

    #[test]
    fn damaged_frames_are_read_alike_where_both_accept_them(
        vlans in prop::collection::vec(0_u16..4096, 0..3),
        is_ipv6: bool,
        is_tcp: bool,
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..5),
    ) {
        let mut data = built(&vlans, is_ipv6, is_tcp, b"some payload");
        for (at, value) in changes {
            let at = at.index(data.len());
            data[at] = value;
        }
        agree(&data)?;
    }
}
