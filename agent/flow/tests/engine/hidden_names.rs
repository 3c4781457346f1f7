//! Names that the handshake does not show.

use flow::{EvidenceKind, Stage};

use crate::support::world::{
    Connection, End, World, client_hello, dns_answer, dns_chain, dns_query, dns_response,
    https_record_with_ech, laptop, resolver, server, server_hello,
};
use crate::support::{kinds, only, watch};

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
fn a_chain_of_names_leads_back_to_the_one_that_was_asked_for() {
    let mut world = World::default();
    let asking = laptop(30_000);
    world.udp(asking, resolver(), &dns_query("talk.example", 1));
    let chain = dns_chain("talk.example", "edge.cdn.example", [198, 51, 100, 1]);
    world.udp(resolver(), asking, &chain);
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(Some("cloudflare-ech.com"), true));
    connection.reply(&mut world, &server_hello());
    let finding = only(&watch(&world));
    let correlated = finding
        .evidence
        .iter()
        .find(|item| item.kind == EvidenceKind::DnsCorrelated);
    assert_eq!(correlated.unwrap().value, "talk.example");
}

#[test]
fn an_answer_that_nobody_asked_for_teaches_nothing() {
    let mut world = World::default();
    let answer = dns_answer("talk.example", &[server(1).address]);
    world.udp(resolver(), laptop(30_000), &answer);
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(Some("cloudflare-ech.com"), true));
    connection.reply(&mut world, &server_hello());
    let finding = only(&watch(&world));
    assert_eq!(kinds(&finding), [EvidenceKind::DnsQuery]);
    assert_eq!(finding.stage, Stage::Resolved);
}
