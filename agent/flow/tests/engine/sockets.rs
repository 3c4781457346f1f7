//! Bytes that the kernel counts on sockets take the place of packets that it kept back.

use std::net::SocketAddr;

use flow::{Engine, FiveTuple, FlowReport, SocketCounters, Stage, StageLimit, TransportProtocol};
use wire::Timestamp;

use crate::support::catalogue::tap;
use crate::support::world::{
    Connection, End, SECOND, TEN, World, client_hello, laptop, server, server_hello,
};
use crate::support::{only, watch};

/// When the figures of a test were taken: after all of its packets.
const LATER: i64 = TEN + 30 * SECOND;

fn tuple(from: End, to: End) -> FiveTuple {
    FiveTuple {
        orig: SocketAddr::new(from.address, from.port),
        resp: SocketAddr::new(to.address, to.port),
        transport: TransportProtocol::Tcp,
    }
}

const fn moved(bytes_out: u64, bytes_in: u64) -> SocketCounters {
    SocketCounters {
        bytes_out,
        bytes_in,
    }
}

/// An engine that has seen a world.
fn engine(world: &World) -> Engine {
    let mut engine = Engine::new(tap());
    see(&mut engine, world);
    engine
}

fn see(engine: &mut Engine, world: &World) {
    for (record, number) in world.records.iter().zip(1..) {
        engine.handle_frame(&record.frame(number));
    }
}

/// What was last said about the one flow of an engine that ends here.
fn last(engine: &mut Engine) -> FlowReport {
    engine.finish();
    let reports: Vec<_> = std::iter::from_fn(|| engine.poll_report()).collect();
    reports.last().unwrap().clone()
}

/// A connection up to the server's answer, and its closing when it is `closed`; what came between was kept back.
fn filtered(out: u32, back: u32, closed: bool) -> World {
    let mut world = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut world);
    connection.send(&mut world, &client_hello(Some("api.talk.example"), false));
    connection.reply(&mut world, &server_hello());
    connection.out = connection.out.wrapping_add(out);
    connection.back = connection.back.wrapping_add(back);
    if closed {
        connection.close(&mut world);
    }
    world
}

fn hello_bytes() -> (u64, u64) {
    let hello = client_hello(Some("api.talk.example"), false);
    (hello.len() as u64, server_hello().len() as u64)
}

#[test]
fn figures_of_a_socket_give_the_same_as_its_packets() {
    let mut whole = World::default();
    let mut connection = Connection::open(laptop(50_000), server(1), &mut whole);
    connection.exchange(&mut whole, "api.talk.example", 700, 90_000);
    let expected = only(&watch(&whole));
    assert_eq!(expected.stage, Stage::Used);
    let (out, back) = hello_bytes();
    let ends = tuple(laptop(50_000), server(1));
    for (ends, figures) in [
        (ends, moved(out + 700, back + 90_000)),
        (ends.reversed(), moved(back + 90_000, out + 700)),
    ] {
        let mut engine = engine(&filtered(700, 90_000, false));
        assert!(engine.wants_socket_counters());
        engine.handle_socket_counters(Timestamp::from_nanos(LATER), &ends, figures, false);
        let report = last(&mut engine);
        assert_eq!(report.stage, expected.stage);
        assert_eq!(
            (report.bytes_out, report.bytes_in),
            (expected.bytes_out, expected.bytes_in)
        );
        assert_eq!(report.last_seen.as_nanos(), LATER);
    }
}

#[test]
fn a_fin_tells_how_much_was_kept_back_before_it() {
    let report = last(&mut engine(&filtered(700, 90_000, true)));
    let (out, back) = hello_bytes();
    assert_eq!(report.stage, Stage::Used);
    assert_eq!(
        (report.bytes_out, report.bytes_in),
        (out + 700, back + 90_000)
    );
}

#[test]
fn figures_never_go_back() {
    let mut engine = engine(&filtered(0, 0, false));
    let ends = tuple(laptop(50_000), server(1));
    let at = Timestamp::from_nanos(LATER);
    engine.handle_socket_counters(at, &ends, moved(5_000, 80_000), false);
    engine.handle_socket_counters(at, &ends, moved(10, 20), false);
    engine.handle_socket_counters(at, &ends, moved(0, 81_000), false);
    let report = last(&mut engine);
    assert_eq!((report.bytes_out, report.bytes_in), (5_000, 81_000));
}

#[test]
fn what_matches_nothing_and_what_is_older_is_left_alone() {
    let mut engine = engine(&filtered(0, 0, false));
    let ends = tuple(laptop(50_000), server(1));
    let figures = moved(5_000, 80_000);
    let before = Timestamp::from_nanos(TEN);
    engine.handle_socket_counters(before, &ends, figures, true);
    let other = tuple(laptop(50_001), server(1));
    engine.handle_socket_counters(Timestamp::from_nanos(LATER), &other, figures, true);
    let report = last(&mut engine);
    assert_eq!((report.bytes_out, report.bytes_in), hello_bytes());
    assert_eq!(report.stage, Stage::Contacted);
}

#[test]
fn what_a_socket_moved_before_the_capture_is_not_counted() {
    let mut world = World::default();
    let mut connection = Connection::new(laptop(50_000), server(1));
    connection.send(&mut world, &client_hello(Some("api.talk.example"), false));
    connection.reply(&mut world, &server_hello());
    let mut engine = engine(&world);
    let (out, back) = hello_bytes();
    let ends = tuple(laptop(50_000), server(1));
    let before = (1 << 30, 1 << 31);
    for (more_out, more_back) in [(0, 0), (700, 9_000)] {
        let figures = moved(before.0 + out + more_out, before.1 + back + more_back);
        engine.handle_socket_counters(Timestamp::from_nanos(LATER), &ends, figures, false);
    }
    let report = last(&mut engine);
    assert_eq!(
        (report.bytes_out, report.bytes_in),
        (out + 700, back + 9_000)
    );
}

#[test]
fn figures_of_both_ways_lift_the_limit_of_one_direction() {
    let mut world = filtered(0, 0, false);
    let from_client = |data: &[u8]| data[6..12] == laptop(0).mac;
    world.records.retain(|record| from_client(&record.data));
    let mut one_way = engine(&world);
    let report = last(&mut one_way);
    assert_eq!(report.stage_limit, Some(StageLimit::OneDirection));
    let mut counted = engine(&world);
    let ends = tuple(laptop(50_000), server(1));
    let at = Timestamp::from_nanos(LATER);
    counted.handle_socket_counters(at, &ends, moved(5_000, 80_000), false);
    let report = last(&mut counted);
    assert_eq!((report.stage, report.stage_limit), (Stage::Used, None));
}

#[test]
fn a_closed_socket_ends_its_flow() {
    let mut engine = engine(&filtered(0, 0, false));
    let ends = tuple(laptop(50_000), server(1));
    let at = Timestamp::from_nanos(LATER);
    engine.handle_timeout(at);
    engine.handle_socket_counters(at, &ends, moved(5_000, 80_000), true);
    while engine.poll_report().is_some_and(|report| !report.ended) {}
    engine.handle_timeout(Timestamp::from_nanos(LATER + 75 * SECOND));
    let reports: Vec<_> = std::iter::from_fn(|| engine.poll_report()).collect();
    assert!(reports.iter().any(|report| report.ended), "{reports:?}");
    assert!(!engine.wants_socket_counters());
}

#[test]
fn frames_that_were_kept_back_are_covered() {
    let mut engine = engine(&filtered(0, 0, false));
    let at = Timestamp::from_nanos(LATER);
    engine.handle_filtered(at, 0, 0);
    engine.handle_filtered(at, 100, 140_000);
    engine.finish();
    let coverage = engine.take_coverage();
    let frames: u64 = coverage.slices.iter().map(|slice| slice.frames).sum();
    let bytes: u64 = coverage.slices.iter().map(|slice| slice.bytes).sum();
    assert_eq!(frames, 100 + 5);
    assert!(bytes > 140_000);
    assert_eq!(coverage.slices.last().unwrap().last_seen, at);
}
