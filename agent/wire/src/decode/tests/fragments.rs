//! Fragments of IP datagrams.

use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::Index;

use super::build::*;
use super::{Summary, frame, inner_summary, summary};
use crate::decode::{
    DecodeError, Decoder, FRAGMENT_TIMEOUT, MAX_FRAGMENT_BYTES, MAX_FRAGMENTED_DATAGRAMS,
    MAX_FRAGMENTS_PER_DATAGRAM, Transport,
};
use crate::frame::{Frame, LinkType, Timestamp};

const BIG: usize = 3_000;

fn big_datagram() -> Vec<u8> {
    let payload: Vec<u8> = (0..BIG).map(|at| u8::try_from(at % 251).unwrap()).collect();
    udp(40_000, 443, &payload)
}

fn expected() -> Summary {
    let payload = big_datagram().split_off(8);
    (
        IpAddr::from([192, 0, 2, 1]),
        40_000,
        IpAddr::from([192, 0, 2, 2]),
        443,
        payload,
    )
}

/// One fragment in IPv4: the bytes of `whole` from `start` to `end`.
fn piece_v4(id: u16, whole: &[u8], start: usize, end: usize) -> Vec<u8> {
    let mut packet = ipv4(17, &whole[start..end]);
    packet[4..6].copy_from_slice(&id.to_be_bytes());
    let more = if end < whole.len() { 0x2000 } else { 0 };
    let place = u16::try_from(start / 8).unwrap() | more;
    packet[6..8].copy_from_slice(&place.to_be_bytes());
    ethernet(0x0800, &packet)
}

/// The same in IPv6.
fn piece_v6(id: u32, protocol: u8, whole: &[u8], start: usize, end: usize) -> Vec<u8> {
    let more = u16::from(end < whole.len());
    let place = u16::try_from(start).unwrap() | more;
    let header = join(&[&[protocol, 0], &place.to_be_bytes(), &id.to_be_bytes()]);
    ethernet(0x86dd, &ipv6(44, &join(&[&header, &whole[start..end]])))
}

fn push(decoder: &mut Decoder, data: &[u8]) -> Result<Summary, DecodeError> {
    decoder
        .decode(&frame(LinkType::ETHERNET, data))
        .map(|packet| summary(&packet))
}

#[test]
fn fragments_of_both_families_are_put_together() {
    let whole = big_datagram();
    let mut decoder = Decoder::new();
    let cuts = [0, 1_480, 2_960, whole.len()];
    for pair in cuts.windows(2) {
        let last = pair[1] == whole.len();
        let v4 = push(&mut decoder, &piece_v4(7, &whole, pair[0], pair[1]));
        assert_eq!(
            v4,
            if last {
                Ok(expected())
            } else {
                Err(DecodeError::FragmentHeld)
            }
        );
        let v6 = push(&mut decoder, &piece_v6(7, 17, &whole, pair[0], pair[1]));
        assert_eq!(v6.is_ok(), last);
        if last {
            assert_eq!(v6.unwrap().4, expected().4);
        }
    }
    let reassembled = decoder
        .counters()
        .iter()
        .find(|(name, _)| name.contains("reassembled"));
    assert_eq!(reassembled.unwrap().1, 2);
}

#[test]
fn datagrams_do_not_mix() {
    let whole = big_datagram();
    let mut other = whole.clone();
    other[100] ^= 1;
    let mut decoder = Decoder::new();
    assert!(push(&mut decoder, &piece_v4(1, &whole, 0, 1_480)).is_err());
    assert!(push(&mut decoder, &piece_v4(2, &other, 0, 1_480)).is_err());
    assert_eq!(
        push(&mut decoder, &piece_v4(1, &whole, 1_480, whole.len())),
        Ok(expected())
    );
    assert_ne!(
        push(&mut decoder, &piece_v4(2, &other, 1_480, whole.len())),
        Ok(expected())
    );
}

#[test]
fn overlapping_bytes_that_agree_are_accepted() {
    let whole = big_datagram();
    let mut decoder = Decoder::new();
    for (start, end) in [
        (0, 1_480),
        (0, 1_480),
        (800, 1_600),
        (2_960, whole.len()),
        (8, 16),
    ] {
        let held = push(&mut decoder, &piece_v4(7, &whole, start, end));
        assert_eq!(held, Err(DecodeError::FragmentHeld));
    }
    assert_eq!(
        push(&mut decoder, &piece_v4(7, &whole, 1_480, 2_960)),
        Ok(expected())
    );
}

#[test]
fn overlapping_bytes_that_differ_end_the_datagram() {
    let whole = big_datagram();
    let mut other = whole.clone();
    other[1_000] ^= 1;
    let mut decoder = Decoder::new();
    assert!(push(&mut decoder, &piece_v4(7, &whole, 0, 1_480)).is_err());
    let overlap = push(&mut decoder, &piece_v4(7, &other, 800, 1_600));
    assert_eq!(overlap, Err(DecodeError::FragmentOverlap));
    let rest = push(&mut decoder, &piece_v4(7, &whole, 1_480, whole.len()));
    assert_eq!(rest, Err(DecodeError::FragmentOverlap));
    // The next datagram with that id is another one, once the time is over.
    let later = Timestamp::from_nanos(2_000).saturating_add(FRAGMENT_TIMEOUT);
    let again = piece_v4(7, &whole, 0, 1_480);
    let again = Frame {
        ts: later,
        ..frame(LinkType::ETHERNET, &again)
    };
    assert_eq!(
        decoder.decode(&again).err(),
        Some(DecodeError::FragmentHeld)
    );
}

#[test]
fn ends_that_differ_end_the_datagram() {
    let whole = big_datagram();
    let mut decoder = Decoder::new();
    assert!(push(&mut decoder, &piece_v4(7, &whole[..2_000], 1_480, 2_000)).is_err());
    let beyond = push(&mut decoder, &piece_v4(7, &whole, 2_000, 2_400));
    assert_eq!(beyond, Err(DecodeError::FragmentOverlap));
}

#[test]
fn places_that_cannot_be_are_refused() {
    let whole = big_datagram();
    let mut decoder = Decoder::new();
    let odd = push(&mut decoder, &piece_v4(7, &whole, 0, 1_001));
    assert_eq!(odd, Err(DecodeError::FragmentBad));
    let mut far = piece_v4(7, &whole, 0, 1_480);
    far[20..22].copy_from_slice(&0x3fff_u16.to_be_bytes());
    assert_eq!(push(&mut decoder, &far), Err(DecodeError::FragmentBad));
    assert_eq!(
        push(&mut decoder, &piece_v4(7, &whole, 0, 0)),
        Err(DecodeError::FragmentBad)
    );
}

#[test]
fn what_was_cut_from_a_fragment_cuts_the_whole() {
    let whole = big_datagram();
    let mut decoder = Decoder::new();
    let first = piece_v4(7, &whole, 0, 1_480);
    let cut = Frame {
        data: &first[..first.len() - 80],
        ..frame(LinkType::ETHERNET, &first)
    };
    assert!(decoder.decode(&cut).is_err());
    let last = piece_v4(7, &whole, 1_480, whole.len());
    let packet = decoder.decode(&frame(LinkType::ETHERNET, &last)).unwrap();
    let Transport::Udp(datagram) = packet.transport else {
        panic!("{packet:?}")
    };
    assert!(packet.cut);
    assert_eq!(datagram.payload, &expected().4[..1_400 - 8]);
    assert_eq!(datagram.payload_len as usize, BIG);
}

#[test]
fn a_tunnel_in_fragments_is_followed_and_its_fragments_too() {
    let inner = udp(40_000, 443, PAYLOAD);
    let mut halves = Vec::new();
    for (start, end) in [(0, 8), (8, inner.len())] {
        let piece = piece_v4(99, &inner, start, end);
        halves.push(join(&[&[8, 0, 0, 0, 0, 0, 1, 0], &piece]));
    }
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    for (id, half) in (1..).zip(&halves) {
        let outer = udp(50_000, 4789, half);
        for (start, end) in [(0, 32), (32, outer.len())] {
            found.push(push(&mut decoder, &piece_v4(id, &outer, start, end)));
        }
    }
    let last = found.pop().unwrap().unwrap();
    assert_eq!((last.1, last.3, last.4), (40_000, 443, PAYLOAD.to_vec()));
    assert!(
        found
            .iter()
            .all(|held| *held == Err(DecodeError::FragmentHeld))
    );
}

#[test]
fn a_tcp_segment_in_fragments_of_ipv6_is_read() {
    let segment = tcp(PAYLOAD);
    let mut decoder = Decoder::new();
    assert!(push(&mut decoder, &piece_v6(5, 6, &segment, 8, segment.len())).is_err());
    let found = push(&mut decoder, &piece_v6(5, 6, &segment, 0, 8)).unwrap();
    assert_eq!(found.4, inner_summary(false).4);
}

#[test]
fn memory_stays_within_its_caps() {
    let whole = vec![7; 60_000];
    let mut decoder = Decoder::new();
    for id in 0..3_000 {
        assert!(push(&mut decoder, &piece_v4(id, &whole, 0, 40_000)).is_err());
        assert!(decoder.memory() <= MAX_FRAGMENT_BYTES);
    }
    let mut decoder = Decoder::new();
    for id in 0..u16::try_from(MAX_FRAGMENTED_DATAGRAMS).unwrap() * 2 {
        assert!(push(&mut decoder, &piece_v4(id, &whole, 0, 8)).is_err());
    }
    let evicted = decoder
        .counters()
        .iter()
        .find(|(name, _)| name.contains("evicted"))
        .unwrap();
    assert_eq!(evicted.1, MAX_FRAGMENTED_DATAGRAMS as u64);
    let mut decoder = Decoder::new();
    let mut last = Ok(expected());
    for at in 0..=MAX_FRAGMENTS_PER_DATAGRAM {
        last = push(&mut decoder, &piece_v4(1, &whole, at * 16, at * 16 + 8));
    }
    assert_eq!(last, Err(DecodeError::FragmentTooMany));
}

#[test]
fn the_oldest_makes_room() {
    let whole = vec![7; 60_000];
    let mut decoder = Decoder::new();
    for id in 0..=u16::try_from(MAX_FRAGMENTED_DATAGRAMS).unwrap() {
        assert!(push(&mut decoder, &piece_v4(id, &whole, 0, 8)).is_err());
    }
    // The first was evicted, the second is there.
    let rest = |id| piece_v4(id, &whole, 8, whole.len());
    assert!(push(&mut decoder, &rest(0)).is_err());
    assert!(push(&mut decoder, &rest(2)).is_ok());
}

proptest! {
    #[test]
    fn any_order_and_repetition_gives_the_datagram_once(
        cuts in prop::collection::vec(1_usize..370, 1..12),
        order in prop::collection::vec(any::<Index>(), 0..40),
        is_ipv6: bool,
    ) {
        let whole = big_datagram();
        let mut ends: Vec<_> = cuts.iter().map(|cut| cut * 8).filter(|end| *end < whole.len()).collect();
        ends.extend([0, whole.len()]);
        ends.sort_unstable();
        ends.dedup();
        let pieces: Vec<_> = ends
            .windows(2)
            .map(|pair| match is_ipv6 {
                true => piece_v6(9, 17, &whole, pair[0], pair[1]),
                false => piece_v4(9, &whole, pair[0], pair[1]),
            })
            .collect();
        let mut decoder = Decoder::new();
        let mut seen = vec![false; pieces.len()];
        // In any order, and at the end whatever has not come.
        let picked: Vec<_> = order.iter().map(|index| index.index(pieces.len())).collect();
        for at in picked.into_iter().chain(0..pieces.len()) {
            seen[at] = true;
            let found = push(&mut decoder, &pieces[at]);
            if seen.iter().all(|seen| *seen) {
                prop_assert_eq!(found.unwrap().4, expected().4);
                return Ok(());
            }
            let is_held = matches!(found, Err(DecodeError::FragmentHeld));
            prop_assert!(is_held || pieces.len() == 1);
        }
    }
}
