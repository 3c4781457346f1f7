//! How far a flow went, and what of it is counted.

use std::collections::BTreeSet;

use flow::{EngineConfig, EvidenceKind, Specificity, Stage, StageLimit};
use signatures::ServiceId;

use crate::support::catalogue::tap;
use crate::support::files::Record;
use crate::support::world::{Connection, TEN, World, client_hello, laptop, server, server_hello};
use crate::support::{kinds, only, watch, watch_with};

#[test]
fn a_look_up_alone_is_resolved() {
    let mut world = World::default();
    world.look_up(laptop(1), "API.talk.example", &[server(1).address]);
    let finding = only(&watch(&world));
    assert_eq!(finding.stage, Stage::Resolved);
    assert_eq!(finding.key.service.as_str(), "talk");
    assert_eq!(finding.flow_count, 0);
    assert_eq!((finding.bytes_out, finding.bytes_in), (0, 0));
    assert_eq!(kinds(&finding), [EvidenceKind::DnsQuery]);
    assert_eq!(finding.evidence[0].value, "api.talk.example");
    assert_eq!(finding.evidence[0].count, 1);
    assert_eq!(finding.key.device.to_string(), "mac:02:00:00:00:00:01");
    assert_eq!(finding.key.window_start.as_nanos(), TEN);
}

#[test]
fn a_handshake_is_contact_and_an_exchange_is_use() {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(Some("api.talk.example"), false));
    assert_eq!(only(&watch(&world)).stage, Stage::Resolved);
    connection.reply(&mut world, &server_hello());
    assert_eq!(only(&watch(&world)).stage, Stage::Contacted);
    connection.send(&mut world, &[0x17; 80]);
    connection.send(&mut world, &[0x17; 600]);
    connection.reply(&mut world, &[0x17; 900]);
    connection.close(&mut world);
    let finding = only(&watch(&world));
    assert_eq!(finding.stage, Stage::Used);
    assert_eq!(finding.stage_limit, None);
    assert_eq!(finding.flow_count, 1);
    let hello = client_hello(Some("api.talk.example"), false).len() as u64;
    assert_eq!(finding.bytes_out, hello + 680);
    assert_eq!(finding.bytes_in, server_hello().len() as u64 + 900);
}

#[test]
fn a_name_in_two_segments_is_found_whichever_comes_first() {
    let hello = client_hello(Some("api.talk.example"), false);
    let (head, tail) = hello.split_at(60);
    for swapped in [false, true] {
        let mut world = World::default();
        let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
        connection.send(&mut world, head);
        connection.send(&mut world, tail);
        if swapped {
            let last = world.records.len() - 1;
            world.records.swap(last, last - 1);
        }
        connection.reply(&mut world, &server_hello());
        let finding = only(&watch(&world));
        assert_eq!(kinds(&finding), [EvidenceKind::TlsSni]);
        assert_eq!(finding.bytes_out, hello.len() as u64);
    }
}

#[test]
fn repeated_segments_and_datagrams_count_once() {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 9_000);
    world.look_up(laptop(50_001), "draw.example", &[server(2).address]);
    let plain = watch(&world).last_findings();
    world.records = world
        .records
        .iter()
        .flat_map(|record| [record.clone(), record.clone()])
        .collect();
    assert_eq!(watch(&world).last_findings(), plain);
}

#[test]
fn one_direction_is_contact_at_most_and_says_so() {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 5_000, 20_000);
    let from_client = |record: &Record| record.data[6..12] == laptop(0).mac;
    world.records.retain(from_client);
    let finding = only(&watch(&world));
    assert_eq!(finding.stage, Stage::Contacted);
    assert_eq!(finding.stage_limit, Some(StageLimit::OneDirection));
}

#[test]
fn names_that_only_serve_others_stay_silent() {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "pieces.example", 5_000, 20_000);
    world.look_up(laptop(1), "pieces.example", &[server(1).address]);
    let outcome = watch(&world);
    assert!(outcome.findings.is_empty());
    assert_eq!(outcome.coverage.last().unwrap().flows_named, 1);
}

#[test]
fn a_shared_host_is_silent_alone_and_supports_a_finding() {
    let mut world = World::default();
    let mut shared = Connection::open(laptop(50_000), server(1), &mut world);
    shared.exchange(&mut world, "www.office.example", 5_000, 20_000);
    assert!(watch(&world).findings.is_empty());

    let turned_on = EngineConfig {
        shared_services: BTreeSet::from([ServiceId::new("talk").unwrap()]),
        ..tap()
    };
    let finding = only(&watch_with(&world, turned_on));
    assert_eq!(finding.specificity, Specificity::Shared);
    assert_eq!(finding.stage, Stage::Used);

    let alone = {
        let mut world = World::default();
        let mut own = Connection::open(laptop(50_001), server(2), &mut world);
        own.exchange(&mut world, "api.talk.example", 700, 2_000);
        only(&watch(&world))
    };
    let mut own = Connection::open(laptop(50_001), server(2), &mut world);
    own.exchange(&mut world, "api.talk.example", 700, 2_000);
    let finding = only(&watch(&world));
    assert_eq!(finding.evidence.len(), 2);
    assert_eq!(
        (finding.bytes_out, finding.bytes_in),
        (alone.bytes_out, alone.bytes_in)
    );
    assert!(
        finding
            .confidence
            .factors
            .contains(&flow::Factor::SharedHostContacted)
    );
}

#[test]
fn tenants_are_told_apart() {
    let mut world = World::default();
    for (port, tenant) in [(50_000, "contoso"), (50_001, "fabrikam")] {
        let mut connection = Connection::open(laptop(port), server(1), &mut world);
        connection.exchange(
            &mut world,
            &format!("{tenant}.models.cloud.example"),
            700,
            2_000,
        );
    }
    let tenants: Vec<_> = watch(&world)
        .last_findings()
        .into_iter()
        .map(|finding| finding.key.tenant)
        .collect();
    assert_eq!(tenants, [Some("contoso".into()), Some("fabrikam".into())]);
}

#[test]
fn a_port_that_is_used_again_is_a_new_flow() {
    let mut world = World::default();
    for name in ["api.talk.example", "draw.example"] {
        let mut connection = Connection::new(laptop(50_000), server(1));
        connection.out = u32::try_from(name.len()).unwrap() * 1_000_000;
        world.tcp(
            connection.client,
            connection.server,
            connection.out,
            "S",
            &[],
        );
        connection.out += 1;
        connection.exchange(&mut world, name, 700, 2_000);
    }
    let found: Vec<_> = watch(&world)
        .last_findings()
        .into_iter()
        .map(|finding| {
            (
                finding.key.service.to_string(),
                finding.flow_count,
                finding.bytes_out,
            )
        })
        .collect();
    let size = |name| client_hello(Some(name), false).len() as u64 + 700;
    let expected = [
        ("draw".into(), 1, size("draw.example")),
        ("talk".into(), 1, size("api.talk.example")),
    ];
    assert_eq!(found, expected);
}
