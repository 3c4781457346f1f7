//! Windows, long flows, floods of look-ups, coverage, and clocks that leap.

use std::time::Duration;

use flow::{EngineConfig, Stage};
use wire::Timestamp;

use crate::support::catalogue::tap;
use crate::support::world::{
    Connection, End, SECOND, TEN, World, client_hello, dns_query, laptop, resolver, server,
    server_hello,
};
use crate::support::{watch, watch_with};

#[test]
fn a_flow_over_the_hour_gives_each_window_its_bytes() {
    let mut world = World {
        now: TEN + 3_590 * SECOND,
        ..World::default()
    };
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    world.wait(20);
    connection.send(&mut world, &[0x17; 333]);
    connection.reply(&mut world, &[0x17; 4_444]);
    let findings = watch(&world).last_findings();
    assert_eq!(findings.len(), 2);
    let hello = client_hello(Some("api.talk.example"), false).len() as u64;
    assert_eq!(findings[0].bytes_out, hello + 700);
    assert_eq!((findings[1].bytes_out, findings[1].bytes_in), (333, 4_444));
    assert_eq!(
        findings[1].key.window_start.as_nanos(),
        TEN + 3_600 * SECOND
    );
    assert_eq!(findings[1].stage, Stage::Used);
    assert_eq!(findings[1].evidence.len(), 1);
    assert!(findings[1].first_seen >= findings[1].key.window_start);
    assert_eq!(
        findings
            .iter()
            .map(|finding| finding.flow_count)
            .sum::<u64>(),
        2
    );
}

#[test]
fn a_long_flow_is_reported_while_it_runs() {
    let mut world = World {
        step: SECOND,
        ..World::default()
    };
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    for _ in 0..300 {
        connection.reply(&mut world, &[0x17; 100]);
    }
    let outcome = watch(&world);
    let revisions: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| finding.revision)
        .collect();
    assert!(
        revisions.iter().copied().eq((1..).take(revisions.len())),
        "{revisions:?}"
    );
    assert!((4..=8).contains(&revisions.len()), "{revisions:?}");
    let bytes: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| finding.bytes_in)
        .collect();
    assert!(bytes.is_sorted());
}

#[test]
fn a_flood_of_look_ups_is_few_reports() {
    let mut world = World {
        step: 1_000_000,
        ..World::default()
    };
    for id in 0..5_000 {
        world.udp(
            laptop(30_000 + id % 50),
            resolver(),
            &dns_query("api.talk.example", 1),
        );
    }
    let outcome = watch(&world);
    assert!(outcome.reports.len() <= 2, "{}", outcome.reports.len());
}

#[test]
fn coverage_counts_every_flow_once() {
    let mut world = World::default();
    let mut named = Connection::open(laptop(50_000), server(1), &mut world);
    named.exchange(&mut world, "nobody.example", 700, 2_000);
    let mut unnamed = Connection::open(
        laptop(50_001),
        End {
            port: 2_222,
            ..server(1)
        },
        &mut world,
    );
    unnamed.reply(&mut world, b"SSH-2.0-x\r\n");
    unnamed.send(&mut world, b"SSH-2.0-y\r\n");
    let mut older = Connection::new(laptop(50_002), server(1));
    older.send(&mut world, &[0x17, 3, 3, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let mut dot = Connection::open(
        laptop(50_003),
        End {
            port: 853,
            ..server(1)
        },
        &mut world,
    );
    dot.send(&mut world, &client_hello(Some("dns.example"), false));
    let wireguard = [&[1, 0, 0, 0][..], &[7; 144]].concat();
    world.udp(
        laptop(51_820),
        End {
            port: 51_820,
            ..server(9)
        },
        &wireguard,
    );
    world.look_up(laptop(1), "nobody.example", &[server(1).address]);
    let outcome = watch(&world);
    let window = outcome.coverage.last().unwrap();
    assert_eq!(window.flows, 5);
    assert_eq!(window.flows_named, 2);
    assert_eq!(window.flows_unnamed, 2);
    assert_eq!(window.flows_mid_stream, 1);
    assert_eq!(window.flows_encrypted_dns, 1);
    assert_eq!(window.flows_tunnelled, 1);
    assert_eq!(window.frames, world.records.len() as u64);
    assert!(window.closed);
}

#[test]
fn a_clock_set_back_during_a_flow_leaves_findings_that_make_sense() {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    world.wait(-7_200);
    connection.send(&mut world, &client_hello(Some("api.talk.example"), false));
    world.wait(-7_200);
    connection.reply(&mut world, &server_hello());
    let findings = watch(&world).findings;
    assert_eq!(findings.len(), 2);
    for finding in &findings {
        assert!(finding.first_seen <= finding.last_seen, "{finding:?}");
        assert!(finding.first_seen >= finding.key.window_start);
    }
}

#[test]
fn clocks_may_leap() {
    let century = 100 * 365 * 86_400;
    let mut world = World::default();
    for (port, leap) in [
        (50_000, century),
        (50_001, -2 * century),
        (50_002, century),
        (50_003, 0),
    ] {
        let mut connection = Connection::open(laptop(port), server(1), &mut world);
        connection.exchange(&mut world, "api.talk.example", 700, 2_000);
        world.wait(leap);
    }
    let outcome = watch(&world);
    let findings = outcome.last_findings();
    assert_eq!(
        findings
            .iter()
            .map(|finding| finding.flow_count)
            .sum::<u64>(),
        4
    );
    assert_eq!(findings.len(), 3);
    assert!(outcome.coverage.len() < 20, "{}", outcome.coverage.len());
}

#[test]
fn any_time_at_all_is_survived() {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    for (place, record) in world.records.iter_mut().enumerate() {
        record.ts = match place % 3 {
            0 => Timestamp::from_nanos(i64::MIN),
            1 => Timestamp::from_nanos(i64::MAX),
            _ => record.ts,
        };
    }
    for window in [
        Duration::from_nanos(1),
        Duration::from_secs(3_600),
        Duration::MAX,
    ] {
        let outcome = watch_with(&world, EngineConfig { window, ..tap() });
        assert!(!outcome.findings.is_empty());
    }
}
