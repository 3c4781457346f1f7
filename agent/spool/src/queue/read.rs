//! Reading durable records back.

use super::Queue;
use super::recover::survey;
use super::segment::{self, Segment};
use crate::filesystem::{File, Filesystem};
use crate::format::{SEGMENT_HEADER, Scanner, widen};
use crate::{Error, Record, Sequence};

/// Where a batch ended, so that the next one need not look for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The segment's number.
    pub(super) segment: Sequence,
    /// Up to this record it was read.
    after: Sequence,
    /// Where in the file the next record starts.
    offset: u64,
}

impl<S: Filesystem> Queue<S> {
    /// Durable records after `after`, oldest first.
    pub(crate) fn read_batch(
        &mut self,
        after: Sequence,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, Error> {
        let after = after.max(self.state.get().acked);
        let mut batch = Batch {
            records: Vec::new(),
            bytes: 0,
            max_records,
            max_bytes,
            full: false,
        };
        let segments: Vec<Segment> = self.closed.iter().copied().collect();
        for segment in segments
            .into_iter()
            .chain(std::iter::once(self.active.segment))
        {
            if batch.full {
                break;
            }
            if segment.last > after {
                self.read_segment(&segment, after, &mut batch)?;
            }
        }
        Ok(batch.records)
    }

    fn read_segment(
        &mut self,
        segment: &Segment,
        after: Sequence,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let place = self.place_of(segment, after);
        let bytes = self.load(segment, place.offset)?;
        let mut scanner = Scanner::new(&bytes, place.offset, place.after);
        let end = place.offset.saturating_add(widen(bytes.len()));
        let mut place = place;
        let mut whole = true;
        for found in scanner.by_ref() {
            if found.sequence > after && !batch.take(found.sequence, found.record) {
                whole = false;
                break;
            }
            place = Place {
                after: found.sequence,
                offset: found.end,
                ..place
            };
        }
        let damaged = scanner.damaged() > 0 || (whole && place.offset < end);
        self.place = Some(place);
        if damaged && segment.first != self.active.segment.first {
            // It was sound when the spool was opened: count again what is left of it.
            let (now, _) = survey(&self.fs, segment.first, self.state.get())?;
            self.set(Segment {
                last: segment.last,
                ..now
            });
        }
        Ok(())
    }

    /// Where in `segment` to start so that no record after `after` is missed.
    fn place_of(&self, segment: &Segment, after: Sequence) -> Place {
        let start = Place {
            segment: segment.first,
            after: Sequence::new(segment.first.get().saturating_sub(1)),
            offset: widen(SEGMENT_HEADER),
        };
        let last = self
            .place
            .filter(|place| place.segment == segment.first && place.after <= after);
        last.unwrap_or(start)
    }

    /// The durable bytes of a segment from `offset` on.
    fn load(&self, segment: &Segment, offset: u64) -> Result<Vec<u8>, Error> {
        let end = if segment.first == self.active.segment.first {
            self.active.durable_len()
        } else {
            segment.len
        };
        let len = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let name = segment::name(segment.first);
        let read = self
            .fs
            .open(&name)
            .and_then(|file| file.read_at(offset, len));
        read.map_err(|source| Error::Access {
            path: self.fs.path(&name),
            source,
        })
    }

    /// What will be known of the segment that `up_to` is in once everything up to there is
    /// acknowledged; segments before it are acknowledged as a whole.
    pub(super) fn count_acked(&self, up_to: Sequence) -> Result<Option<Segment>, Error> {
        let all = self
            .closed
            .iter()
            .chain(std::iter::once(&self.active.segment));
        let Some(segment) = all.copied().find(|segment| segment.last >= up_to) else {
            return Ok(None);
        };
        let mut counted = segment;
        if segment.last <= up_to {
            counted.ack_all();
            return Ok(Some(counted));
        }
        let acked = self.state.get().acked;
        let place = self.place_of(&segment, acked);
        let bytes = self.load(&segment, place.offset)?;
        let found = Scanner::new(&bytes, place.offset, place.after);
        for found in found.take_while(|found| found.sequence <= up_to) {
            if found.sequence > acked {
                counted.acked_records = counted.acked_records.saturating_add(1);
                counted.acked_bytes = counted
                    .acked_bytes
                    .saturating_add(widen(found.record.len()));
            }
        }
        Ok(Some(counted))
    }
}

/// Records being collected, up to two limits.
struct Batch {
    records: Vec<Record>,
    bytes: usize,
    max_records: usize,
    max_bytes: usize,
    /// A record did not fit, so none behind it may be taken.
    full: bool,
}

impl Batch {
    /// Takes a record if it fits; the first one always does.
    fn take(&mut self, sequence: Sequence, record: &[u8]) -> bool {
        let bytes = self.bytes.saturating_add(record.len());
        self.full = self.records.len() >= self.max_records
            || (bytes > self.max_bytes && !self.records.is_empty());
        if !self.full {
            self.bytes = bytes;
            self.records.push(Record {
                sequence,
                bytes: record.to_vec(),
            });
        }
        !self.full
    }
}
