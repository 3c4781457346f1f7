//! One direction of a TCP connection, put in order as far as somebody still wants it.
//!
//! Bytes are keyed by their sequence number, modulo 2^32, so order does not matter and the number may
//! wrap. What is consumed is gone; what is not wanted (a body) is passed over by counting, captured or
//! not. Three places hold bytes, all under [`MAX_HELD`]: `pending`, in order but not consumed yet, and
//! `pieces`, which came before the bytes in front of them.
//!
//! Overlaps: **the bytes that came first count**. What a retransmission says differently is dropped and
//! counted as [`StreamError::OverlapDiffers`], as far as the first ones are still held.

mod pieces;

pub(crate) use pieces::Piece;

use crate::dissect::stream::StreamError;

/// The most bytes that one direction holds: a ClientHello, a request head or a DNS message fits.
pub(crate) const MAX_HELD: usize = 66 * 1024;
/// The most room that is made for bytes that are only announced.
const MOST_AHEAD: usize = 4 * 1024;
/// The most pieces that wait for bytes before them: 64 KiB in segments of the smallest common size.
pub(crate) const MAX_PIECES: usize = 160;
/// How far ahead of the bytes in order a segment can lie; a window of 16 MiB is as large as it gets.
const MAX_AHEAD: i64 = 16 << 20;

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Accepted<'a> {
    /// Its bytes were seen before, or nobody wants them.
    Nothing,
    /// Nothing new is in order; it is held.
    Held,
    /// These bytes come next; `missing` ones after them were not captured.
    InOrder { bytes: &'a [u8], missing: u32 },
    /// It lies too far ahead.
    OutOfWindow,
    /// There is no room to hold it.
    Full,
}

/// One direction of a TCP connection.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    /// Sequence number of the first pending byte.
    next: u32,
    /// Bytes from `next` on that nobody wants; nothing is pending while there are any.
    skip: u64,
    pending: Vec<u8>,
    /// By distance from `next`, not overlapping.
    pieces: Vec<Piece>,
    /// Bytes in all `pieces`.
    waiting: usize,
    /// Bytes after the pending ones that the snap length cut off.
    missing: u32,
}

impl Reassembly {
    /// Expects `seq` next; pieces before it are dropped.
    pub(crate) fn start_at(&mut self, seq: u32) {
        self.next = seq;
        self.skip = 0;
        self.missing = 0;
        self.pending.clear();
        let mut waiting = 0_usize;
        self.pieces.retain(|piece| {
            let keep = distance(seq, piece.seq) >= 0;
            waiting = waiting.saturating_add(if keep { piece.bytes.len() } else { 0 });
            keep
        });
        self.pieces.sort_by_key(|piece| distance(seq, piece.seq));
        self.waiting = waiting;
    }

    /// Takes a segment whose first byte has the number `seq` and that had `wire_length` bytes on the wire.
    pub(crate) fn accept<'a>(
        &mut self,
        seq: u32,
        payload: &'a [u8],
        wire_length: u32,
        report: &mut impl FnMut(StreamError),
    ) -> Accepted<'a> {
        let mut length = i64::from(wire_length.max(length(payload)));
        let mut payload = payload;
        let mut ahead = distance(self.end(), seq);
        let passed = self.pass_over(ahead, length);
        if passed < 0 {
            return Accepted::Nothing;
        }
        ahead = ahead.saturating_sub(passed);
        if ahead < 0 {
            let seen = ahead.saturating_neg();
            self.compare(payload, seen, report);
            length = length.saturating_sub(seen);
            if length <= 0 {
                return Accepted::Nothing;
            }
            payload = payload.get(index(seen)..).unwrap_or_default();
            ahead = 0;
        }
        if ahead > MAX_AHEAD {
            return Accepted::OutOfWindow;
        }
        let missing = length.saturating_sub(i64::from(self::length(payload)));
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let seq = self
            .end()
            .wrapping_add(u32::try_from(ahead).unwrap_or_default());
        if ahead == 0 {
            return self.in_order(seq, payload, missing, report);
        }
        if self.hold(seq, payload, missing, report) {
            Accepted::Held
        } else {
            Accepted::Full
        }
    }

    /// What of a segment at the end of the bytes in order comes before the first piece.
    fn in_order<'a>(
        &mut self,
        seq: u32,
        payload: &'a [u8],
        missing: u32,
        report: &mut impl FnMut(StreamError),
    ) -> Accepted<'a> {
        let Some(first) = self.pieces.first() else {
            return Accepted::InOrder {
                bytes: payload,
                missing,
            };
        };
        let room = index(distance(seq, first.seq));
        let Some((bytes, rest)) = payload.split_at_checked(room) else {
            // What was cut off may have come in the piece.
            let missing = missing.min(length_of(room.saturating_sub(payload.len())));
            return Accepted::InOrder {
                bytes: payload,
                missing,
            };
        };
        if !self.hold(seq.wrapping_add(length(bytes)), rest, missing, report) {
            report(StreamError::HeldTooMuch);
        }
        Accepted::InOrder { bytes, missing: 0 }
    }

    /// Passes over bytes that nobody wants: gives by how many the end moved, or -1 when that was all of it.
    fn pass_over(&mut self, ahead: i64, length: i64) -> i64 {
        if self.skip == 0 {
            return 0;
        }
        let end = ahead.saturating_add(length);
        let Ok(reach) = u64::try_from(end) else {
            return -1;
        };
        let step = reach.min(self.skip);
        self.skip = self.skip.saturating_sub(step);
        // At most one segment and its distance, which fit 32 bits.
        self.next = self
            .next
            .wrapping_add(u32::try_from(step).unwrap_or_default());
        if step == reach {
            -1
        } else {
            i64::try_from(step).unwrap_or_default()
        }
    }

    /// Compares the part of `payload` that repeats pending bytes; its first byte lies `seen` before their end.
    fn compare(&self, payload: &[u8], seen: i64, report: &mut impl FnMut(StreamError)) {
        let seen = index(seen);
        let kept = self.pending.len();
        let (old, new) = match kept.checked_sub(seen) {
            Some(at) => (self.pending.get(at..), Some(payload)),
            None => (
                Some(self.pending.as_slice()),
                payload.get(seen.saturating_sub(kept)..),
            ),
        };
        if differ(old.unwrap_or_default(), new.unwrap_or_default()) {
            report(StreamError::OverlapDiffers);
        }
    }

    /// Gives up the bytes in front of the first piece, and what is pending; the piece comes next.
    pub(crate) fn jump(&mut self) -> bool {
        let Some(seq) = self.pieces.first().map(|piece| piece.seq) else {
            return false;
        };
        self.start_at(seq);
        true
    }

    /// Notes that of `bytes`, which came in order behind the pending ones and are not among them, `used`
    /// were consumed. Nothing may be pending. Room is made for the `need` bytes that will be held, as far as
    /// that is known.
    pub(crate) fn consumed(&mut self, bytes: &[u8], used: usize, need: usize, missing: u32) {
        debug_assert!(self.pending.is_empty(), "pending bytes go first");
        let used = used.min(bytes.len());
        self.next = self
            .next
            .wrapping_add(u32::try_from(used).unwrap_or_default());
        let left = bytes.get(used..).unwrap_or_default();
        if !left.is_empty() {
            self.pending
                .reserve_exact(need.min(MOST_AHEAD).max(left.len()));
            self.pending.extend_from_slice(left);
        }
        self.missing = missing;
    }

    /// Adds bytes behind the pending ones.
    pub(crate) fn append(&mut self, bytes: &[u8], missing: u32) {
        self.pending.extend_from_slice(bytes);
        self.missing = missing;
    }

    /// Takes the pending bytes out, so that they can be looked at; give them back to [`Self::put_back`].
    pub(crate) fn take_pending(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pending)
    }

    /// Gives pending bytes back of which `used` were consumed.
    pub(crate) fn put_back(&mut self, mut pending: Vec<u8>, used: usize) {
        let used = used.min(pending.len());
        self.next = self
            .next
            .wrapping_add(u32::try_from(used).unwrap_or_default());
        if used == pending.len() {
            pending = Vec::new();
        } else {
            pending.drain(..used);
        }
        self.pending = pending;
    }

    /// Passes over the next `count` bytes, whether they are captured or not. Nothing may be pending.
    pub(crate) fn skip(&mut self, count: u64) {
        self.skip = count;
    }

    /// Sequence number behind the pending bytes.
    pub(crate) fn end(&self) -> u32 {
        self.next.wrapping_add(length(&self.pending))
    }

    /// Bytes in order that are not consumed.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.pending
    }

    /// Bytes behind the pending ones that were on the wire but not in the capture.
    pub(crate) const fn missing(&self) -> u32 {
        self.missing
    }

    /// Passes over bytes that the capture cut off, as far as nobody wants them.
    pub(crate) fn settle(&mut self) {
        let step = u32::try_from(self.skip)
            .unwrap_or(u32::MAX)
            .min(self.missing);
        self.skip = self.skip.saturating_sub(u64::from(step));
        self.next = self.next.wrapping_add(step);
        self.missing = self.missing.saturating_sub(step);
    }

    /// Bytes that wait for those before them.
    pub(crate) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// The first piece that waits for bytes before it.
    pub(crate) fn first_piece(&self) -> Option<&Piece> {
        self.pieces.first()
    }

    /// Forgets everything that is held.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            next: self.end(),
            ..Self::default()
        };
    }

    /// Bytes on the heap.
    pub(crate) fn memory(&self) -> usize {
        let pieces = self.pieces.capacity().saturating_mul(size_of::<Piece>());
        let waiting: usize = self.pieces.iter().map(|piece| piece.bytes.capacity()).sum();
        self.pending
            .capacity()
            .saturating_add(pieces)
            .saturating_add(waiting)
    }
}

/// How far `to` lies behind `from`, by the shorter way round.
pub(crate) fn distance(from: u32, to: u32) -> i64 {
    i64::from(to.wrapping_sub(from).cast_signed())
}

fn length(bytes: &[u8]) -> u32 {
    length_of(bytes.len())
}

fn length_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn index(value: i64) -> usize {
    usize::try_from(value).unwrap_or_default()
}

fn differ(old: &[u8], new: &[u8]) -> bool {
    let common = old.len().min(new.len());
    old.get(..common) != new.get(..common)
}

#[cfg(test)]
mod tests;
