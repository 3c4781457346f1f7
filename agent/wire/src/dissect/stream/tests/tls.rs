//! When reading ends: the server's answer, a second hello, what a cut frame leaves.

use super::Connection;
use crate::dissect::Direction;
use crate::testing::{Hello, handshake, record};

/// A ServerHello in its record; with `retry` it is a HelloRetryRequest.
fn server_hello(retry: bool) -> Vec<u8> {
    let mut body = vec![3, 3];
    if retry {
        body.extend([
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65,
            0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2,
            0xc8, 0xa8, 0x33, 0x9c,
        ]);
    } else {
        body.extend([3; 32]);
    }
    body.extend([0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4]);
    record(22, &handshake(2, &body))
}

#[test]
fn a_hello_in_one_segment_holds_nothing_and_ends_with_the_answer() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client(0, &hello);
    assert_eq!(connection.messages(), ["tls claude.ai"]);
    assert!(connection.holds_nothing() && !connection.is_done());
    connection.client(0, &hello);
    connection.server(0, &server_hello(false));
    assert!(connection.is_done());
    assert_eq!(connection.messages().len(), 1);
}

#[test]
fn a_hello_in_two_segments_ends_with_the_answer_too() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client(1400, &hello[1400..]);
    connection.client(0, &hello[..1400]);
    assert_eq!(connection.messages(), ["tls claude.ai"]);
    assert_eq!(connection.memory(), 0);
    connection.server(0, &server_hello(false));
    assert!(connection.is_done());
}

#[test]
fn the_answer_may_be_captured_before_the_end_of_the_hello() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client(1400, &hello[1400..]);
    connection.server(0, &server_hello(false));
    connection.client(0, &hello[..1400]);
    assert_eq!(connection.messages(), ["tls claude.ai"]);
    assert!(connection.is_done());
}

#[test]
fn a_retry_brings_a_second_hello() {
    let first = Hello::browser("claude.ai").records(9000);
    let second = [record(20, &[1]), Hello::plain("claude.ai").records(9000)].concat();
    for with_answer in [true, false] {
        let mut connection = Connection::new();
        connection.client(0, &first);
        if with_answer {
            connection.server(0, &server_hello(true));
        }
        connection.client(first.len(), &second);
        assert_eq!(connection.messages(), ["tls claude.ai", "tls claude.ai"]);
        connection.client(first.len(), &second);
        connection.finish();
        assert_eq!(connection.messages().len(), 2);
    }
}

#[test]
fn whatever_the_client_says_next_ends_it_without_the_server() {
    let hello = Hello::browser("claude.ai").records(9000);
    for next in [
        [record(20, &[1]), record(23, &[1; 40])].concat(),
        record(23, &[1; 40]),
        record(22, &[16, 0, 0, 9]),
        record(21, &[2, 40]),
    ] {
        let mut connection = Connection::new();
        connection.client(0, &hello);
        connection.client(hello.len(), &next);
        assert!(connection.is_done());
        assert_eq!(connection.finish().len(), 1);
    }
}

#[test]
fn early_data_does_not_hide_the_second_hello() {
    let mut hello = Hello::plain("early.example");
    hello.extensions.as_mut().expect("some").push((42, vec![]));
    let first = hello.records(9000);
    let early = [record(20, &[1]), record(23, &[8; 900])].concat();
    let second = Hello::plain("early.example").records(9000);
    let mut connection = Connection::new();
    connection.client(0, &first);
    connection.client(first.len(), &early);
    connection.client(first.len() + early.len(), &second);
    assert_eq!(connection.messages().len(), 2);
}

#[test]
fn a_frame_cut_behind_the_name_gives_it_at_once() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client_cut(0, &hello[..300], hello.len());
    assert_eq!(connection.messages(), ["tls claude.ai cut"]);
    assert!(connection.is_done());
    assert_eq!(connection.finish().len(), 1);
}

#[test]
fn a_frame_cut_before_the_name_gives_nothing_but_a_count() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client_cut(0, &hello[..90], hello.len());
    assert!(connection.finish().is_empty());
    assert_eq!(connection.seen.count("tls_incomplete"), 1);
}

#[test]
fn a_hello_that_never_ends_is_given_at_the_end() {
    let hello = Hello::browser("claude.ai").records(300);
    let mut connection = Connection::new();
    connection.client(0, &hello[..700]);
    assert!(connection.messages().is_empty());
    assert_eq!(connection.finish(), ["tls claude.ai cut"]);
}

#[test]
fn foreign_protocols_end_at_once() {
    for (client, server) in [
        (
            b"SSH-2.0-OpenSSH_9.2\r\n".as_slice(),
            b"SSH-2.0-x\r\n".as_slice(),
        ),
        (
            b"\x13BitTorrent protocol\0\0\0\0",
            b"\x13BitTorrent protocol",
        ),
        (
            b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
            b"\xff\xfe\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ),
    ] {
        let mut connection = Connection::new();
        connection.client(0, client);
        assert!(connection.holds_nothing());
        connection.server(0, server);
        for at in 1..10 {
            connection.client(at * client.len(), client);
            assert!(connection.holds_nothing());
        }
        assert!(connection.is_done());
        assert!(connection.messages().is_empty());
    }
}

#[test]
fn an_unknown_protocol_may_turn_to_tls() {
    let hello = Hello::browser("claude.ai").records(9000);
    let mut connection = Connection::new();
    connection.client(0, &[0xf7; 20]);
    connection.server(0, &[0xf8; 20]);
    connection.client(20, &[0xf7; 3]);
    assert!(connection.holds_nothing());
    connection.client(23, &hello);
    assert_eq!(connection.messages(), ["tls claude.ai"]);
    connection.server(20, &server_hello(false));
    connection.client(23 + hello.len(), &record(23, &[1; 40]));
    assert!(connection.is_done());
}

#[test]
fn a_server_that_greets_first_does_not_hide_the_client() {
    let hello = Hello::browser("claude.ai").records(9000);
    for greeting in [
        b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0".as_slice(),
        b"220 mail ESMTP\r\n",
    ] {
        let mut connection = Connection::new();
        connection.server(0, greeting);
        connection.client(0, &hello);
        assert_eq!(connection.messages(), ["tls claude.ai"]);
    }
}

#[test]
fn established_tls_is_left_alone_without_being_held() {
    let mut connection = Connection::mid_stream();
    for at in 0..9 {
        assert!(connection.holds_nothing());
        connection.client(at * 905, &record(23, &[1; 900]));
    }
    assert!(connection.is_done());
}

#[test]
fn without_a_syn_the_hello_may_be_captured_behind_what_it_began() {
    let hello = Hello::browser("claude.ai").records(9000);
    let after = [record(20, &[1]), record(23, &[1; 40])].concat();
    let data = record(23, &[1; 400]);
    let place = hello.len() + after.len();
    for first in [true, false] {
        let mut connection = Connection::mid_stream();
        if first {
            connection.server(0, &server_hello(false));
        }
        connection.client(place, &data);
        connection.client(hello.len(), &after);
        connection.client(0, &hello);
        assert_eq!(connection.finish(), ["tls claude.ai"]);
    }
}

#[test]
fn the_middle_of_something_long_is_held_for_a_short_while_only() {
    let mut connection = Connection::mid_stream();
    let bulk = vec![0xa7; 1400];
    for at in 0..100 {
        connection.client(at * 1400, &bulk);
        assert!(connection.memory() < 20_000);
    }
    assert_eq!(connection.memory(), 0);
    let super::State::Held(held) = &connection.state else {
        panic!("the other side may speak")
    };
    assert!(!held.wants(Direction::ToResponder) && held.wants(Direction::ToOriginator));
    for at in 0..100 {
        connection.server(at * 1400, &bulk);
    }
    assert!(connection.is_done());
}
