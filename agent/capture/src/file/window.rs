//! The part of a file that is held: one large block, and the start of a record that it cut.

use std::io::{self, Read};

use super::input::CaptureBytes;
use super::{MAX_BLOCK_BYTES, MAX_RECORD_BYTES};

/// Bytes asked for in one go: large enough that the system call does not count, small enough to stay
/// in the second-level cache until the frames have been worked on.
const READ_BYTES: usize = 256 * 1024;

/// Room for a record that was cut by the end of a block, and the next block.
const WINDOW_BYTES: usize = MAX_BLOCK_BYTES as usize + READ_BYTES;

const _: () = assert!(
    MAX_RECORD_BYTES < MAX_BLOCK_BYTES,
    "a frame fits the window"
);

/// What filling gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Filled {
    /// There is more to parse.
    More,
    /// The file has ended.
    End,
    /// The compressed data cannot be inflated further.
    Corrupt,
}

/// A window that moves over the bytes of a file.
#[derive(Debug)]
pub(super) struct Window {
    input: CaptureBytes,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Place in the inflated file of the first byte that is held.
    offset: u64,
}

impl Window {
    pub(super) fn new(input: CaptureBytes) -> Self {
        Self {
            input,
            bytes: vec![0; WINDOW_BYTES],
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// The bytes that are held and not yet used.
    pub(super) fn data(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Place in the inflated file of the first byte of `data`.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes taken from the file itself, and its size.
    pub(super) fn position(&self) -> (u64, u64) {
        self.input.position()
    }

    /// Steps over at most `count` of the bytes held; gives how many.
    pub(super) fn skip(&mut self, count: u64) -> u64 {
        let held = self.end.saturating_sub(self.start);
        let step = usize::try_from(count).unwrap_or(usize::MAX).min(held);
        self.start = self.start.saturating_add(step);
        self.offset = self.offset.saturating_add(step as u64);
        step as u64
    }

    /// Moves what is held to the front and reads the next block behind it.
    pub(super) fn fill(&mut self) -> io::Result<Filled> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        let goal = self.end.saturating_add(READ_BYTES).min(self.bytes.len());
        let before = self.end;
        while let Some(room @ [_, ..]) = self.bytes.get_mut(self.end..goal) {
            match self.input.read(room) {
                Ok(0) => break,
                Ok(read) => self.end = self.end.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What was inflated before the damage is still to be given.
                Err(error) if self.input.is_damage(&error) && self.end > before => break,
                Err(error) if self.input.is_damage(&error) => return Ok(Filled::Corrupt),
                Err(error) => return Err(error),
            }
        }
        Ok(if self.end > before {
            Filled::More
        } else {
            Filled::End
        })
    }
}
