//! What happens around a hello: retransmission, Retry, other connections, other packets, damage.

use super::sealer::{Ids, Sealer, V1, V2, crypto, like_v1};
use super::{DCID, Flow, initial};
use crate::dissect::quic::QuicError;
use crate::dissect::{Direction, Reject, StreamState};
use crate::testing::Hello;

const OTHER: [u8; 20] = [9; 20];

fn hello() -> Vec<u8> {
    Hello::browser("chatgpt.com").message()
}

/// The two datagrams of a hello too long for one.
fn halves() -> [Vec<u8>; 2] {
    let hello = hello();
    let (one, two) = hello.split_at(900);
    [
        initial(&V1, 0, &crypto(0, one)),
        initial(&V1, 1, &crypto(900, two)),
    ]
}

#[test]
fn puts_a_hello_of_two_datagrams_together_in_either_order() {
    let [one, two] = halves();
    for order in [[&one, &two], [&two, &one]] {
        let mut flow = Flow::default();
        flow.client(order[0]);
        assert!(flow.heard.hellos.is_empty());
        assert!(flow.dissector.memory() > 0);
        flow.client(order[1]);
        assert_eq!(flow.heard.names(), ["chatgpt.com"]);
        assert!(flow.heard.hellos[0].2);
        assert_eq!(flow.dissector.memory(), 0);
    }
}

#[test]
fn a_retransmitted_hello_is_one_message() {
    let [one, two] = halves();
    let mut flow = Flow::default();
    for packet in [&one, &one, &two, &two, &one, &two] {
        flow.client(packet);
    }
    assert_eq!(flow.end().names(), ["chatgpt.com"]);
}

#[test]
fn the_rest_may_come_under_the_connection_id_of_the_server() {
    let hello = hello();
    let (one, two) = hello.split_at(900);
    let sealer = Sealer::client(&V1, &DCID);
    let ids = Ids {
        dcid: b"chosen by server",
        ..Ids::default()
    };
    let mut flow = Flow::default();
    flow.client(&initial(&V1, 0, &crypto(0, one)));
    flow.client(&sealer.seal(&ids, 1, &crypto(900, two), 1200));
    assert_eq!(flow.heard.names(), ["chatgpt.com"]);
}

fn retry(scid: &[u8]) -> Vec<u8> {
    let mut packet = vec![0xf0, 0, 0, 0, 1, 0, u8::try_from(scid.len()).unwrap()];
    packet.extend(scid);
    packet.extend([7; 40]);
    packet
}

#[test]
fn a_hello_after_retry_is_another_message() {
    let hello = hello();
    for id in [&OTHER[..], &OTHER[..4], &[]] {
        let again = Sealer::client(&V1, id);
        let ids = Ids {
            dcid: id,
            scid: &[1],
            token: &[7; 24],
        };
        let mut flow = Flow::default();
        flow.client(&initial(&V1, 0, &crypto(0, &hello)));
        assert_eq!(flow.server(&retry(id)), StreamState::Wanting);
        let packet = again.seal(&ids, 1, &crypto(0, &hello), 1200);
        flow.client(&packet);
        flow.client(&packet);
        assert_eq!(flow.end().names(), ["chatgpt.com"; 2]);
    }
}

#[test]
fn a_flow_is_done_once_the_server_has_answered_but_may_start_over() {
    let hello = hello();
    let mut flow = Flow::default();
    assert_eq!(
        flow.client(&initial(&V1, 0, &crypto(0, &hello))),
        StreamState::Wanting
    );
    let answer = Ids {
        dcid: &[1, 2, 3],
        scid: b"server id",
        ..Ids::default()
    };
    let answer = Sealer::server(&V1, &DCID).seal(&answer, 0, &crypto(0, &[2, 0, 0, 0]), 1200);
    assert_eq!(flow.server(&answer), StreamState::Done);
    // The client's acknowledgement costs no derivation, and the same hello again gives nothing.
    let ack = Ids {
        dcid: b"server id",
        ..Ids::default()
    };
    flow.client(&Sealer::client(&V1, &DCID).seal(&ack, 2, &[2, 0, 0, 0, 0], 1200));
    flow.client(&initial(&V1, 0, &crypto(0, &hello)));
    assert!(flow.heard.rejects.is_empty());
    let ids = Ids {
        dcid: &OTHER,
        ..Ids::default()
    };
    let other = Hello::plain("claude.ai").message();
    flow.client(&Sealer::client(&V1, &OTHER).seal(&ids, 0, &crypto(0, &other), 1200));
    assert_eq!(flow.end().names(), ["chatgpt.com", "claude.ai"]);
}

#[test]
fn a_flow_with_no_answer_in_sight_is_done_after_a_while() {
    let mut flow = Flow::default();
    flow.client(&initial(&V1, 0, &crypto(0, &hello())));
    let short = [0x40; 60];
    let looks = (0..100)
        .take_while(|_| flow.client(&short) == StreamState::Wanting)
        .count();
    assert!((1..20).contains(&looks), "{looks}");
}

#[test]
fn reads_hellos_of_the_versions_in_use() {
    let hello = hello();
    let versions = [
        V1,
        V2,
        like_v1(0xff00_0021),
        like_v1(0xff00_0022),
        like_v1(0xface_b003),
    ];
    let unheard_of = [like_v1(0xbaba_baba), like_v1(0x5043_5130)];
    for version in versions.iter().chain(&unheard_of) {
        let mut flow = Flow::default();
        flow.client(&initial(version, 0, &crypto(0, &hello)));
        assert_eq!(
            flow.heard.names(),
            ["chatgpt.com"],
            "{:08x}",
            version.number
        );
        assert_eq!(flow.heard.hellos[0].0, version.number);
    }
}

#[test]
fn a_change_of_version_under_the_same_id_is_another_hello() {
    let mut flow = Flow::default();
    for version in [like_v1(0xbaba_baba), V1] {
        flow.client(&initial(&version, 0, &crypto(0, &hello())));
    }
    assert_eq!(flow.end().names(), ["chatgpt.com"; 2]);
}

#[test]
fn finds_initials_among_coalesced_packets() {
    let hello = hello();
    let mut zero_rtt = vec![0xd0, 0, 0, 0, 1, 8];
    zero_rtt.extend(DCID);
    zero_rtt.extend([0, 0x40, 100]);
    zero_rtt.extend([0xaa; 100]);
    let ids = Ids {
        dcid: &DCID,
        ..Ids::default()
    };
    let sealer = Sealer::client(&V1, &DCID);
    let (one, two) = hello.split_at(700);
    let first = sealer.seal(&ids, 0, &crypto(0, one), 0);
    let second = sealer.seal(&ids, 1, &crypto(700, two), 0);
    let mut flow = Flow::default();
    flow.client(&[zero_rtt.as_slice(), &second, &zero_rtt, &first, &[0; 30]].concat());
    assert_eq!(flow.heard.names(), ["chatgpt.com"]);
}

#[test]
fn a_packet_that_the_capture_cut_gives_its_name_marked_incomplete() {
    let hello = hello();
    let packet = initial(&V1, 0, &crypto(0, &hello));
    let whole = packet.len() - 16;
    let named = (0..packet.len()).filter(|cut| {
        let mut flow = Flow::default();
        flow.datagram(Direction::ToResponder, &packet[..*cut], packet.len());
        let heard = flow.end();
        for (_, name, complete, ja4) in &heard.hellos {
            assert_eq!(name.as_deref(), Some("chatgpt.com"));
            // Only the tag is missing: then every byte of the hello is there.
            assert_eq!(*complete, *cut >= whole, "cut at {cut} of {whole}");
            assert_eq!(ja4.is_some(), *complete);
        }
        !heard.hellos.is_empty()
    });
    assert!(named.count() > 900);
}

#[test]
fn a_hello_that_never_ends_is_given_when_the_flow_does() {
    let [one, two] = halves();
    let mut flow = Flow::default();
    flow.client(&one);
    let heard = flow.end();
    assert_eq!(heard.names(), ["chatgpt.com"]);
    assert!(!heard.hellos[0].2);
    let mut flow = Flow::default();
    flow.client(&two);
    let heard = flow.end();
    assert!(heard.hellos.is_empty());
    assert_eq!(heard.rejects, [Reject::Quic(QuicError::Incomplete)]);
}

#[test]
fn packets_that_do_not_open_cost_few_derivations() {
    let mut flow = Flow::default();
    for number in 0..50_u8 {
        let id = [number; 12];
        let mut packet = initial(&V1, 0, &crypto(0, &hello()));
        packet.splice(5..14, [12].into_iter().chain(id));
        flow.client(&packet);
    }
    assert_eq!(flow.heard.rejects, [Reject::Quic(QuicError::NotOpened); 4]);
    assert_eq!(flow.dissector.memory(), 0);
}

#[test]
fn keeps_no_more_than_a_hello_of_any_flood_of_pieces() {
    let sealer = Sealer::client(&V1, &DCID);
    let ids = Ids {
        dcid: &DCID,
        ..Ids::default()
    };
    let mut flow = Flow::default();
    for number in 0..400_u32 {
        let offset = usize::try_from(number).unwrap() * 1100 + 1;
        flow.client(&sealer.seal(&ids, number, &crypto(offset, &[0; 1050]), 1200));
    }
    assert!(flow.dissector.memory() < 256 << 10);
    assert!(
        flow.heard
            .rejects
            .contains(&Reject::Quic(QuicError::TooFar))
    );
    let mut flow = Flow::default();
    for number in 0..40_u32 {
        let start = usize::try_from(number).unwrap() * 200;
        let frames: Vec<u8> = (0..100)
            .flat_map(|at| crypto(1 + (start + at) * 2, &[1]))
            .collect();
        flow.client(&sealer.seal(&ids, number, &frames, 1200));
    }
    assert!(
        flow.heard
            .rejects
            .contains(&Reject::Quic(QuicError::TooManyPieces))
    );
    assert!(flow.dissector.memory() < 256 << 10);
}

#[test]
fn frames_that_do_not_belong_are_counted() {
    let mut flow = Flow::default();
    flow.client(&initial(&V1, 0, &[0x08, 1, 2, 3]));
    assert_eq!(flow.heard.rejects, [Reject::Quic(QuicError::BadFrame)]);
}

#[test]
fn a_server_hello_is_no_hello() {
    let mut flow = Flow::default();
    flow.client(&initial(&V1, 0, &crypto(0, &[2, 0, 0, 2, 3, 3])));
    assert!(flow.end().hellos.is_empty());
}

#[test]
fn a_header_that_leaves_its_datagram_is_counted() {
    let packet = initial(&V1, 0, &crypto(0, &hello()));
    let mut flow = Flow::default();
    flow.client(&packet[..1100]);
    assert_eq!(flow.heard.rejects, [Reject::Quic(QuicError::BadHeader)]);
}
