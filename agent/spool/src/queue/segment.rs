//! Segments: what is known of each, and the one that is being written.

use std::io;

use crate::filesystem::{File, Filesystem};
use crate::format::{self, SEGMENT_HEADER, widen};
use crate::{Error, Sequence};

const SUFFIX: &str = ".seg";
const DIGITS: usize = 20;
/// How much memory for waiting bytes is kept when none wait.
const KEPT_BYTES: usize = 256 << 10;

/// The file name of the segment whose least possible sequence number is `first`.
pub(super) fn name(first: Sequence) -> String {
    format!("{:0width$}{SUFFIX}", first.get(), width = DIGITS)
}

/// The number in a segment's file name; `None` for other files.
pub(super) fn parse_name(name: &str) -> Option<Sequence> {
    let digits = name.strip_suffix(SUFFIX)?;
    let plain = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| digits.parse().ok().map(Sequence::new))
        .flatten()
}

/// What is known of a segment without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    /// The number of its name.
    pub(super) first: Sequence,
    /// The number of its last record; before `first` when there is none.
    pub(super) last: Sequence,
    pub(super) records: u64,
    /// Of the records, without framing.
    pub(super) bytes: u64,
    /// Of these, how many are acknowledged.
    pub(super) acked_records: u64,
    pub(super) acked_bytes: u64,
    /// Length of the file.
    pub(super) len: u64,
    /// Of the file, bytes that were stepped over.
    pub(super) damaged: u64,
}

impl Segment {
    pub(super) fn empty(first: Sequence) -> Self {
        Self {
            first,
            last: Sequence::new(first.get().saturating_sub(1)),
            records: 0,
            bytes: 0,
            acked_records: 0,
            acked_bytes: 0,
            len: widen(SEGMENT_HEADER),
            damaged: 0,
        }
    }

    pub(super) const fn pending_records(&self) -> u64 {
        self.records.saturating_sub(self.acked_records)
    }

    pub(super) const fn pending_bytes(&self) -> u64 {
        self.bytes.saturating_sub(self.acked_bytes)
    }

    /// Counts one more record.
    pub(super) fn add(&mut self, sequence: Sequence, bytes: usize, acked: bool) {
        self.last = sequence;
        self.records = self.records.saturating_add(1);
        self.bytes = self.bytes.saturating_add(widen(bytes));
        if acked {
            self.acked_records = self.acked_records.saturating_add(1);
            self.acked_bytes = self.acked_bytes.saturating_add(widen(bytes));
        }
    }

    pub(super) const fn ack_all(&mut self) {
        self.acked_records = self.records;
        self.acked_bytes = self.bytes;
    }
}

/// The segment that records are added to.
#[derive(Debug)]
pub(super) struct Active<F> {
    pub(super) segment: Segment,
    file: F,
    /// How much of the file is durable.
    durable: u64,
    /// The last record that is durable.
    durable_last: Sequence,
    /// Accepted bytes that are not durable; they belong behind `durable`. They are kept until they
    /// are, since a failed flush may drop what was written.
    unsynced: Vec<u8>,
    /// How many of them were written.
    written: usize,
    /// Whether something else may be in the file behind them.
    ragged: bool,
}

impl<F: File> Active<F> {
    /// Goes on with a segment of which everything is durable.
    pub(super) fn resume(segment: Segment, file: F) -> Self {
        Self {
            segment,
            file,
            durable: segment.len,
            durable_last: segment.last,
            unsynced: Vec::new(),
            written: 0,
            ragged: false,
        }
    }

    /// Makes the segment of that number, durably.
    pub(super) fn create<S: Filesystem<File = F>>(fs: &S, first: Sequence) -> Result<Self, Error> {
        let name = name(first);
        let made = fs.open(&name).and_then(|file| {
            file.set_len(0)?;
            file.write_at(0, &format::segment_header(first))?;
            file.sync()?;
            fs.sync_dir()?;
            Ok(file)
        });
        match made {
            Ok(file) => Ok(Self::resume(Segment::empty(first), file)),
            Err(source) => {
                // What is left of it holds no record; opening the spool again removes it, too.
                if let Err(error) = fs.remove(&name) {
                    tracing::debug!(%error, "an empty segment stays behind");
                }
                Err(Error::Write {
                    path: fs.path(&name),
                    source,
                })
            }
        }
    }

    /// The last record that is durable.
    pub(super) const fn durable_last(&self) -> Sequence {
        self.durable_last
    }

    /// How much of the file is durable.
    pub(super) const fn durable_len(&self) -> u64 {
        self.durable
    }

    /// How long the file will be when all is written.
    pub(super) fn len(&self) -> u64 {
        self.durable.saturating_add(widen(self.unsynced.len()))
    }

    /// How many accepted bytes are not durable.
    pub(super) fn unsynced(&self) -> usize {
        self.unsynced.len()
    }

    /// Takes a record. When more than `limit` bytes wait they are written; if that fails the
    /// record is given back.
    pub(super) fn push(
        &mut self,
        sequence: Sequence,
        record: &[u8],
        limit: usize,
    ) -> io::Result<()> {
        let before = self.unsynced.len();
        let offset = self.len();
        format::write_record(&mut self.unsynced, offset, sequence, record);
        if self.unsynced.len().saturating_sub(self.written) > limit
            && let Err(error) = self.write_out()
        {
            self.unsynced.truncate(before);
            return Err(error);
        }
        self.segment.add(sequence, record.len(), false);
        self.segment.len = self.len();
        Ok(())
    }

    /// Puts what waits into the file.
    fn write_out(&mut self) -> io::Result<()> {
        let waiting = self.unsynced.get(self.written..).unwrap_or_default();
        if waiting.is_empty() {
            return Ok(());
        }
        // Should a part be written, it is written over or cut off later.
        self.ragged = true;
        self.file
            .write_at(self.durable.saturating_add(widen(self.written)), waiting)?;
        self.written = self.unsynced.len();
        Ok(())
    }

    /// Makes everything durable.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.unsynced.is_empty() && !self.ragged {
            return Ok(());
        }
        self.write_out()?;
        let synced = self
            .file
            .set_len(self.len())
            .and_then(|()| self.file.sync());
        if let Err(error) = synced {
            self.written = 0;
            return Err(error);
        }
        self.durable = self.len();
        self.durable_last = self.segment.last;
        self.unsynced.clear();
        self.unsynced.shrink_to(KEPT_BYTES);
        self.written = 0;
        self.ragged = false;
        Ok(())
    }
}
