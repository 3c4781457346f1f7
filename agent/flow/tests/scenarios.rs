//! What an engine and an aggregator say about traffic that is written for the purpose.
#![cfg(test)]
#![expect(unreachable_pub, reason = "a module of helpers for several tests")]
#![expect(dead_code, reason = "other tests use the rest of the helpers")]

mod support;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use flow::{EngineConfig, EvidenceKind, Finding, Mode, Specificity, Stage, StageLimit};
use signatures::ServiceId;
use support::catalogue::tap;
use support::world::{
    Connection, End, SECOND, TEN, World, client_hello, dns_answer, dns_query, dns_response,
    https_record_with_ech, laptop, resolver, server, server_hello,
};
use support::{Outcome, watch, watch_with};
use wire::Timestamp;

fn only(outcome: &Outcome) -> Finding {
    let findings = outcome.last_findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings[0].clone()
}

fn kinds(finding: &Finding) -> Vec<EvidenceKind> {
    finding
        .evidence
        .iter()
        .map(|evidence| evidence.kind)
        .collect()
}

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
    let from_client = |record: &support::files::Record| record.data[6..12] == laptop(0).mac;
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
fn a_hidden_name_is_attributed_by_its_only_look_up() {
    let hidden = |names: &[&str]| {
        let mut world = World::default();
        for name in names {
            world.look_up(laptop(1), name, &[server(1).address]);
        }
        let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
        connection.send(&mut world, &client_hello(Some("cloudflare-ech.com"), true));
        connection.reply(&mut world, &server_hello());
        watch(&world)
    };
    let one = hidden(&["talk.example"]);
    let finding = only(&one);
    assert_eq!(
        kinds(&finding),
        [EvidenceKind::DnsQuery, EvidenceKind::DnsCorrelated]
    );
    assert_eq!(finding.stage, Stage::Contacted);
    assert_eq!(one.coverage.last().unwrap().flows_hidden, 1);

    let two = hidden(&["talk.example", "other.example"]);
    assert_eq!(only(&two).stage, Stage::Resolved);
    assert_eq!(two.coverage.last().unwrap().flows_hidden, 1);
    assert!(hidden(&[]).findings.is_empty());
    assert!(hidden(&["other.example"]).findings.is_empty());
}

#[test]
fn an_offer_of_ech_in_dns_hides_an_unknown_outer_name() {
    let seen = |offer: bool| {
        let mut world = World::default();
        world.look_up(laptop(1), "talk.example", &[server(1).address]);
        let asking = laptop(30_000);
        world.udp(asking, resolver(), &dns_query("talk.example", 65));
        let records = if offer {
            vec![https_record_with_ech()]
        } else {
            Vec::new()
        };
        world.udp(
            resolver(),
            asking,
            &dns_response("talk.example", 65, &records),
        );
        let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
        connection.send(&mut world, &client_hello(Some("outer.example"), true));
        connection.reply(&mut world, &server_hello());
        watch(&world)
    };
    let offered = seen(true);
    assert_eq!(offered.coverage.last().unwrap().flows_hidden, 1);
    assert!(kinds(&only(&offered)).contains(&EvidenceKind::DnsCorrelated));
    let greased = seen(false);
    assert_eq!(greased.coverage.last().unwrap().flows_hidden, 0);
    assert_eq!(only(&greased).stage, Stage::Resolved);
}

#[test]
fn a_hello_without_a_name_is_attributed_by_its_only_look_up() {
    let mut world = World::default();
    world.look_up(laptop(1), "draw.example", &[server(1).address]);
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(None, false));
    connection.reply(&mut world, &server_hello());
    let outcome = watch(&world);
    assert_eq!(only(&outcome).stage, Stage::Contacted);
    assert_eq!(outcome.coverage.last().unwrap().flows_unnamed, 1);
}

#[test]
fn another_clients_look_up_says_nothing() {
    let mut world = World::default();
    world.look_up(
        End::new(3, "10.0.0.3", 1),
        "talk.example",
        &[server(1).address],
    );
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(Some("cloudflare-ech.com"), true));
    connection.reply(&mut world, &server_hello());
    let finding = only(&watch(&world));
    assert_eq!(finding.key.device.to_string(), "mac:02:00:00:00:00:03");
    assert_eq!(finding.stage, Stage::Resolved);
}

#[test]
fn a_proxy_carries_several_services_on_one_connection() {
    let proxy = End::new(9, "10.0.0.9", 3128);
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), proxy, &mut world);
    let first = b"GET http://api.talk.example/ HTTP/1.1\r\nHost: api.talk.example\r\n\r\n";
    let second =
        b"POST http://draw.example/ HTTP/1.1\r\nHost: draw.example\r\nContent-Length: 0\r\n\r\n";
    connection.send(&mut world, first);
    connection.reply(&mut world, &[b'x'; 300]);
    connection.send(&mut world, second);
    connection.reply(&mut world, &[b'x'; 500]);
    let findings = watch(&world).last_findings();
    let found: Vec<_> = findings
        .iter()
        .map(|f| {
            (
                f.key.service.as_str(),
                f.stage,
                f.flow_count,
                f.bytes_out,
                f.bytes_in,
            )
        })
        .collect();
    let (first, second) = (first.len() as u64, second.len() as u64);
    let expected = [
        ("draw", Stage::Used, 1, second, 500),
        ("talk", Stage::Contacted, 1, first, 300),
    ];
    assert_eq!(found, expected);
}

#[test]
fn connect_and_the_hello_in_it_are_one_finding() {
    let proxy = End::new(9, "10.0.0.9", 3128);
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), proxy, &mut world);
    let connect = b"CONNECT api.talk.example:443 HTTP/1.1\r\nHost: api.talk.example:443\r\n\r\n";
    connection.send(&mut world, connect);
    connection.reply(&mut world, b"HTTP/1.1 200 Connection established\r\n\r\n");
    assert_eq!(only(&watch(&world)).stage, Stage::Resolved);
    connection.exchange(&mut world, "api.talk.example", 700, 3_000);
    let finding = only(&watch(&world));
    assert_eq!(
        kinds(&finding),
        [EvidenceKind::TlsSni, EvidenceKind::HttpConnect]
    );
    assert_eq!(finding.evidence[1].value, "api.talk.example");
    assert_eq!(finding.stage, Stage::Used);
    assert_eq!(finding.flow_count, 1);
}

#[test]
fn a_local_runtime_is_found_near_the_client_only() {
    let asked = |server: End| {
        let mut world = World::default();
        let mut connection = Connection::open(laptop(50_000), server, &mut world);
        connection.send(
            &mut world,
            b"POST /api/generate HTTP/1.1\r\nHost: 127.0.0.1:11434\r\n\r\n{}",
        );
        connection.reply(&mut world, b"HTTP/1.1 200 OK\r\n\r\n");
        watch(&world)
    };
    let finding = only(&asked(End::new(4, "10.0.0.4", 11_434)));
    assert_eq!(finding.key.service.as_str(), "home");
    assert_eq!(finding.stage, Stage::Used);
    assert_eq!(finding.evidence[0].value, "127.0.0.1:11434");
    assert!(
        asked(End::new(254, "198.51.100.4", 11_434))
            .findings
            .is_empty()
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
fn clients_behind_a_router_are_devices_by_address() {
    let mut world = World::default();
    let client = |last: u8| End::new(7, &format!("10.1.0.{last}"), 50_000);
    for last in [2, 3] {
        let mut connection = Connection::open(client(last), server(1), &mut world);
        connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    }
    let devices: Vec<_> = watch(&world)
        .last_findings()
        .iter()
        .map(|f| f.key.device.to_string())
        .collect();
    assert!(devices.contains(&"ip:10.1.0.3".into()), "{devices:?}");
}

#[test]
fn vlans_keep_equal_macs_apart() {
    let mut world = World {
        vlan: Some(7),
        ..World::default()
    };
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    assert_eq!(
        only(&watch(&world)).key.device.to_string(),
        "mac:02:00:00:00:00:01@7"
    );
}

#[test]
fn an_endpoint_reports_what_it_opened_itself() {
    let mut world = World::default();
    let mut own = Connection::open(laptop(50_000), server(1), &mut world);
    own.exchange(&mut world, "api.talk.example", 700, 2_000);
    let mut container = Connection::open(End::new(5, "172.17.0.2", 50_000), server(1), &mut world);
    container.exchange(&mut world, "draw.example", 700, 2_000);
    let local_addresses = vec![laptop(0).address];
    let config = EngineConfig {
        mode: Mode::Endpoint { local_addresses },
        ..tap()
    };
    let finding = only(&watch_with(&world, config));
    assert_eq!(finding.key.service.as_str(), "talk");
    assert_eq!(finding.key.device, flow::Device::Enrolled);
    assert!(!finding.attribution.reason.is_empty());
}

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
fn a_resolver_does_not_use_what_others_ask_for() {
    let mut world = World::default();
    let (inner, outer) = (resolver(), End::new(254, "203.0.113.53", 53));
    let asking = End {
        port: 33_333,
        ..inner
    };
    world.udp(laptop(30_000), inner, &dns_query("api.talk.example", 1));
    world.udp(asking, outer, &dns_query("api.talk.example", 1));
    world.udp(
        outer,
        asking,
        &dns_answer("api.talk.example", &[server(1).address]),
    );
    world.udp(
        inner,
        laptop(30_000),
        &dns_answer("api.talk.example", &[server(1).address]),
    );
    assert_eq!(
        only(&watch(&world)).key.device.to_string(),
        "mac:02:00:00:00:00:01"
    );
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

#[test]
fn multicast_gives_a_device_its_name() {
    let mut world = World::default();
    let group = End::new(0xfb, "224.0.0.251", 5_353);
    let own = [laptop(0).address];
    world.udp(laptop(5_353), group, &dns_answer("laptop-7.local", &own));
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    assert_eq!(only(&watch(&world)).device_names, ["laptop-7.local"]);
}

#[test]
fn ipv6_and_ipv4_of_one_device_meet() {
    let v6 = |mac, address: &str, port| End::new(mac, address, port);
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    let (client, host) = (
        v6(1, "2001:db8::2", 50_001),
        v6(254, "2001:db8:ffff::1", 443),
    );
    let mut connection = Connection::open(client, host, &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    let finding = only(&watch(&world));
    assert_eq!(finding.flow_count, 2);
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

#[test]
fn addresses_far_and_near_are_told_apart() {
    let near: IpAddr = "100.64.0.1".parse().unwrap();
    let mut world = World::default();
    let server = End {
        address: near,
        port: 11_434,
        ..server(1)
    };
    let mut connection = Connection::open(laptop(50_000), server, &mut world);
    connection.send(
        &mut world,
        b"GET /api/tags HTTP/1.1\r\nHost: x:11434\r\n\r\n",
    );
    connection.reply(&mut world, b"HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(only(&watch(&world)).stage, Stage::Contacted);
}
