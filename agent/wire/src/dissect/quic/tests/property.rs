//! Any cutting, shuffling, repeating and losing of a hello's CRYPTO data.

use proptest::prelude::*;

use super::sealer::{V1, crypto};
use super::{Flow, Heard, initial};
use crate::testing::Hello;

/// Where a hello is cut, in which order the pieces are sent, and what is between them.
#[derive(Clone, Debug)]
struct Plan {
    cuts: Vec<usize>,
    order: Vec<usize>,
    /// How many pieces each packet takes.
    packets: Vec<usize>,
    fill: Vec<u8>,
}

fn plan(length: usize) -> impl Strategy<Value = Plan> {
    prop::collection::btree_set(1..length, 0..30).prop_flat_map(move |cuts| {
        let mut cuts: Vec<usize> = cuts.into_iter().collect();
        cuts.insert(0, 0);
        // No piece may be longer than what a packet takes.
        cuts.extend((0..length).step_by(900));
        cuts.sort_unstable();
        cuts.dedup();
        let pieces = cuts.len();
        // Every piece once at least, some again.
        let again = prop::collection::vec(0..pieces, 0..8);
        let order = again.prop_map(move |again| (0..pieces).chain(again).collect::<Vec<_>>());
        let fill = prop::collection::vec(prop_oneof![Just(0_u8), Just(1_u8)], 8);
        (
            order.prop_shuffle(),
            prop::collection::vec(1_usize..6, 64),
            fill,
        )
            .prop_map(move |(order, packets, fill)| Plan {
                cuts: cuts.clone(),
                order,
                packets,
                fill,
            })
    })
}

fn packets(hello: &[u8], plan: &Plan) -> Vec<Vec<u8>> {
    let piece = |index: usize| {
        let start = plan.cuts[index];
        let end = plan.cuts.get(index + 1).copied().unwrap_or(hello.len());
        crypto(start, &hello[start..end])
    };
    let mut packets = Vec::new();
    let mut frames = Vec::new();
    let mut room = plan.packets.iter().cycle();
    let mut left = 1;
    for (at, index) in plan.order.iter().enumerate() {
        let frame = piece(*index);
        if left == 0 || frames.len() + frame.len() > 1100 {
            packets.push(std::mem::take(&mut frames));
            left = *room.next().unwrap();
        }
        left = left.saturating_sub(1);
        frames.push(plan.fill[at % plan.fill.len()]);
        frames.extend(frame);
    }
    packets.push(frames);
    packets
}

fn run(packets: &[Vec<u8>]) -> Heard {
    let mut flow = Flow::default();
    for (number, frames) in packets.iter().enumerate() {
        flow.client(&initial(&V1, u32::try_from(number).unwrap(), frames));
    }
    flow.end()
}

fn browser() -> Vec<u8> {
    Hello::browser("api.anthropic.com").message()
}

fn whole() -> Heard {
    let hello = browser();
    run(&[crypto(0, &hello[..1000]), crypto(1000, &hello[1000..])])
}

proptest! {
    #[test]
    fn any_order_of_any_pieces_gives_the_same_message(plan in plan(browser().len())) {
        let heard = run(&packets(&browser(), &plan));
        prop_assert_eq!(heard.hellos, whole().hellos);
        prop_assert!(heard.rejects.is_empty());
    }

    #[test]
    fn lost_packets_give_nothing_or_an_incomplete_message(
        plan in plan(browser().len()),
        lost in prop::collection::vec(any::<bool>(), 64),
    ) {
        let packets = packets(&browser(), &plan);
        let kept: Vec<Vec<u8>> =
            packets.iter().zip(lost.iter().cycle()).filter(|(_, lost)| !**lost).map(|(p, _)| p.clone()).collect();
        for hello in run(&kept).hellos {
            if hello.2 {
                prop_assert_eq!(&hello, &whole().hellos[0]);
            } else {
                prop_assert_eq!(hello.1.as_deref(), Some("api.anthropic.com"));
                prop_assert_eq!(hello.3, None);
            }
        }
    }

    #[test]
    fn any_bytes_are_taken_without_a_panic(
        first in 0_u8..=255,
        version in prop_oneof![Just(1_u32), Just(0x6b33_43cf), Just(0x5130_3433), any::<u32>()],
        rest in prop::collection::vec(any::<u8>(), 0..1400),
        wire in 0_usize..2000,
    ) {
        let mut flow = Flow::default();
        let payload = [&[first], version.to_be_bytes().as_slice(), &rest].concat();
        flow.datagram(crate::Direction::ToResponder, &payload, payload.len().max(wire));
        prop_assert!(flow.end().hellos.is_empty());
    }
}
