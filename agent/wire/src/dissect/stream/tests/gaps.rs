//! Bytes that never come, and what is held because of them.

use std::time::Duration;

use super::Connection;
use crate::decode::TcpFlags;
use crate::dissect::Direction;
use crate::testing::Hello;

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";

#[test]
fn the_end_gives_what_lies_behind_missing_bytes() {
    let mut connection = Connection::new();
    connection.client(100, GET);
    assert!(connection.messages().is_empty());
    assert_eq!(connection.finish(), ["http GET a.example"]);
    assert_eq!(connection.seen.count("stream_gap"), 1);
}

#[test]
fn time_gives_up_missing_bytes() {
    let mut connection = Connection::new();
    connection.client(0, GET);
    connection.client(2 * GET.len(), GET);
    connection.now = connection.now.saturating_add(Duration::from_secs(5));
    connection.client(3 * GET.len(), GET);
    assert_eq!(connection.messages().len(), 3);
}

#[test]
fn an_acknowledgement_gives_up_missing_bytes() {
    let mut connection = Connection::new();
    connection.client(200, b"some text\r\n");
    let mut ack = super::segment((2, 1), super::SERVER, b"200 yes\r\n", 9);
    ack.ack = super::CLIENT.wrapping_add(2000);
    ack.flags = TcpFlags(TcpFlags::ACK);
    connection.segment(Direction::ToOriginator, &ack);
    for at in 0..12 {
        connection.client(300 + at * GET.len(), GET);
    }
    assert_eq!(connection.messages().len(), 12);
}

#[test]
fn a_hello_that_cannot_be_completed_ends_the_wait_for_what_is_behind_it() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client(0, &hello[..100]);
    let mut ack = super::segment((2, 1), super::SERVER, b"\0", 1);
    ack.ack = super::CLIENT.wrapping_add(2000);
    ack.flags = TcpFlags(TcpFlags::ACK);
    for at in 0..12 {
        connection.client(500 + at * 50, &[7; 10]);
        connection.segment(Direction::ToOriginator, &ack);
    }
    // What is left is the one byte of the other side.
    assert!(connection.memory() <= 8);
    assert!(connection.finish().is_empty());
}

#[test]
fn a_late_syn_ends_the_wait_for_a_start() {
    let mut connection = Connection::mid_stream();
    connection.client(0, &[0; 100]);
    assert!(connection.memory() > 0);
    let mut syn = super::segment((50_000, 4_433), super::CLIENT.wrapping_sub(1), b"", 0);
    syn.flags = TcpFlags(TcpFlags::SYN);
    connection.segment(Direction::ToResponder, &syn);
    assert_eq!(connection.memory(), 0);
}

#[test]
fn what_is_held_is_bounded_and_then_given_up() {
    let mut connection = Connection::new();
    for at in 0..200 {
        connection.client(1 + at * 1400, &[b'z'; 1400]);
        assert!(connection.memory() < 160 * 1024);
    }
    assert!(connection.seen.count("stream_held_too_much") > 0);
    let mut connection = Connection::new();
    for at in 0..5000 {
        connection.client(1 + at * 2, b"z");
        assert!(connection.memory() < 160 * 1024);
    }
}

#[test]
fn a_segment_from_elsewhere_is_refused_and_a_jump_is_followed() {
    let mut connection = Connection::new();
    connection.client(0, GET);
    connection.client(500_000_000, GET);
    assert_eq!(connection.messages().len(), 1);
    assert_eq!(connection.seen.count("stream_out_of_window"), 1);
    for at in 1..6 {
        connection.client(500_000_000 + at * GET.len(), GET);
    }
    assert!(connection.messages().len() > 2);
}
