//! What a crash or a failing disk leaves in the files.

use super::*;

#[test]
fn a_torn_end_is_cut_off_wherever_it_is_torn() {
    let whole = {
        let fs = Memory::default();
        drop(filled(&fs, 3, 20));
        fs.bytes(&segments(&fs)[0])
    };
    let step = RECORD_HEADER + 20;
    for cut in 0..whole.len() {
        let fs = Memory::default();
        drop(filled(&fs, 3, 20));
        fs.open(&segments(&fs)[0])
            .unwrap()
            .set_len(cut as u64)
            .unwrap();
        let mut queue = Queue::open(fs, LARGE).unwrap();
        let left = cut.saturating_sub(SEGMENT_HEADER) / step;
        assert_eq!(numbers(&mut queue).len(), left, "cut at {cut}");
        let torn = cut.saturating_sub(SEGMENT_HEADER + left * step);
        assert_eq!(queue.stats().corrupt_bytes, torn as u64);
        assert_eq!(
            queue.append(b"new").unwrap(),
            Sequence::new(4),
            "a number of a lost record"
        );
        queue.sync().unwrap();
        assert_eq!(numbers(&mut queue).len(), left + 1);
    }
}

#[test]
fn damage_in_the_middle_costs_the_records_it_hits() {
    let fs = Memory::default();
    drop(filled(&fs, 20, 40));
    let name = segments(&fs)[0].clone();
    let step = RECORD_HEADER + 40;
    for hit in 0..fs.bytes(&name).len() {
        let fs = Memory::default();
        drop(filled(&fs, 20, 40));
        let old = fs.bytes(&name)[hit];
        fs.damage(&name, hit, &[old ^ 0x55]);
        let mut queue = Queue::open(fs.clone(), LARGE).unwrap();
        let lost = hit
            .checked_sub(SEGMENT_HEADER)
            .map(|at| at as u64 / step as u64 + 1);
        let expected: Vec<u64> = (1..=20).filter(|number| Some(*number) != lost).collect();
        assert_eq!(numbers(&mut queue), expected, "damage at {hit}");
        let damaged = if lost.is_some() { step as u64 } else { 0 };
        assert_eq!(queue.stats().corrupt_bytes, damaged, "damage at {hit}");
        drop(queue);
        let again = Queue::open(fs, LARGE).unwrap();
        assert_eq!(again.stats().corrupt_bytes, damaged, "counted once");
        assert_eq!(again.stats().next_sequence.get(), 21);
    }
}

#[test]
fn damage_that_comes_while_it_is_open_does_not_stop_reading() {
    let fs = Memory::default();
    let mut queue = filled(&fs, 200, 40);
    let name = segments(&fs)[0].clone();
    fs.damage(
        &name,
        SEGMENT_HEADER + 3 * (RECORD_HEADER + 40) + 30,
        &[0xff; 4],
    );
    let left = numbers(&mut queue);
    assert_eq!(left.len(), 199);
    assert!(!left.contains(&4));
    assert_eq!(queue.stats().pending_records, 199);
    assert_eq!(queue.stats().corrupt_bytes, (RECORD_HEADER + 40) as u64);
}

#[test]
fn a_record_that_looks_like_records_is_never_taken_for_them() {
    let fs = Memory::default();
    let mut queue = Queue::open(fs.clone(), LARGE).unwrap();
    // What the file would hold if this record's bytes stood elsewhere.
    let mut bait = Vec::new();
    crate::format::write_record(&mut bait, 20, Sequence::new(9), b"bait");
    queue.append(&bait.repeat(3)).unwrap();
    queue.append(b"true").unwrap();
    queue.sync().unwrap();
    drop(queue);
    fs.damage(&segments(&fs)[0], SEGMENT_HEADER, &[0; 4]);
    let mut queue = Queue::open(fs, LARGE).unwrap();
    assert_eq!(numbers(&mut queue), [2]);
}

#[test]
fn lost_state_gives_everything_again_and_reuses_nothing() {
    let fs = Memory::default();
    let mut queue = filled(&fs, 100, 100);
    queue.ack(Sequence::new(99)).unwrap();
    drop(queue);
    fs.damage(crate::state::NAME, 10, &[0xff]);
    fs.damage(crate::state::NAME, 4096 + 10, &[0xff]);
    let mut queue = Queue::open(fs, LARGE).unwrap();
    assert!(numbers(&mut queue).contains(&100));
    assert_eq!(queue.append(b"new").unwrap(), Sequence::new(101));
}

#[test]
fn one_damaged_slot_of_the_state_costs_one_step_at_most() {
    for slot in [0, 4096] {
        let fs = Memory::default();
        let mut queue = filled(&fs, 10, 10);
        queue.ack(Sequence::new(4)).unwrap();
        queue.ack(Sequence::new(7)).unwrap();
        std::mem::forget(queue);
        fs.damage(crate::state::NAME, slot + 20, &[0xff]);
        let queue = Queue::open(fs.kill(), LARGE).unwrap();
        assert!([4, 7].contains(&queue.stats().acked.get()));
    }
}

#[test]
fn a_later_format_is_left_alone() {
    let fs = Memory::default();
    drop(filled(&fs, 3, 10));
    let name = segments(&fs)[0].clone();
    let mut header = fs.bytes(&name)[..16].to_vec();
    header[7] = 9;
    let sum = crc32c::crc32c(&header).to_le_bytes();
    fs.damage(&name, 0, &[header.as_slice(), &sum].concat());
    let error = Queue::open(fs, LARGE).unwrap_err();
    assert!(matches!(
        error,
        Error::NewerFormat {
            found: 9,
            supported: 1,
            ..
        }
    ));
}

#[test]
fn what_a_failed_flush_left_in_memory_lasts_once_it_was_seen() {
    let fs = Memory::default();
    let mut queue = filled(&fs, 3, 10);
    queue.append(b"four").unwrap();
    // The write succeeds, the flush does not: the system forgets that there is something to write.
    fs.fail_after(2, 1);
    queue.sync().unwrap_err();
    std::mem::forget(queue);
    let fs = fs.kill();
    let mut queue = Queue::open(fs.clone(), LARGE).unwrap();
    assert_eq!(numbers(&mut queue), [1, 2, 3, 4]);
    std::mem::forget(queue);
    let mut queue = Queue::open(fs.crash(&mut Dice::new(1)), LARGE).unwrap();
    assert_eq!(numbers(&mut queue), [1, 2, 3, 4]);
}

#[test]
fn a_segment_that_was_only_begun_hides_nothing_of_the_one_before() {
    let fs = Memory::default();
    let mut queue = filled(&fs, 3, 1000);
    // The next segment is made and not finished; the record after that fits the old one.
    fs.fail_after(1, 3);
    queue.append(&record(4, 1000)).unwrap_err();
    fs.heal();
    assert_eq!(queue.append(b"four").unwrap(), Sequence::new(4));
    queue.sync().unwrap();
    std::mem::forget(queue);
    let mut queue = Queue::open(fs.kill(), LARGE).unwrap();
    assert_eq!(numbers(&mut queue), [1, 2, 3, 4]);
    queue.ack(Sequence::new(4)).unwrap();
    assert!(queue.append(b"new").unwrap() > Sequence::new(4));
    queue.sync().unwrap();
    assert_eq!(numbers(&mut queue).len(), 1);
}
