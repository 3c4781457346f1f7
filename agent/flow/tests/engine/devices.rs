//! Who the client is.

use flow::{EngineConfig, Mode};

use crate::support::catalogue::tap;
use crate::support::world::{
    Connection, End, World, dns_answer, dns_query, laptop, resolver, server,
};
use crate::support::{only, watch, watch_with};

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
fn a_flow_stays_with_the_device_it_was_reported_for() {
    let mut world = World::default();
    let mut first = Connection::open(End::new(7, "10.1.0.2", 50_000), server(1), &mut world);
    first.exchange(&mut world, "api.talk.example", 700, 2_000);
    world.wait(120);
    let other = End::new(7, "10.1.0.3", 50_000);
    world.udp(other, resolver(), &dns_query("nobody.example", 1));
    first.send(&mut world, &[0x17; 300]);
    first.reply(&mut world, &[0x17; 900]);
    let finding = only(&watch(&world));
    assert_eq!(finding.key.device.to_string(), "mac:02:00:00:00:00:07");
    assert_eq!(finding.flow_count, 1);
    assert!(!finding.evidence.is_empty());
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
