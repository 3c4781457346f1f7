//! What must hold whatever the order, the split and the batches: the findings are the same.

use crate::support::catalogue::tap;
use crate::support::files::Record;
use crate::support::world::{Connection, World, client_hello, laptop, server, server_hello};
use crate::support::{Outcome, run, watch};
use flow::{EngineConfig, EvidenceKind, Stage};
use proptest::prelude::*;
use wire::{LinkType, Timestamp};

/// What of a finding does not depend on when its packets came.
type Essence = (
    String,
    String,
    Stage,
    u64,
    u64,
    u64,
    Vec<(EvidenceKind, String, u64)>,
);

fn essence(outcome: &Outcome) -> Vec<Essence> {
    outcome
        .last_findings()
        .into_iter()
        .map(|finding| {
            let evidence = finding
                .evidence
                .iter()
                .map(|item| (item.kind, item.value.clone(), item.count))
                .collect();
            (
                finding.key.service.to_string(),
                finding.key.device.to_string(),
                finding.stage,
                finding.flow_count,
                finding.bytes_out,
                finding.bytes_in,
                evidence,
            )
        })
        .collect()
}

/// Writes `payload` in pieces that end at `cuts`.
fn pieces<'a>(payload: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(payload.len() + 1))
        .collect();
    ends.push(payload.len());
    ends.sort_unstable();
    let mut begin = 0;
    let mut pieces = Vec::new();
    for end in ends {
        pieces.push(&payload[begin..end]);
        begin = end;
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn cuts() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 0..6)
}

/// Gives every record the time of its place, so that time runs forward in any order.
fn retime(records: &mut [Record]) {
    for (record, second) in records.iter_mut().zip(0..) {
        record.ts = Timestamp::from_nanos(crate::support::world::TEN + second * 1_000_000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_split_order_and_repetition_of_a_flight_is_one_finding(
        out_cuts in cuts(),
        back_cuts in cuts(),
        shuffle in any::<prop::sample::Index>(),
        repeated in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut plain = World::default();
        let mut connection = Connection::open(laptop(50_000), server(1), &mut plain);
        connection.exchange(&mut plain, "api.talk.example", 700, 3_000);
        let expected = essence(&watch(&plain));

        let mut world = World::default();
        let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
        let mut flight = |world: &mut World, payload: &[u8], cuts: &[prop::sample::Index], out: bool| {
            let begin = world.records.len();
            for piece in pieces(payload, cuts) {
                if out { connection.send(world, piece) } else { connection.reply(world, piece) }
            }
            let flight = &mut world.records[begin..];
            let by = shuffle.index(flight.len());
            flight.rotate_left(by);
            for index in &repeated {
                let again = flight_copy(&world.records[begin..], *index);
                world.records.push(again);
            }
        };
        flight(&mut world, &client_hello(Some("api.talk.example"), false), &out_cuts, true);
        flight(&mut world, &server_hello(), &back_cuts, false);
        flight(&mut world, &[0x17; 700], &out_cuts, true);
        flight(&mut world, &[0x17; 3_000], &back_cuts, false);
        retime(&mut world.records);
        prop_assert_eq!(essence(&watch(&world)), expected);
    }

    #[test]
    fn flows_may_mix_in_any_way(picks in prop::collection::vec(0_usize..4, 0..80)) {
        let mut flows: Vec<Vec<Record>> = Vec::new();
        for (place, name) in
            ["api.talk.example", "draw.example", "nobody.example", "talk.example"].iter().enumerate()
        {
            let mut world = World::default();
            let port = u16::try_from(50_000 + place).unwrap();
            let mut connection = Connection::open(laptop(port), server(1), &mut world);
            connection.exchange(&mut world, name, 2_500, 20_000);
            connection.close(&mut world);
            flows.push(world.records);
        }
        let one_by_one: Vec<Record> = flows.iter().flatten().cloned().collect();
        let mut mixed = Vec::new();
        let mut queues: Vec<std::collections::VecDeque<Record>> =
            flows.into_iter().map(Into::into).collect();
        for pick in picks {
            mixed.extend(queues[pick].pop_front());
        }
        mixed.extend(queues.into_iter().flatten());
        let outcome = |mut records: Vec<Record>| {
            retime(&mut records);
            watch(&World { records, ..World::default() })
        };
        prop_assert_eq!(essence(&outcome(mixed)), essence(&outcome(one_by_one)));
    }

    #[test]
    fn a_replay_gives_the_same_bytes_in_any_batches(
        batch in 1_usize..200,
        gaps in prop::collection::vec(0_i64..400, 12),
    ) {
        let mut world = World::default();
        for (place, gap) in gaps.iter().enumerate() {
            let port = u16::try_from(50_000 + place).unwrap();
            world.look_up(laptop(port), "draw.example", &[server(2).address]);
            let mut connection = Connection::open(laptop(port), server(1), &mut world);
            connection.exchange(&mut world, "api.talk.example", 700, 3_000);
            world.wait(*gap);
            connection.reply(&mut world, &[1; 900]);
            world.wait(*gap);
        }
        let frames = || world.records.iter().zip(1..).map(|(record, number)| record.frame(number));
        let (once, again) = (run(frames(), tap(), 1), run(frames(), tap(), 1));
        prop_assert_eq!(&once, &again);
        let batched = run(frames(), tap(), batch);
        prop_assert_eq!(once.reports, batched.reports);
        prop_assert_eq!(once.findings, batched.findings);
        prop_assert_eq!(once.coverage, batched.coverage);
    }

    #[test]
    fn no_bytes_do_harm(
        frames in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..200), 0_usize..8, any::<u8>(), any::<i64>()),
            0..60,
        ),
        max_flows in 1_usize..6,
        dissector_memory in 0_usize..4_000,
    ) {
        let mut world = World::default();
        let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
        connection.exchange(&mut world, "api.talk.example", 700, 3_000);
        world.look_up(laptop(1), "draw.example", &[server(2).address]);
        let good = world.records.len();
        for (noise, place, bit, ts) in frames {
            let mut data = world.records[place % good].data.clone();
            let at = usize::from(bit) % data.len();
            data[at] ^= bit | 1;
            data.extend(noise);
            let link_type = LinkType(if bit % 5 == 0 { u16::from(bit) } else { 1 });
            let orig_len = u32::try_from(data.len()).unwrap();
            world.records.push(Record { ts: Timestamp::from_nanos(ts), link_type, orig_len, data });
        }
        let config = EngineConfig { max_flows, dissector_memory, ..tap() };
        let outcome = crate::support::watch_with(&world, config);
        let frames: u64 = {
            let mut last = std::collections::BTreeMap::new();
            for window in &outcome.coverage {
                last.insert(window.window_start, window.frames);
            }
            last.values().sum()
        };
        prop_assert_eq!(frames, world.records.len() as u64);
    }
}

fn flight_copy(flight: &[Record], index: prop::sample::Index) -> Record {
    flight[index.index(flight.len())].clone()
}
