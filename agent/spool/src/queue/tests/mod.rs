//! The queue over a folder in memory: one behaviour at a time here, everything at once in `model`.

mod damage;
mod model;

use super::*;
use crate::filesystem::File;
use crate::filesystem::memory::{Dice, Memory};
use crate::format::SEGMENT_HEADER;

pub(super) fn config(max_bytes: u64, segment_bytes: u64) -> Config {
    Config {
        max_bytes,
        segment_bytes,
        sync: SyncPolicy::OnRequest,
    }
}

const LARGE: Config = Config {
    max_bytes: 1 << 20,
    segment_bytes: 1 << 12,
    sync: SyncPolicy::OnRequest,
};

fn record(number: u8, len: usize) -> Vec<u8> {
    vec![number; len]
}

fn numbers<S: Filesystem>(queue: &mut Queue<S>) -> Vec<u64> {
    let batch = queue
        .read_batch(Sequence::ZERO, usize::MAX, usize::MAX)
        .unwrap();
    batch.iter().map(|record| record.sequence.get()).collect()
}

fn filled(fs: &Memory, records: u8, len: usize) -> Queue<Memory> {
    let mut queue = Queue::open(fs.clone(), LARGE).unwrap();
    for number in 1..=records {
        queue.append(&record(number, len)).unwrap();
    }
    queue.sync().unwrap();
    queue
}

fn segments(fs: &Memory) -> Vec<String> {
    let mut names = fs.list().unwrap();
    names.retain(|name| segment::parse_name(name).is_some());
    names
}

#[test]
fn gives_records_in_order_and_only_once_they_are_durable() {
    let mut queue = Queue::open(Memory::default(), LARGE).unwrap();
    assert_eq!(queue.append(b"one").unwrap(), Sequence::new(1));
    assert_eq!(queue.append(b"").unwrap(), Sequence::new(2));
    assert!(numbers(&mut queue).is_empty());
    queue.sync().unwrap();
    let batch = queue.read_batch(Sequence::ZERO, 10, 1000).unwrap();
    assert_eq!(
        batch.iter().map(|r| r.bytes.as_slice()).collect::<Vec<_>>(),
        [b"one".as_slice(), b""]
    );
}

#[test]
fn batches_keep_to_both_limits_but_never_starve() {
    let mut queue = filled(&Memory::default(), 100, 100);
    let read = |queue: &mut Queue<Memory>, after, records, bytes| -> Vec<u64> {
        let batch = queue
            .read_batch(Sequence::new(after), records, bytes)
            .unwrap();
        batch.iter().map(|record| record.sequence.get()).collect()
    };
    assert_eq!(read(&mut queue, 0, 3, usize::MAX), [1, 2, 3]);
    assert_eq!(read(&mut queue, 3, 100, 250), [4, 5]);
    assert_eq!(read(&mut queue, 97, 100, 10), [98]);
    assert_eq!(
        read(&mut queue, 1, 2, usize::MAX),
        [2, 3],
        "reading again from before"
    );
    assert_eq!(read(&mut queue, 98, 100, usize::MAX), [99, 100]);
    assert!(read(&mut queue, 100, 100, usize::MAX).is_empty());
    assert!(read(&mut queue, 0, 0, usize::MAX).is_empty());
}

#[test]
fn acknowledged_segments_go_and_numbers_go_on() {
    let fs = Memory::default();
    let mut queue = filled(&fs, 100, 100);
    let before = segments(&fs).len();
    assert!(before > 2);
    queue.ack(Sequence::new(100)).unwrap();
    assert_eq!(segments(&fs).len(), 1);
    assert_eq!(queue.stats().pending_records, 0);
    drop(queue);
    let mut queue = Queue::open(fs, LARGE).unwrap();
    assert!(numbers(&mut queue).is_empty());
    assert_eq!(queue.append(b"next").unwrap(), Sequence::new(101));
}

#[test]
fn figures_follow_a_partial_acknowledgement() {
    let fs = Memory::default();
    let mut queue = filled(&fs, 100, 10);
    queue.ack(Sequence::new(37)).unwrap();
    queue.ack(Sequence::new(5)).unwrap();
    let stats = queue.stats();
    assert_eq!((stats.pending_records, stats.pending_bytes), (63, 630));
    assert_eq!(stats.acked, Sequence::new(37));
    drop(queue);
    let mut queue = Queue::open(fs, LARGE).unwrap();
    assert_eq!(queue.stats(), stats);
    assert_eq!(numbers(&mut queue).first(), Some(&38));
}

#[test]
fn an_acknowledgement_of_the_future_counts_up_to_what_is_durable() {
    let mut queue = filled(&Memory::default(), 3, 10);
    queue.append(b"not durable").unwrap();
    queue.ack(Sequence::new(1000)).unwrap();
    assert_eq!(queue.stats().acked, Sequence::new(3));
    queue.sync().unwrap();
    assert_eq!(numbers(&mut queue), [4]);
}

#[test]
fn a_full_spool_sheds_the_oldest_and_remembers_how_much() {
    let fs = Memory::default();
    let config = config(32 << 10, 4 << 10);
    let mut queue = Queue::open(fs.clone(), config).unwrap();
    for number in 0..1000_u32 {
        queue.append(&number.to_le_bytes().repeat(25)).unwrap();
    }
    queue.sync().unwrap();
    let stats = queue.stats();
    assert!(stats.shed_records > 0);
    assert_eq!(stats.shed_records + stats.pending_records, 1000);
    assert_eq!(stats.shed_bytes, stats.shed_records * 100);
    let left = numbers(&mut queue);
    assert_eq!(left.first(), Some(&(stats.shed_records + 1)));
    assert_eq!(left.len() as u64, stats.pending_records);
    let size: usize = segments(&fs).iter().map(|name| fs.bytes(name).len()).sum();
    assert!(size <= 32 << 10);
    drop(queue);
    assert_eq!(Queue::open(fs, config).unwrap().stats(), stats);
}

#[test]
fn a_record_that_can_never_fit_is_refused() {
    let mut queue = Queue::open(Memory::default(), config(64 << 10, 4 << 10)).unwrap();
    let error = queue.append(&vec![0; 16 << 10]).unwrap_err();
    assert!(matches!(error, Error::RecordTooLarge { limit, .. } if limit > 15 << 10));
    queue.append(&vec![7; 15 << 10]).unwrap();
    queue.append(b"after").unwrap();
    queue.sync().unwrap();
    assert_eq!(numbers(&mut queue), [1, 2]);
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    for calls in 0..60 {
        let fs = Memory::default();
        let mut queue = Queue::open(fs.clone(), config(1 << 20, 2 << 10)).unwrap();
        let mut accepted = Vec::new();
        fs.fail_after(calls, 5);
        for number in 0..100_u8 {
            if let Ok(sequence) = queue.append(&record(number, 300)) {
                accepted.push((sequence, record(number, 300)));
            }
            if number % 10 == 9 {
                queue.sync().unwrap_or_default();
            }
        }
        fs.heal();
        queue.sync().unwrap();
        let read = queue
            .read_batch(Sequence::ZERO, usize::MAX, usize::MAX)
            .unwrap();
        let read: Vec<_> = read.into_iter().map(|r| (r.sequence, r.bytes)).collect();
        assert_eq!(read, accepted, "refused after {calls} calls");
        std::mem::forget(queue);
        let mut queue = Queue::open(fs.crash(&mut Dice::new(calls as u64)), LARGE).unwrap();
        assert_eq!(
            numbers(&mut queue).len(),
            accepted.len(),
            "what was durable stays"
        );
    }
}

#[test]
fn every_so_many_records_are_durable_when_asked_for() {
    let fs = Memory::default();
    let config = Config {
        sync: SyncPolicy::EveryRecords(10),
        ..LARGE
    };
    let mut queue = Queue::open(fs, config).unwrap();
    for number in 0..25 {
        queue.append(&record(number, 10)).unwrap();
    }
    assert_eq!(numbers(&mut queue).len(), 20);
}
