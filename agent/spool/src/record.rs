//! The words of the public interface: sequence numbers, records, figures.

use std::fmt;

/// The number of a record: the first is 1, each next one larger, none is ever used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Sequence(u64);

impl Sequence {
    /// Before the first record.
    pub const ZERO: Self = Self(0);

    /// Wraps a number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number before this one, or zero.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One record as it was appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its number.
    pub sequence: Sequence,
    /// Its bytes, opaque to the spool.
    pub bytes: Vec<u8>,
}

/// The spool's figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Records that are there and not acknowledged.
    pub pending_records: u64,
    /// Their bytes, without framing.
    pub pending_bytes: u64,
    /// Records thrown away unacknowledged because the spool was full, since it was made.
    pub shed_records: u64,
    /// Their bytes, without framing.
    pub shed_bytes: u64,
    /// Bytes of files that were skipped as damaged, since it was made.
    pub corrupt_bytes: u64,
    /// The number that the next record gets.
    pub next_sequence: Sequence,
    /// Everything up to here is acknowledged.
    pub acked: Sequence,
}
