//! A durable, bounded queue of opaque records, in a folder of its own.
//!
//! [`Spool::append`] takes a record, [`Spool::sync`] makes everything taken so far durable,
//! [`Spool::read_batch`] gives durable records again, oldest first, and [`Spool::ack`] lets them go.
//! After a crash at any moment, of the process or of the machine, every record that was durable and
//! not acknowledged is still there, none that was acknowledged comes back, and no number is given to
//! a second record.
//!
//! When the files would grow past [`Config::max_bytes`], the oldest segment goes, acknowledged or not;
//! how many records and bytes were shed so is kept for good ([`Stats`]).
//!
//! # Files
//!
//! Folder and files are open to their owner only. All numbers are little-endian; every checksum is
//! CRC32C. Format version 1:
//!
//! | file | content |
//! |---|---|
//! | `lock` | empty; locked while a process has the spool open |
//! | `state` | two slots of one layout, at 0 and at 4096, written in turn; the valid one with the higher generation counts |
//! | `NNNNNNNNNNNNNNNNNNNN.seg` | a segment: a header, then records; the name is the least sequence number that may be in it |
//!
//! A slot of `state`:
//!
//! | offset | bytes | meaning |
//! |---|---|---|
//! | 0 | 7 | `GNOMSTA` |
//! | 7 | 1 | format version |
//! | 8 | 8 | generation, one more at each write |
//! | 16 | 8 | everything up to this number is acknowledged |
//! | 24 | 8 | everything up to this number was shed or acknowledged: its segments are gone |
//! | 32 | 8 | numbers below this one may have been given away |
//! | 40 | 8 | records shed since the spool was made |
//! | 48 | 8 | bytes of them |
//! | 56 | 8 | damaged bytes in segments that are gone |
//! | 64 | 4 | checksum of what is before it |
//!
//! The header of a segment: `GNOMSEG` (7 bytes), format version (1), the number of its name (8),
//! checksum of what is before it (4).
//!
//! A record in a segment:
//!
//! | offset | bytes | meaning |
//! |---|---|---|
//! | 0 | 4 | marker `0x9e52_c8a1` |
//! | 4 | 4 | length of the record |
//! | 8 | 8 | sequence number, larger than that of every record before it |
//! | 16 | 4 | checksum of the record |
//! | 20 | 4 | checksum of the record's offset in the file (8 bytes) and of the 20 bytes before this one |
//! | 24 | | the record |
//!
//! # Damage
//!
//! What a crash left behind the last whole record of the last segment is cut off. Damage anywhere else is
//! stepped over: reading goes on at the next record whose checksums hold. Since the checksum of a
//! record's head covers its place in the file, bytes inside a record that look like a record are not
//! taken for one. A damaged segment header costs nothing. Bytes cut off or stepped over are counted.
//!
//! A write that fails half way (disk full) is taken back or written over by the next one. After a
//! failed flush the system may have dropped what it had not written, so those bytes are written again before
//! the next flush.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod config;
mod error;
mod filesystem;
mod format;
#[doc(hidden)]
pub mod fuzzing;
mod queue;
mod record;
mod spool;
mod state;

pub use config::{Config, SyncPolicy};
pub use error::Error;
pub use record::{Record, Sequence, Stats};
pub use spool::Spool;
