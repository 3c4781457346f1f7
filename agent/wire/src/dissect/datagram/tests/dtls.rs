//! DTLS hellos: whole, in fragments, after a cookie, inside TURN.

use proptest::prelude::*;

use super::*;
use crate::dissect::tls::TlsError;
use crate::testing::Hello;

fn body(name: &str, cookie: &[u8]) -> Vec<u8> {
    let hello = Hello {
        version: 0xfefd,
        cookie: Some(cookie.to_vec()),
        ..Hello::plain(name)
    };
    hello.body()
}

fn fragment(kind: u8, number: u16, of: usize, offset: usize, data: &[u8]) -> Vec<u8> {
    let u24 = |value: usize| u32::try_from(value).unwrap().to_be_bytes()[1..].to_vec();
    let mut bytes = vec![kind];
    bytes.extend(u24(of));
    bytes.extend(number.to_be_bytes());
    bytes.extend(u24(offset));
    bytes.extend(u24(data.len()));
    bytes.extend(data);
    bytes
}

fn record(content: u8, epoch: u16, fragment: &[u8]) -> Vec<u8> {
    let mut bytes = vec![content, 0xfe, 0xfd];
    bytes.extend(epoch.to_be_bytes());
    bytes.extend([0; 6]);
    bytes.extend(u16::try_from(fragment.len()).unwrap().to_be_bytes());
    bytes.extend(fragment);
    bytes
}

/// The part of a hello from `offset`, `len` bytes of it, in a record of its own.
fn part(number: u16, body: &[u8], offset: usize, len: usize) -> Vec<u8> {
    let end = (offset + len).min(body.len());
    record(
        22,
        0,
        &fragment(1, number, body.len(), offset, &body[offset..end]),
    )
}

fn whole(number: u16, body: &[u8]) -> Vec<u8> {
    part(number, body, 0, body.len())
}

fn flow() -> Flow {
    Flow::new(40_000, 5684)
}

#[test]
fn a_hello_and_the_one_with_the_cookie_are_two_messages() {
    let first = whole(0, &body("turn.example", b""));
    let verify = record(22, 0, &fragment(3, 0, 3, 0, &[0xfe, 0xff, 0]));
    let second = whole(1, &body("turn.example", b"cookie"));
    let mut flow = flow();
    flow.client(&first)
        .client(&first)
        .server(&verify)
        .client(&second)
        .client(&second);
    assert_eq!(flow.told(), ["dtls turn.example true"; 2]);
    assert!(matches!(flow.state, First::Answered(answered) if answered.wants(&[0])));
    flow.server(&record(23, 1, &[0; 30]));
    assert!(matches!(flow.state, First::Answered(answered) if !answered.wants(&[0])));
}

#[test]
fn the_same_hello_from_the_other_side_is_another_message() {
    let hello = whole(0, &body("turn.example", b""));
    let mut flow = flow();
    flow.client(&hello).server(&hello);
    assert_eq!(flow.told().len(), 2);
}

#[test]
fn two_hellos_may_be_on_their_way_together() {
    let one = body("one.example", b"");
    let two = body("two.example", b"cookie");
    let mut flow = flow();
    flow.client(&part(1, &two, 0, 40))
        .client(&part(0, &one, 0, 40));
    flow.client(&part(1, &two, 40, 1000))
        .client(&part(0, &one, 40, 1000));
    assert_eq!(
        flow.told(),
        ["dtls two.example true", "dtls one.example true"]
    );
    assert!(matches!(flow.state, First::Answered(_)));
}

#[test]
fn several_records_may_share_a_datagram() {
    let body = body("a.example", b"");
    let mut flow = flow();
    flow.client(&[part(0, &body, 50, 1000), part(0, &body, 0, 50)].concat());
    assert_eq!(flow.told(), ["dtls a.example true"]);
}

#[test]
fn reads_every_version_that_is_in_the_field() {
    for version in [[0xfe, 0xff], [0xfe, 0xfd], [0xfe, 0xfc], [1, 0]] {
        let mut hello = whole(0, &body("a.example", b""));
        hello[1..3].copy_from_slice(&version);
        let mut flow = flow();
        assert_eq!(flow.client(&hello).told(), ["dtls a.example true"]);
    }
    let mut hello = whole(0, &body("a.example", b""));
    hello[1] = 3;
    assert!(flow().client(&hello).told().is_empty());
}

#[test]
fn finds_hellos_inside_turn() {
    let hello = whole(0, &body("call.example", b""));
    let len = u16::try_from(hello.len()).unwrap().to_be_bytes();
    let channel = [&[0x40, 1], len.as_slice(), &hello].concat();
    let mut indication = vec![0, 0x16, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    indication.extend([7; 12]);
    indication.extend([0, 0x12, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]);
    indication.extend([0, 0x13]);
    indication.extend(len);
    indication.extend(&hello);
    let binding = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    for wrapped in [channel, indication] {
        let mut flow = Flow::new(40_000, 3478);
        for _ in 0..20 {
            flow.client(&binding).server(&binding);
        }
        assert_eq!(flow.client(&wrapped).told(), ["dtls call.example true"]);
    }
}

#[test]
fn an_unfinished_hello_is_given_at_the_end_when_its_name_is_there() {
    let hello = Hello::browser("a.example");
    let body = Hello {
        cookie: Some(Vec::new()),
        ..hello
    }
    .body();
    let mut named = flow();
    named.client(&part(0, &body, 0, body.len() - 1));
    assert_eq!(named.end(), ["dtls a.example false"]);
    let mut nameless = flow();
    nameless.client(&part(0, &body, 0, 30));
    assert!(nameless.end().is_empty());
    assert_eq!(nameless.heard.rejects, [Reject::Tls(TlsError::Incomplete)]);
}

#[test]
fn a_flood_of_begun_hellos_holds_two() {
    let body = body("a.example", b"");
    let mut dissector = DatagramDissector::new();
    let mut heard = Heard::default();
    for number in 0..500 {
        let payload = part(number, &body, 5, 100);
        let len = u32::try_from(payload.len()).unwrap();
        let datagram = Datagram {
            src_port: 1,
            dst_port: 2,
            payload: &payload,
            payload_len: len,
        };
        dissector.datagram(
            Direction::ToResponder,
            &datagram,
            Timestamp::default(),
            &mut heard,
        );
    }
    assert!(dissector.memory() < 2048, "{}", dissector.memory());
    assert!(heard.messages.is_empty());
}

proptest! {
    #[test]
    fn fragments_in_any_order_and_again_give_one_message(
        step in 10_usize..200,
        seed in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        again in any::<bool>(),
    ) {
        let body = body("any.order.example", b"");
        let mut parts: Vec<Vec<u8>> =
            (0..body.len()).step_by(step).map(|at| part(0, &body, at, step)).collect();
        if again {
            parts.extend(parts.clone());
        }
        for (at, index) in seed.iter().enumerate() {
            let (a, b) = (at % parts.len(), index.index(parts.len()));
            parts.swap(a, b);
        }
        let mut flow = flow();
        for part in &parts {
            flow.client(part);
        }
        prop_assert_eq!(flow.told(), ["dtls any.order.example true"]);
    }

    #[test]
    fn any_records_are_taken_without_a_panic(
        content in 19_u8..27,
        epoch in 0_u16..2,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        kind in 0_u8..5,
        of in 0_usize..300,
        offset in 0_usize..300,
    ) {
        let mut flow = flow();
        flow.client(&record(content, epoch, &bytes));
        flow.client(&record(content, epoch, &fragment(kind, 0, of, offset, &bytes)));
        flow.end();
    }
}
