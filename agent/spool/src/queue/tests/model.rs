//! Any sequence of calls, refusals and crashes, against what the queue promises.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::Queue;
use super::config;
use crate::filesystem::memory::{Dice, Memory};
use crate::{Config, Sequence};

#[derive(Clone, Debug)]
enum Action {
    Append(usize),
    Sync,
    Read(usize, usize),
    Ack(usize),
    Reopen,
    Kill,
    Crash(u64),
    Fail(usize, usize),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![
        20 => (0_usize..400).prop_map(Action::Append),
        1 => (3000_usize..4000).prop_map(Action::Append),
        4 => Just(Action::Sync),
        4 => (1_usize..20, 1_usize..2000).prop_map(|(records, bytes)| Action::Read(records, bytes)),
        4 => (0_usize..40).prop_map(Action::Ack),
        1 => Just(Action::Reopen),
        1 => Just(Action::Kill),
        2 => any::<u64>().prop_map(Action::Crash),
        1 => (0_usize..12, 1_usize..6).prop_map(|(calls, outage)| Action::Fail(calls, outage)),
    ];
    prop::collection::vec(action, 1..120)
}

/// What must be true of the queue.
#[derive(Default)]
struct Model {
    /// Accepted and not known to be lost, shed or acknowledged.
    records: BTreeMap<u64, Vec<u8>>,
    /// The highest number ever given.
    given: u64,
    /// Up to here records must survive anything.
    durable: u64,
    /// Up to here an acknowledgement succeeded.
    acked: u64,
    /// Up to here one may have succeeded.
    maybe_acked: u64,
    appended: u64,
}

struct Run {
    fs: Memory,
    config: Config,
    queue: Queue<Memory>,
    model: Model,
}

impl Run {
    fn new(config: Config) -> Self {
        let fs = Memory::default();
        let queue = Queue::open(fs.clone(), config).unwrap();
        Self {
            fs,
            config,
            queue,
            model: Model::default(),
        }
    }

    fn act(&mut self, action: &Action) {
        match *action {
            Action::Append(len) => self.append(len),
            Action::Sync => {
                if self.queue.sync().is_ok() {
                    self.model.durable = self.model.given;
                }
            }
            Action::Read(records, bytes) => self.read_in_batches(records, bytes),
            Action::Ack(ahead) => self.ack(ahead),
            Action::Reopen => {
                self.fs.heal();
                self.queue.sync().unwrap();
                self.model.durable = self.model.given;
                // The old one is dropped first: it writes when it goes.
                let other = Memory::default();
                self.queue = Queue::open(other, self.config).unwrap();
                self.reopen();
            }
            Action::Kill => {
                self.fs = self.fs.kill();
                self.reopen();
            }
            Action::Crash(seed) => {
                self.fs = self.fs.crash(&mut Dice::new(seed));
                self.reopen();
            }
            Action::Fail(calls, outage) => self.fs.fail_after(calls, outage),
        }
    }

    fn append(&mut self, len: usize) {
        self.model.appended += 1;
        let bytes = self.model.appended.to_le_bytes().repeat(len / 8 + 1);
        if let Ok(sequence) = self.queue.append(&bytes) {
            assert!(sequence.get() > self.model.given, "a number is given once");
            self.model.given = sequence.get();
            self.model.records.insert(sequence.get(), bytes);
        }
    }

    fn ack(&mut self, ahead: usize) {
        let batch = self
            .queue
            .read_batch(Sequence::ZERO, ahead, usize::MAX)
            .unwrap();
        let Some(last) = batch.last() else { return };
        let up_to = last.sequence.get();
        self.model.maybe_acked = self.model.maybe_acked.max(up_to);
        if self.queue.ack(last.sequence).is_ok() {
            self.model.acked = up_to;
            self.model.records.retain(|number, _| *number > up_to);
        }
    }

    fn reopen(&mut self) {
        self.queue = Queue::open(self.fs.clone(), self.config).unwrap();
        let read = self
            .queue
            .read_batch(Sequence::ZERO, usize::MAX, usize::MAX)
            .unwrap();
        self.check(&read);
        let read: BTreeMap<u64, Vec<u8>> = read
            .into_iter()
            .map(|record| (record.sequence.get(), record.bytes))
            .collect();
        assert_eq!(self.queue.stats().pending_records, read.len() as u64);
        self.model.durable = self.model.given;
        self.model.records = read;
        assert!(self.queue.stats().next_sequence.get() > self.model.given);
    }

    /// What a reader gets must be what was accepted, and all of it that was durable, but for what was shed.
    fn check(&self, read: &[crate::Record]) {
        let mut before = self.model.acked;
        for record in read {
            let number = record.sequence.get();
            assert!(
                number > before,
                "in order, and nothing that is acknowledged"
            );
            assert_eq!(
                Some(&record.bytes),
                self.model.records.get(&number),
                "as it was accepted"
            );
            before = number;
        }
        let oldest = read
            .first()
            .map_or(u64::MAX, |record| record.sequence.get());
        let stats = self.queue.stats();
        let gone = self.model.maybe_acked.max(self.model.acked);
        let due = self
            .model
            .records
            .range(gone + 1..)
            .take_while(|(number, _)| **number <= self.model.durable);
        let missing: Vec<u64> = due
            .map(|(number, _)| *number)
            .filter(|number| {
                read.binary_search_by_key(number, |r| r.sequence.get())
                    .is_err()
            })
            .collect();
        assert!(
            missing.iter().all(|number| *number < oldest),
            "only the oldest may be shed"
        );
        assert!(
            missing.len() as u64 <= stats.shed_records,
            "what is shed is counted"
        );
    }

    fn read_in_batches(&mut self, records: usize, bytes: usize) {
        let mut all = Vec::new();
        let mut after = Sequence::ZERO;
        loop {
            let batch = self.queue.read_batch(after, records, bytes).unwrap();
            let Some(last) = batch.last() else { break };
            assert!(batch.len() <= records);
            after = last.sequence;
            all.extend(batch);
        }
        assert!(
            all.iter()
                .all(|record| record.sequence.get() <= self.model.given)
        );
        self.check(&all);
        // What was read once survives anything.
        let last = all.last().map_or(0, |record| record.sequence.get());
        self.model.durable = self.model.durable.max(last);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn keeps_its_promises_when_there_is_room(actions in actions()) {
        let mut run = Run::new(config(4 << 20, 3 << 10));
        for action in &actions {
            run.act(action);
        }
        prop_assert_eq!(run.queue.stats().shed_records, 0);
    }

    #[test]
    fn keeps_its_promises_when_it_is_full(actions in actions()) {
        let mut run = Run::new(config(16 << 10, 2 << 10));
        for action in &actions {
            run.act(action);
        }
    }
}
