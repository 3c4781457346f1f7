//! The table against a model, and the counting of bytes against a plain set.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use wire::{TcpFlags, Timestamp};

use super::*;
use crate::key::TransportProtocol;

fn key(number: u32) -> FlowKey {
    let client = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number));
    let server = IpAddr::V4(Ipv4Addr::from(0xc633_6401));
    FlowKey::new(
        (client, 50_000).into(),
        (server, 443).into(),
        TransportProtocol::Tcp,
    )
}

#[test]
fn an_entry_takes_two_cache_lines() {
    assert_eq!(size_of::<Entry>(), 128);
}

proptest! {
    #[test]
    fn the_table_finds_what_was_put_in_and_forgets_by_age(
        steps in prop::collection::vec((0_u32..200, 0_u32..3), 1..400),
    ) {
        let mut table = FlowTable::new(64);
        let mut model: BTreeMap<FlowKey, u32> = BTreeMap::new();
        let mut tick = 0;
        for (number, pause) in steps {
            tick += pause;
            while let Some(slot) = table.take_expired(tick) {
                let key = table.get(slot).unwrap().key;
                prop_assert!(model.remove(&key).unwrap() + 10 <= tick);
                table.remove(slot);
            }
            let key = key(number);
            let hash = table.hash_of(&key);
            let slot = table.find(&key, hash);
            prop_assert_eq!(slot.is_some(), model.contains_key(&key));
            if slot.is_none() {
                while table.is_full() {
                    let slot = table.take_for_eviction().unwrap();
                    let key = table.get(slot).unwrap().key;
                    prop_assert!(model.remove(&key).is_some());
                    table.remove(slot);
                }
                table.insert(key, hash, Side::Low, Timestamp::default(), tick);
                model.insert(key, tick);
            }
            prop_assert_eq!(table.len(), model.len());
        }
        for key in model.keys() {
            let slot = table.find(key, table.hash_of(key));
            prop_assert_eq!(table.get(slot.unwrap()).unwrap().key, *key);
        }
        let left: BTreeSet<FlowKey> = table.iter().map(|(_, entry)| entry.key).collect();
        prop_assert!(left.iter().eq(model.keys()));
        table.clear();
        prop_assert_eq!(table.len(), 0);
        prop_assert!(model.keys().all(|key| table.find(key, table.hash_of(key)).is_none()));
    }

    #[test]
    fn every_byte_counts_once_in_any_order(
        start in any::<u32>(),
        pieces in prop::collection::vec((0_u32..5_000, 0_u32..1_500), 1..40),
        syn in any::<bool>(),
    ) {
        let mut entry = Entry::new(key(1), Side::Low, Timestamp::default(), 0);
        let mut touched = BTreeSet::new();
        if syn {
            count_segment(&mut entry, Side::Low, segment(start.wrapping_sub(1), 0, TcpFlags::SYN));
            touched.insert(0);
        }
        for (offset, len) in &pieces {
            count_segment(&mut entry, Side::Low, segment(start.wrapping_add(*offset), *len, 0));
            if *len > 0 {
                touched.extend([*offset, offset + len]);
            }
        }
        let span = match (touched.first(), touched.last()) {
            (Some(first), Some(last)) => last - first,
            _ => 0,
        };
        prop_assert_eq!(entry.bytes_of(Side::Low), u64::from(span));
        prop_assert_eq!(entry.bytes_of(Side::High), 0);
    }
}

const fn segment(seq: u32, payload_len: u32, flags: u8) -> (TcpFlags, u32, u32) {
    (TcpFlags(flags), seq, payload_len)
}

#[test]
fn counting_survives_the_wrap_and_ignores_what_is_far_off() {
    let mut entry = Entry::new(key(1), Side::Low, Timestamp::default(), 0);
    let mut seq = 5_u32;
    for _ in 0..3_000 {
        count_segment(&mut entry, Side::Low, segment(seq, 2_000_000, 0));
        seq = seq.wrapping_add(2_000_000);
    }
    assert_eq!(entry.bytes_of(Side::Low), 6_000_000_000);
    count_segment(
        &mut entry,
        Side::Low,
        segment(seq.wrapping_add(1 << 30), 10, 0),
    );
    assert_eq!(entry.bytes_of(Side::Low), 6_000_000_010);
    count_segment(&mut entry, Side::Low, segment(seq, 1_000, TcpFlags::RST));
    assert_eq!(entry.bytes_of(Side::Low), 6_000_000_010);
}
