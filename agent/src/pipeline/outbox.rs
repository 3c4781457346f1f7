//! The spool as the agent shares it between the keeper, which fills it, and the shipper, which
//! empties it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use spool::{Spool, Stats};
use tokio::sync::Notify;

use crate::health::Health;
use crate::state::waiting;

/// Segment files are this fraction of the spool, within bounds: what is shed goes by segments.
const SEGMENTS: u64 = 32;
const SEGMENT_BYTES: std::ops::RangeInclusive<u64> = 64 << 10..=4 << 20;

/// The spool, who waits for records in it, and where its figures are shown.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    spool: Arc<Mutex<Spool>>,
    filled: Arc<Notify>,
    health: Arc<Health>,
    max_bytes: u64,
}

impl Outbox {
    /// Opens the spool in `dir`.
    pub(crate) fn open(dir: &Path, max_bytes: u64, health: Arc<Health>) -> Result<Self> {
        let config = spool::Config {
            max_bytes,
            segment_bytes: (max_bytes / SEGMENTS)
                .clamp(*SEGMENT_BYTES.start(), *SEGMENT_BYTES.end()),
            ..spool::Config::default()
        };
        let spool = Spool::open(dir, config)
            .with_context(|| format!("cannot open the spool in {}", dir.display()))?;
        let outbox = Self {
            spool: Arc::new(Mutex::new(spool)),
            filled: Arc::new(Notify::new()),
            health,
            max_bytes,
        };
        outbox.show();
        Ok(outbox)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oldest records that wait, encoded, and how many wait in all.
    pub(crate) fn peek(&self) -> Result<(Vec<Vec<u8>>, u64), spool::Error> {
        let mut spool = self.lock();
        let stats = spool.stats();
        let records = spool.read_batch(stats.acked, waiting::MAX_RECORDS, waiting::MAX_BYTES)?;
        let records = records.into_iter().map(|record| record.bytes).collect();
        Ok((records, stats.pending_records))
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats()
    }

    /// Makes what was appended durable and wakes the shipper.
    pub(crate) fn sync(&self) -> Result<(), spool::Error> {
        self.lock().sync()?;
        self.show();
        self.filled.notify_one();
        Ok(())
    }

    /// Waits until something was appended since the last wait.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Brings the figures in the status up to date.
    pub(crate) fn show(&self) {
        let stats = self.stats();
        self.health.update(|status| {
            status.spool.pending_records = stats.pending_records;
            status.spool.pending_bytes = stats.pending_bytes;
            status.spool.max_bytes = self.max_bytes;
            status.spool.shed_records = stats.shed_records;
            status.spool.shed_bytes = stats.shed_bytes;
            status.spool.corrupt_bytes = stats.corrupt_bytes;
        });
    }

    /// Whether so much waits that a source that can wait should.
    pub(crate) fn is_half_full(&self) -> bool {
        self.stats().pending_bytes > self.max_bytes / 2
    }
}
