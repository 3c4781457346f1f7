//! Hellos of Google QUIC.

use super::sealer::{Q050, V1, crypto};
use super::{Flow, initial};
use crate::dissect::quic::QuicError;
use crate::dissect::{Reject, StreamState};

/// A client hello with these tags.
fn chlo(tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut message = b"CHLO".to_vec();
    message.extend(u16::try_from(tags.len()).unwrap().to_le_bytes());
    message.extend([0, 0]);
    let mut end = 0_u32;
    for (tag, value) in tags {
        end += u32::try_from(value.len()).unwrap();
        message.extend(*tag);
        message.extend(end.to_le_bytes());
    }
    message.extend(tags.iter().flat_map(|(_, value)| value.to_vec()));
    message
}

/// Public header with version and connection id, number, hash, one stream frame.
fn q043(connection: u8, hello: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x09];
    packet.extend([connection; 8]);
    packet.extend(b"Q043");
    packet.push(1);
    packet.extend([0xee; 12]);
    packet.extend([0xa0, 1, 4, 0]);
    packet.extend(hello);
    packet
}

fn q046(hello: &[u8]) -> Vec<u8> {
    let mut packet = vec![0xc3];
    packet.extend(b"Q046");
    packet.push(0x50);
    packet.extend([3; 8]);
    packet.extend([0, 0, 0, 1]);
    packet.extend([0xee; 12]);
    packet.extend([0xa0, 1, 4, 0]);
    packet.extend(hello);
    packet
}

#[test]
fn reads_the_name_in_old_and_new_headers() {
    let hello = chlo(&[
        (b"PAD\0", &[b'-'; 600]),
        (b"SNI\0", b"gemini.google.com"),
        (b"VER\0", b"Q043"),
    ]);
    for (packet, text) in [(q043(1, &hello), "Q043"), (q046(&hello), "Q046")] {
        let mut flow = Flow::default();
        assert_eq!(flow.client(&packet), StreamState::Wanting);
        assert_eq!(flow.heard.others, [format!("{text} gemini.google.com")]);
    }
}

#[test]
fn one_message_for_each_connection() {
    let hello = chlo(&[(b"SNI\0", b"a.test")]);
    let mut flow = Flow::default();
    for connection in [1, 1, 2, 1] {
        flow.client(&q043(connection, &hello));
    }
    assert_eq!(flow.heard.others.len(), 2);
}

#[test]
fn a_hello_without_a_name_has_none() {
    let mut flow = Flow::default();
    flow.client(&q043(1, &chlo(&[(b"VER\0", b"Q043")])));
    assert_eq!(flow.heard.others, ["Q043 "]);
}

#[test]
fn lengths_that_run_backwards_are_counted() {
    let mut hello = chlo(&[(b"PAD\0", &[0; 40]), (b"SNI\0", b"a.test")]);
    hello[20..24].copy_from_slice(&8_u32.to_le_bytes());
    let mut flow = Flow::default();
    flow.client(&q043(1, &hello));
    assert_eq!(flow.heard.rejects, [Reject::Quic(QuicError::BadGquicHello)]);
}

#[test]
fn any_cut_gives_nothing_or_the_name() {
    let packet = q043(1, &chlo(&[(b"SNI\0", b"a.test"), (b"VER\0", b"Q043")]));
    for cut in 0..packet.len() {
        let mut flow = Flow::default();
        flow.client(&packet[..cut]);
        assert!(
            flow.heard.others.iter().all(|text| text == "Q043 a.test"),
            "{:?}",
            flow.heard
        );
    }
}

#[test]
fn a_protected_hello_is_read_in_the_versions_that_have_it() {
    let hello = chlo(&[(b"SNI\0", b"a.test")]);
    let mut frames = crypto(0, &hello);
    frames[0] = 8;
    let mut flow = Flow::default();
    flow.client(&initial(&Q050, 0, &frames));
    assert_eq!(flow.heard.others, ["Q050 a.test"]);
    let mut flow = Flow::default();
    flow.client(&initial(&V1, 0, &crypto(0, &hello)));
    assert!(flow.heard.others.is_empty());
}
