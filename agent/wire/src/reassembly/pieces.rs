//! Bytes that wait for those before them.

use std::borrow::Cow;

use super::{MAX_HELD, MAX_PIECES, Reassembly, differ, distance, index, length};
use crate::dissect::stream::StreamError;

/// Bytes that wait for those before them.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) seq: u32,
    pub(crate) bytes: Vec<u8>,
    /// How many bytes after these were on the wire but not in the capture.
    pub(crate) missing: u32,
}

impl Piece {
    pub(super) fn end(&self) -> u32 {
        self.seq.wrapping_add(length(&self.bytes))
    }
}

impl Reassembly {
    /// Keeps a segment until the bytes before it come; of bytes that are held already the first ones stay.
    pub(super) fn hold(
        &mut self,
        seq: u32,
        payload: &[u8],
        missing: u32,
        report: &mut impl FnMut(StreamError),
    ) -> bool {
        let held = self.waiting.saturating_add(self.pending.len());
        if self.pieces.len() >= MAX_PIECES {
            self.merge();
        }
        if held.saturating_add(payload.len()) > MAX_HELD || self.pieces.len() >= MAX_PIECES {
            return false;
        }
        let origin = self.next;
        let (mut from, mut rest) = (seq, payload);
        let mut at = 0;
        while let Some(piece) = self.pieces.get(at) {
            let gap = distance(from, piece.seq);
            if gap >= i64::from(length(rest)) && gap > 0 {
                break;
            }
            if gap > 0 {
                let (new, old) = rest.split_at_checked(index(gap)).unwrap_or((rest, &[]));
                self.insert(at, from, new, 0);
                from = from.wrapping_add(length(new));
                rest = old;
                at = at.saturating_add(1);
                continue;
            }
            // The piece starts at or before what is left.
            let covered = distance(from, piece.end());
            if covered > 0 {
                let inside = index(gap.saturating_neg());
                if differ(piece.bytes.get(inside..).unwrap_or_default(), rest) {
                    report(StreamError::OverlapDiffers);
                }
                let cut = index(covered).min(rest.len());
                from = from.wrapping_add(u32::try_from(cut).unwrap_or_default());
                rest = rest.get(cut..).unwrap_or_default();
                if rest.is_empty() {
                    return true;
                }
            }
            at = at.saturating_add(1);
        }
        debug_assert!(distance(origin, from) >= 0, "pieces lie ahead");
        if !rest.is_empty() {
            self.insert(at, from, rest, missing);
        }
        true
    }

    /// Joins pieces that touch. Only when there are too many: where segments start is lost by it.
    fn merge(&mut self) {
        self.pieces.dedup_by(|next, piece| {
            let touches = piece.missing == 0 && piece.end() == next.seq;
            if touches {
                piece.bytes.append(&mut next.bytes);
                piece.missing = next.missing;
            }
            touches
        });
    }

    fn insert(&mut self, at: usize, seq: u32, bytes: &[u8], missing: u32) {
        self.waiting = self.waiting.saturating_add(bytes.len());
        self.pieces.insert(
            at,
            Piece {
                seq,
                bytes: bytes.to_vec(),
                missing,
            },
        );
    }

    /// Gives the first piece when nothing is missing before it any more. It has to be accepted again.
    pub(crate) fn pop_ready(&mut self) -> Option<Piece> {
        let first = self.pieces.first()?;
        let reach = i64::try_from(self.skip).unwrap_or(i64::MAX);
        (distance(self.end(), first.seq) <= reach)
            .then(|| self.pop())
            .flatten()
    }

    fn pop(&mut self) -> Option<Piece> {
        if self.pieces.is_empty() {
            return None;
        }
        let piece = self.pieces.remove(0);
        self.waiting = self.waiting.saturating_sub(piece.bytes.len());
        if self.pieces.is_empty() {
            self.pieces = Vec::new();
        }
        Some(piece)
    }

    /// The lowest bytes that are held, up to the next missing one, with the number of the first.
    pub(crate) fn lowest_run(&self) -> Option<(u32, Cow<'_, [u8]>)> {
        let (first, more) = self.pieces.split_first()?;
        let mut bytes = Cow::Borrowed(first.bytes.as_slice());
        let mut end = first.end();
        for piece in more {
            if piece.seq != end {
                break;
            }
            end = piece.end();
            bytes.to_mut().extend_from_slice(&piece.bytes);
        }
        Some((first.seq, bytes))
    }
}
