//! Caps hold whatever the traffic, and what they cost is counted.

use crate::support::catalogue::tap;
use crate::support::world::{Connection, End, World, client_hello, laptop, server};
use flow::{Engine, EngineConfig, Observer, Tracker, TrackerConfig};
use wire::Message;

fn count_of(engine: &Engine, name: &str) -> u64 {
    engine.counters().count_of(name)
}

fn feed(engine: &mut Engine, world: &World) {
    for (record, number) in world.records.iter().zip(1..) {
        engine.handle_frame(&record.frame(number));
    }
}

#[test]
fn a_flood_of_opening_segments_leaves_older_connections_alone() {
    let mut world = World {
        step: 1_000,
        ..World::default()
    };
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(Some("api.talk.example"), false));
    world.wait(11);
    for flood in 0..2_000_u32 {
        let address = format!("203.0.{}.{}", flood / 250, flood % 250);
        world.tcp(End::new(9, &address, 1_234), server(2), flood, "S", &[]);
    }
    connection.reply(&mut world, &[0x16; 1_000]);
    let mut engine = Engine::new(EngineConfig {
        max_flows: 100,
        ..tap()
    });
    feed(&mut engine, &world);
    assert_eq!(count_of(&engine, "flows_evicted"), 1_901);
    engine.finish();
    let last = std::iter::from_fn(|| engine.poll_report()).last().unwrap();
    assert_eq!(last.bytes_in, 1_000);
}

#[test]
fn half_hellos_hold_no_more_than_the_cap() {
    let hello = client_hello(Some("api.talk.example"), false);
    let mut world = World {
        step: 1_000,
        ..World::default()
    };
    for port in 1_024..3_024 {
        let mut connection = Connection::new(laptop(port), server(1));
        world.tcp(connection.client, connection.server, 999, "S", &[]);
        connection.send(&mut world, &hello[..hello.len() - 10]);
    }
    let mut engine = Engine::new(EngineConfig {
        dissector_memory: 100_000,
        ..tap()
    });
    feed(&mut engine, &world);
    assert!(count_of(&engine, "dissectors_evicted") > 1_000);
    engine.finish();
    let named = std::iter::from_fn(|| engine.poll_report())
        .filter(|report| report.ended)
        .count();
    assert_eq!(named, 2_000, "an incomplete hello with a name still counts");
}

#[test]
fn a_flood_of_initials_is_shed_by_the_budget() {
    struct Nobody;
    impl Observer for Nobody {
        fn message(&mut self, _: &flow::MessageContext, _: Message<'_>) {}
    }
    let mut world = World {
        step: 1_000,
        ..World::default()
    };
    for flood in 0..500_u16 {
        let mut initial = vec![0xc3, 0, 0, 0, 1, 8];
        initial.extend(flood.to_be_bytes());
        initial.resize(1_200, 0x41);
        world.udp(laptop(10_000 + flood), server(1), &initial);
    }
    let mut tracker = Tracker::new(TrackerConfig {
        quic_openings_per_second: 100,
        ..TrackerConfig::default()
    });
    for (record, number) in world.records.iter().zip(1..) {
        tracker.handle_frame(&record.frame(number), &mut Nobody);
    }
    assert_eq!(tracker.counters().count_of("quic_openings_shed"), 400);
}

#[test]
fn idle_flows_are_forgotten() {
    let mut world = World::default();
    for port in 0..50 {
        world.udp(laptop(20_000 + port), server(3), b"whatever it is");
        world.tcp(laptop(20_000 + port), server(4), 1, "S", &[]);
    }
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.exchange(&mut world, "api.talk.example", 700, 2_000);
    for _ in 0..10 {
        world.wait(60);
        connection.send(&mut world, b"x");
    }
    struct Nobody;
    impl Observer for Nobody {
        fn message(&mut self, _: &flow::MessageContext, _: Message<'_>) {}
    }
    let mut tracker = Tracker::default();
    for (record, number) in world.records.iter().zip(1..) {
        tracker.handle_frame(&record.frame(number), &mut Nobody);
    }
    assert_eq!(tracker.flow_count(), 1);
    let later = world
        .records
        .last()
        .unwrap()
        .ts
        .saturating_add(std::time::Duration::from_secs(9_000));
    assert!(tracker.poll_timeout().unwrap() <= later);
    tracker.handle_timeout(later, &mut Nobody);
    assert_eq!(tracker.flow_count(), 0);
    assert!(tracker.poll_timeout().is_none());
}
