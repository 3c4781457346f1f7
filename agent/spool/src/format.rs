//! Bytes of a segment: writing records, and finding them again whatever happened to the file.

use crate::Sequence;

/// The newest format version that is read, and the one that is written.
pub(crate) const VERSION: u8 = 1;

const SEGMENT_MAGIC: &[u8; 7] = b"GNOMSEG";
/// Length of a segment's header.
pub(crate) const SEGMENT_HEADER: usize = 20;
/// Length of what is before each record.
pub(crate) const RECORD_HEADER: usize = 24;
const MARKER: [u8; 4] = 0x9e52_c8a1_u32.to_le_bytes();

/// What the header of a segment says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeaderState {
    /// It is whole and of this version.
    Good,
    /// It is not there or does not hold together.
    Damaged,
    /// It is whole and of a later version.
    Newer(u8),
}

/// The header of the segment whose name is `first`.
pub(crate) fn segment_header(first: Sequence) -> [u8; SEGMENT_HEADER] {
    let mut header = [0; SEGMENT_HEADER];
    let (head, sum) = header.split_at_mut(16);
    let (magic, number) = head.split_at_mut(8);
    let (name, version) = magic.split_at_mut(7);
    name.copy_from_slice(SEGMENT_MAGIC);
    version.copy_from_slice(&[VERSION]);
    number.copy_from_slice(&first.get().to_le_bytes());
    sum.copy_from_slice(&crc32c::crc32c(head).to_le_bytes());
    header
}

/// Judges the header that `bytes` start with.
pub(crate) fn check_segment_header(bytes: &[u8]) -> HeaderState {
    let Some((head, rest)) = bytes.split_at_checked(16) else {
        return HeaderState::Damaged;
    };
    let sum = rest.first_chunk().map(|sum| u32::from_le_bytes(*sum));
    match (head.strip_prefix(SEGMENT_MAGIC), sum) {
        (Some([version, ..]), Some(sum)) if sum == crc32c::crc32c(head) => match *version {
            VERSION => HeaderState::Good,
            version if version > VERSION => HeaderState::Newer(version),
            _ => HeaderState::Damaged,
        },
        _ => HeaderState::Damaged,
    }
}

/// Puts a record behind `buffer`, which will be written so that the record starts at `offset` of its file.
/// The caller has checked that its length fits 32 bits.
pub(crate) fn write_record(buffer: &mut Vec<u8>, offset: u64, sequence: Sequence, record: &[u8]) {
    let start = buffer.len();
    buffer.extend_from_slice(&MARKER);
    buffer.extend_from_slice(
        &u32::try_from(record.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    buffer.extend_from_slice(&sequence.get().to_le_bytes());
    buffer.extend_from_slice(&crc32c::crc32c(record).to_le_bytes());
    let head = buffer.get(start..).unwrap_or_default();
    let sum = head_checksum(offset, head);
    buffer.extend_from_slice(&sum.to_le_bytes());
    buffer.extend_from_slice(record);
}

fn head_checksum(offset: u64, head: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&offset.to_le_bytes()), head)
}

/// A record found in a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) sequence: Sequence,
    pub(crate) record: &'a [u8],
    /// Where in the file the next record starts.
    pub(crate) end: u64,
}

/// Walks the records in some bytes of a segment.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    /// Where in the file `bytes` start.
    base: u64,
    at: usize,
    previous: Sequence,
    damaged: u64,
}

impl<'a> Scanner<'a> {
    /// Starts at the record at `base`; records up to `previous` are behind it.
    pub(crate) const fn new(bytes: &'a [u8], base: u64, previous: Sequence) -> Self {
        Self {
            bytes,
            base,
            at: 0,
            previous,
            damaged: 0,
        }
    }

    /// Bytes stepped over before the last record that was found.
    pub(crate) const fn damaged(&self) -> u64 {
        self.damaged
    }

    /// The record at `at`: `Err` with where to look next when there is none.
    fn read(&self, at: usize) -> Result<Found<'a>, usize> {
        let next = at.saturating_add(1);
        let rest = self.bytes.get(at..).unwrap_or_default();
        let Some((head, body)) = rest.split_first_chunk::<RECORD_HEADER>() else {
            return Err(self.bytes.len());
        };
        let [
            m0,
            m1,
            m2,
            m3,
            l0,
            l1,
            l2,
            l3,
            sequence @ ..,
            b0,
            b1,
            b2,
            b3,
            h0,
            h1,
            h2,
            h3,
        ] = *head;
        let sum = u32::from_le_bytes([h0, h1, h2, h3]);
        let offset = self.base.saturating_add(widen(at));
        let checked = head.get(..20).unwrap_or_default();
        if [m0, m1, m2, m3] != MARKER || sum != head_checksum(offset, checked) {
            return Err(next);
        }
        let len = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        let behind = at.saturating_add(RECORD_HEADER).saturating_add(len);
        let sequence = Sequence::new(u64::from_le_bytes(sequence));
        let Some(record) = body.get(..len) else {
            return Err(next);
        };
        if crc32c::crc32c(record) != u32::from_le_bytes([b0, b1, b2, b3])
            || sequence <= self.previous
        {
            return Err(behind);
        }
        Ok(Found {
            sequence,
            record,
            end: self.base.saturating_add(widen(behind)),
        })
    }

    /// The next place from `at` on where a record may start.
    fn next_marker(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let found = rest
            .windows(MARKER.len())
            .position(|window| window == MARKER);
        found.map_or(self.bytes.len(), |found| at.saturating_add(found))
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        let mut at = self.at;
        while at < self.bytes.len() {
            match self.read(at) {
                Ok(found) => {
                    self.damaged = self
                        .damaged
                        .saturating_add(widen(at.saturating_sub(self.at)));
                    self.at =
                        usize::try_from(found.end.saturating_sub(self.base)).unwrap_or(usize::MAX);
                    self.previous = found.sequence;
                    return Some(found);
                }
                Err(next) => at = self.next_marker(next),
            }
        }
        None
    }
}

/// A length as a file offset.
pub(crate) fn widen(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
