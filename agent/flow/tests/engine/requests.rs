//! Requests in the clear: proxies and local runtimes.

use std::net::IpAddr;

use flow::{EvidenceKind, Stage};

use crate::support::world::{Connection, End, World, laptop, server};
use crate::support::{kinds, only, watch};

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

#[test]
fn a_server_of_tools_is_found_by_the_header_of_its_protocol_on_any_port() {
    let asked = |head: &str| {
        let mut world = World::default();
        let here = End::new(4, "10.0.0.4", 8_931);
        let mut connection = Connection::open(laptop(50_000), here, &mut world);
        connection.send(&mut world, head.as_bytes());
        connection.reply(&mut world, &[b'x'; 2_000]);
        watch(&world)
    };
    let start = "POST /mcp HTTP/1.1\r\nHost: 10.0.0.4:8931\r\nAccept: application/json, text/event-stream\r\n";
    let body = "Content-Length: 2\r\n\r\n{}";
    let finding = only(&asked(&format!(
        "{start}MCP-Protocol-Version: 2025-06-18\r\n{body}"
    )));
    assert_eq!(finding.key.service.as_str(), "tools");
    assert_eq!(finding.key.surface, signatures::Surface::Mcp);
    assert_eq!(finding.evidence[0].indicator, "local:POST /mcp");
    assert_eq!(finding.stage, Stage::Used);
    let session = only(&asked(&format!(
        "{start}mcp-session-id: 1868a90c\r\n{body}"
    )));
    assert_eq!(session.key.service.as_str(), "tools");
    assert!(
        asked(&format!("{start}{body}")).findings.is_empty(),
        "a path alone is nothing"
    );
    let other = start.replace("/mcp", "/other");
    assert!(
        asked(&format!("{other}Mcp-Session-Id: 1868a90c\r\n{body}"))
            .findings
            .is_empty()
    );
}
