//! The queue over a folder: taking records, making room, making them durable.

mod read;
mod recover;
mod segment;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::filesystem::Filesystem;
use crate::format::{RECORD_HEADER, SEGMENT_HEADER, widen};
use crate::state::{State, StateFile};
use crate::{Config, Error, Sequence, Stats, SyncPolicy};
use read::Place;
use segment::{Active, Segment};

/// The least that a spool may hold, in bytes; a smaller limit is raised to it.
const MIN_BYTES: u64 = 16 << 10;
/// What one segment may be at most: a share of the whole, so that shedding one leaves most of it.
const SEGMENT_SHARE: u64 = 4;
/// How many accepted bytes may wait before they are written.
const BUFFER_BYTES: usize = 64 << 10;
/// How many accepted bytes may lack durability; they are held in memory.
const MAX_UNSYNCED_BYTES: usize = 4 << 20;
/// How many numbers are reserved at a time; so many are passed over after a crash at most.
const RESERVE: u64 = 4096;

/// The queue over any folder.
#[derive(Debug)]
pub(crate) struct Queue<S: Filesystem> {
    fs: S,
    max_bytes: u64,
    segment_bytes: u64,
    max_record: usize,
    sync: SyncPolicy,
    state: StateFile<S::File>,
    /// Oldest first; each has records, and all of them are durable.
    closed: VecDeque<Segment>,
    active: Active<S::File>,
    /// The number that the next record gets.
    next: Sequence,
    /// Records since the last flush.
    unsynced: u32,
    /// Where the last batch ended.
    place: Option<Place>,
}

impl<S: Filesystem> Queue<S> {
    fn limits(config: Config) -> (u64, u64, usize) {
        let max_bytes = config.max_bytes.max(MIN_BYTES);
        let share = max_bytes / SEGMENT_SHARE;
        let segment_bytes = config.segment_bytes.min(share);
        let framing = widen(RECORD_HEADER.saturating_add(SEGMENT_HEADER));
        let record = share.saturating_sub(framing).min(u64::from(u32::MAX));
        (
            max_bytes,
            segment_bytes,
            usize::try_from(record).unwrap_or(usize::MAX),
        )
    }

    /// Takes a record.
    pub(crate) fn append(&mut self, record: &[u8]) -> Result<Sequence, Error> {
        if record.len() > self.max_record {
            return Err(Error::RecordTooLarge {
                bytes: record.len(),
                limit: self.max_record,
            });
        }
        self.reserve()?;
        let need = widen(record.len().saturating_add(RECORD_HEADER));
        let full = self.active.len().saturating_add(need) > self.segment_bytes;
        if full && self.active.segment.records > 0 {
            self.roll()?;
        } else if self.active.unsynced() > MAX_UNSYNCED_BYTES {
            self.sync()?;
        }
        self.make_room(need)?;
        let sequence = self.next;
        let pushed = self.active.push(sequence, record, BUFFER_BYTES);
        pushed.map_err(|source| self.write_error(source))?;
        self.next = sequence.next();
        self.unsynced = self.unsynced.saturating_add(1);
        if let SyncPolicy::EveryRecords(count) = self.sync
            && self.unsynced >= count
            && let Err(error) = self.sync()
        {
            // The record was taken; whoever asks for durability is told.
            tracing::warn!(%error, "records could not be made durable yet");
        }
        Ok(sequence)
    }

    fn write_error(&self, source: std::io::Error) -> Error {
        Error::Write {
            path: self.fs.path(&segment::name(self.active.segment.first)),
            source,
        }
    }

    /// Sees to it that `next` is a number that no earlier run can have given away.
    fn reserve(&mut self) -> Result<(), Error> {
        let state = self.state.get();
        if self.next < state.reserved {
            return Ok(());
        }
        let reserved = Sequence::new(self.next.get().saturating_add(RESERVE));
        self.state.write(&self.fs, State { reserved, ..state })
    }

    /// Closes the active segment, durably, and starts another one.
    fn roll(&mut self) -> Result<(), Error> {
        self.sync()?;
        let fresh = Active::create(&self.fs, self.next)?;
        let full = std::mem::replace(&mut self.active, fresh);
        self.closed.push_back(full.segment);
        self.drop_acked();
        Ok(())
    }

    /// Sheds the oldest segments until `need` more bytes fit.
    fn make_room(&mut self, need: u64) -> Result<(), Error> {
        while self.file_bytes().saturating_add(need) > self.max_bytes {
            let Some(oldest) = self.closed.front().copied() else {
                break;
            };
            let state = self.state.get();
            self.state.write(
                &self.fs,
                State {
                    gone: oldest.last,
                    shed_records: state.shed_records.saturating_add(oldest.pending_records()),
                    shed_bytes: state.shed_bytes.saturating_add(oldest.pending_bytes()),
                    damaged: state.damaged.saturating_add(oldest.damaged),
                    ..state
                },
            )?;
            self.closed.pop_front();
            self.remove(oldest.first);
        }
        Ok(())
    }

    /// Removes a segment that the state says is gone. Should that fail, the next start does it.
    fn remove(&mut self, first: Sequence) {
        if self.place.is_some_and(|place| place.segment == first) {
            self.place = None;
        }
        if let Err(error) = self.fs.remove(&segment::name(first)) {
            tracing::warn!(%error, "a segment that is done with could not be removed");
        }
    }

    fn file_bytes(&self) -> u64 {
        let closed = self.closed.iter().map(|segment| segment.len);
        closed.fold(self.active.len(), u64::saturating_add)
    }

    /// Makes every record taken so far durable.
    pub(crate) fn sync(&mut self) -> Result<(), Error> {
        let synced = self.active.sync();
        synced.map_err(|source| self.write_error(source))?;
        self.unsynced = 0;
        Ok(())
    }

    /// The last record that is durable.
    fn durable_last(&self) -> Sequence {
        let closed = self.closed.back().map(|segment| segment.last);
        closed.unwrap_or_default().max(self.active.durable_last())
    }

    /// Notes that everything up to `up_to` has arrived.
    pub(crate) fn ack(&mut self, up_to: Sequence) -> Result<(), Error> {
        let up_to = up_to.min(self.durable_last());
        let state = self.state.get();
        if up_to <= state.acked {
            return Ok(());
        }
        let counted = self.count_acked(up_to)?;
        let done = self
            .closed
            .iter()
            .take_while(|segment| segment.last <= up_to);
        let damaged = done.fold(state.damaged, |sum, segment| {
            sum.saturating_add(segment.damaged)
        });
        let gone = self
            .closed
            .iter()
            .take_while(|segment| segment.last <= up_to)
            .last();
        let gone = gone.map_or(state.gone, |segment| state.gone.max(segment.last));
        self.state.write(
            &self.fs,
            State {
                acked: up_to,
                gone,
                damaged,
                ..state
            },
        )?;
        if let Some(counted) = counted {
            self.set(counted);
        }
        self.drop_acked();
        Ok(())
    }

    /// Removes closed segments that are acknowledged to their last record.
    fn drop_acked(&mut self) {
        while let Some(oldest) = self.closed.front().copied() {
            if oldest.last > self.state.get().gone {
                break;
            }
            self.closed.pop_front();
            self.remove(oldest.first);
        }
    }

    /// Replaces what is known of a segment.
    fn set(&mut self, segment: Segment) {
        if segment.first == self.active.segment.first {
            self.active.segment = segment;
        } else if let Some(place) = self.closed.iter_mut().find(|s| s.first == segment.first) {
            *place = segment;
        }
    }

    /// The figures.
    pub(crate) fn stats(&self) -> Stats {
        let state = self.state.get();
        let all = self
            .closed
            .iter()
            .chain(std::iter::once(&self.active.segment));
        let mut stats = Stats {
            shed_records: state.shed_records,
            shed_bytes: state.shed_bytes,
            corrupt_bytes: state.damaged,
            next_sequence: self.next,
            acked: state.acked,
            ..Stats::default()
        };
        for segment in all {
            stats.pending_records = stats
                .pending_records
                .saturating_add(segment.pending_records());
            stats.pending_bytes = stats.pending_bytes.saturating_add(segment.pending_bytes());
            stats.corrupt_bytes = stats.corrupt_bytes.saturating_add(segment.damaged);
        }
        stats
    }
}

impl<S: Filesystem> Drop for Queue<S> {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the spool could not be closed in full");
        }
    }
}

impl<S: Filesystem> Queue<S> {
    /// Makes everything durable and gives back the numbers that were not used.
    fn close(&mut self) -> Result<(), Error> {
        self.sync()?;
        let state = self.state.get();
        if state.reserved > self.next {
            self.state.write(
                &self.fs,
                State {
                    reserved: self.next,
                    ..state
                },
            )?;
        }
        Ok(())
    }
}
