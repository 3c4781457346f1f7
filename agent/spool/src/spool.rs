//! The public face of the queue: a folder on disk.

use std::path::Path;

use crate::filesystem::Disk;
use crate::queue::Queue;
use crate::{Config, Error, Record, Sequence, Stats};

/// A durable, bounded queue of opaque records in a folder. Dropping it makes what was accepted durable.
#[derive(Debug)]
pub struct Spool {
    queue: Queue<Disk>,
}

impl Spool {
    /// Opens the spool in `dir`, making it when it is not there, and repairs what a crash left.
    ///
    /// # Errors
    /// [`Error::InUse`] when another process has it open, [`Error::Access`] or [`Error::Write`] when the folder
    /// cannot be used, [`Error::NewerFormat`] when a later version wrote it.
    pub fn open(dir: &Path, config: Config) -> Result<Self, Error> {
        Ok(Self {
            queue: Queue::open(Disk::open(dir)?, config)?,
        })
    }

    /// Adds a record; it survives a crash once [`Spool::sync`] has returned.
    ///
    /// # Errors
    /// [`Error::Write`] when it could not be taken: nothing of it is kept, what was accepted before is, and a
    /// later call may work. [`Error::RecordTooLarge`] when it is longer than a quarter of the whole.
    pub fn append(&mut self, record: &[u8]) -> Result<Sequence, Error> {
        self.queue.append(record)
    }

    /// Makes every accepted record durable, and so readable.
    ///
    /// # Errors
    /// [`Error::Write`] when the disk refused; the records are still there, call again.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.queue.sync()
    }

    /// The durable records after `after` that are not acknowledged, oldest first, at most `max_records` of
    /// them and `max_bytes` in all; one that alone is longer than that is given alone.
    ///
    /// # Errors
    /// [`Error::Access`] when a file cannot be read.
    pub fn read_batch(
        &mut self,
        after: Sequence,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, Error> {
        self.queue.read_batch(after, max_records, max_bytes)
    }

    /// Notes, durably, that everything up to `up_to` has arrived and may go; numbers that are not
    /// durable yet are left out.
    ///
    /// # Errors
    /// [`Error::Write`] when that could not be noted down; nothing has changed then.
    pub fn ack(&mut self, up_to: Sequence) -> Result<(), Error> {
        self.queue.ack(up_to)
    }

    /// The spool's figures.
    pub fn stats(&self) -> Stats {
        self.queue.stats()
    }
}
