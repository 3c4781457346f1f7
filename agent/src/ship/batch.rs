//! Records from the spool in batches, and what the collector says about them.

use std::collections::VecDeque;
use std::sync::Arc;

use prost::Message;
use proto::v1::{BatchAck, FindingBatch, Record};
use spool::Sequence;

use super::trouble::{Trouble, shown};
use crate::catalogue::Running;
use crate::health::Health;
use crate::pipeline::Outbox;
use crate::state::journal::Journal;

/// Records in one batch.
const MAX_RECORDS: usize = 500;
/// Bytes of records in one batch.
const MAX_BYTES: usize = 1 << 20;
/// Batches that may wait for their acknowledgement.
pub(super) const MAX_IN_FLIGHT: usize = 4;

/// One batch that is on its way.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    last: Sequence,
    records: u64,
}

/// Reads batches from the spool and acknowledges them there.
#[derive(Debug)]
pub(super) struct Batches {
    outbox: Outbox,
    journal: Journal,
    catalogue: Arc<Running>,
    health: Arc<Health>,
    in_flight: VecDeque<InFlight>,
    sent: Sequence,
    journaled: Sequence,
    max_records: usize,
}

impl Batches {
    pub(super) fn new(
        outbox: Outbox,
        journal: Journal,
        catalogue: Arc<Running>,
        health: Arc<Health>,
    ) -> Self {
        Self {
            outbox,
            journal,
            catalogue,
            health,
            in_flight: VecDeque::new(),
            sent: Sequence::ZERO,
            journaled: Sequence::ZERO,
            max_records: MAX_RECORDS,
        }
    }

    /// A new connection: what was on its way is sent again.
    pub(super) fn start_over(&mut self) {
        self.in_flight.clear();
        self.sent = self.outbox.stats().acked;
    }

    /// The collector did not take a batch as it was: smaller ones from now on. False when they
    /// are as small as can be.
    pub(super) fn shrink(&mut self) -> bool {
        let smaller = self.max_records > 1;
        self.max_records = (self.max_records / 2).max(1);
        smaller
    }

    pub(super) fn has_room(&self) -> bool {
        self.in_flight.len() < MAX_IN_FLIGHT
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Waits until there may be something to send.
    pub(super) async fn filled(&self) {
        self.outbox.filled().await;
    }

    /// The next batch, when there is one. It counts as sent.
    pub(super) async fn next(&mut self) -> Result<Option<FindingBatch>, Trouble> {
        loop {
            let (outbox, after, most) = (self.outbox.clone(), self.sent, self.max_records);
            let records =
                blocking(move || outbox.lock().read_batch(after, most, MAX_BYTES)).await?;
            let Some(last) = records.last().map(|record| record.sequence) else {
                return Ok(None);
            };
            self.sent = last;
            let batch = self.decode(last, records);
            if batch.records.is_empty() {
                self.settle().await?;
                continue;
            }
            self.note_down(&batch);
            let records = u64::try_from(batch.records.len()).unwrap_or(u64::MAX);
            self.in_flight.push_back(InFlight { last, records });
            return Ok(Some(batch));
        }
    }

    fn decode(&self, last: Sequence, records: Vec<spool::Record>) -> FindingBatch {
        let mut batch = FindingBatch {
            last_sequence: last.get(),
            records: Vec::new(),
        };
        for record in records {
            match Record::decode(record.bytes.as_slice()) {
                Ok(decoded) => {
                    let sequence = record.sequence.get();
                    batch.records.push(Record {
                        sequence,
                        ..decoded
                    });
                }
                Err(error) => {
                    tracing::error!(%error, "a record in the spool cannot be read; it is skipped");
                    self.health.count("records_unreadable", 1);
                }
            }
        }
        batch
    }

    /// Into the journal before it goes out, each record once in the life of this process.
    fn note_down(&mut self, batch: &FindingBatch) {
        let seen = self.journaled.get();
        let new = batch
            .records
            .iter()
            .position(|record| record.sequence > seen);
        let Some(new) = new.and_then(|index| batch.records.get(index..)) else {
            return;
        };
        match self.journal.write(new, &self.catalogue.current()) {
            Ok(()) => self.journaled = Sequence::new(batch.last_sequence),
            Err(error) => {
                tracing::warn!(%error, "what is reported cannot be noted down for `show`");
                self.health.count("journal_failures", 1);
            }
        }
    }

    /// Takes an acknowledgement; what it covers leaves the spool.
    pub(super) async fn acknowledged(&mut self, ack: BatchAck) -> Result<(), Trouble> {
        let up_to = Sequence::new(ack.acknowledged_sequence);
        if up_to > self.sent {
            return Err(Trouble::NotACollector(
                "it acknowledged what it was never sent".into(),
            ));
        }
        let mut delivered = 0_u64;
        while let Some(first) = self.in_flight.front().filter(|batch| batch.last <= up_to) {
            delivered = delivered.saturating_add(first.records);
            self.in_flight.pop_front();
        }
        self.refused(&ack);
        let refused = u64::try_from(ack.refusals.len()).unwrap_or(u64::MAX);
        // Before the records leave the spool: whoever waits for that reads these figures next.
        self.health.update(|status| {
            let collector = &mut status.collector;
            collector.records_delivered = collector
                .records_delivered
                .saturating_add(delivered.saturating_sub(refused));
            collector.last_acknowledged_at = Some(crate::text::time(crate::text::now()));
        });
        let outbox = self.outbox.clone();
        blocking(move || outbox.lock().ack(up_to)).await?;
        self.settle().await?;
        self.outbox.show();
        Ok(())
    }

    fn refused(&self, ack: &BatchAck) {
        let Some(last) = ack.refusals.last() else {
            return;
        };
        let count = u64::try_from(ack.refusals.len()).unwrap_or(u64::MAX);
        let reason = shown(&last.reason);
        tracing::warn!(count, %reason, "the collector refused records");
        self.health.update(|status| {
            let collector = &mut status.collector;
            collector.records_refused = collector.records_refused.saturating_add(count);
            collector.last_refusal = Some(reason);
        });
    }

    /// Records that were skipped have nobody to acknowledge them: they go once nothing before them
    /// is on its way.
    async fn settle(&mut self) -> Result<(), Trouble> {
        if self.in_flight.is_empty() {
            let (outbox, up_to) = (self.outbox.clone(), self.sent);
            blocking(move || {
                let mut spool = outbox.lock();
                if spool.stats().acked < up_to {
                    spool.ack(up_to)
                } else {
                    Ok(())
                }
            })
            .await?;
        }
        Ok(())
    }
}

/// Work on files, off the threads that serve the connection.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, spool::Error> + Send + 'static,
) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Trouble::Local(format!(
            "the spool cannot be used: {:#}",
            anyhow::Error::new(error)
        ))),
        Err(_) => Err(Trouble::Local("the spool cannot be used".into())),
    }
}
