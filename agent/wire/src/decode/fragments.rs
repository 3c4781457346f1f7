//! Fragments of IP datagrams (RFC 791 section 3.2, RFC 8200 section 4.5), put together.
//!
//! Fragments may come in any order and more than once. Where two overlap they must agree byte by
//! byte; a datagram in which they do not is given up and the rest of it refused, as receivers do
//! (RFC 5722 for IPv6, Linux for both), because no rule tells which version a receiver would see.
//! Memory is bounded by [`MAX_FRAGMENT_BYTES`] and [`MAX_FRAGMENTED_DATAGRAMS`]: the oldest datagram
//! makes room for a new one. What a snap length cut from a fragment leaves the whole cut there.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::error::{DecodeCounters, DecodeError};
use crate::frame::Timestamp;

/// Datagrams that wait for fragments.
pub const MAX_FRAGMENTED_DATAGRAMS: usize = 1024;
/// Bytes held for all of them, with what it costs to keep each fragment.
pub const MAX_FRAGMENT_BYTES: usize = 4 * 1024 * 1024;
/// Fragments of one datagram; the largest one takes 118 at the smallest size that routers made.
pub const MAX_FRAGMENTS_PER_DATAGRAM: usize = 256;
/// How long a datagram waits for its fragments, as in Linux.
pub const FRAGMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// No datagram is longer.
const MAX_DATAGRAM_BYTES: u32 = 65_535;
/// What a fragment costs beside its bytes.
const PIECE_OVERHEAD: usize = 64;
const DATAGRAM_OVERHEAD: usize = 256;

/// What fragments of the same datagram have in common; the protocol in IPv4 only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct FragmentKey {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) protocol: Option<u8>,
    pub(super) id: u32,
}

/// One fragment as its headers tell it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment<'a> {
    pub(super) key: FragmentKey,
    pub(super) protocol: u8,
    pub(super) offset: u32,
    /// By the IP header; more than `bytes` when the frame was cut.
    pub(super) length: u32,
    pub(super) more: bool,
    pub(super) bytes: &'a [u8],
}

/// What is known of a datagram that is complete.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) protocol: u8,
    pub(super) length: u32,
}

#[derive(Debug)]
struct Piece {
    start: u32,
    end: u32,
    bytes: Box<[u8]>,
}

impl Piece {
    /// Whether two pieces have the same bytes wherever both have any.
    fn agrees(&self, start: u32, bytes: &[u8]) -> bool {
        let from = self.start.max(start);
        let mine = self
            .bytes
            .get(from.saturating_sub(self.start) as usize..)
            .unwrap_or_default();
        let theirs = bytes
            .get(from.saturating_sub(start) as usize..)
            .unwrap_or_default();
        mine.iter().zip(theirs).all(|(mine, theirs)| mine == theirs)
    }
}

#[derive(Debug)]
struct Partial {
    birth: u64,
    since: Timestamp,
    /// Of the first fragment, which alone is to be believed (RFC 8200 4.5).
    protocol: Option<u8>,
    total: Option<u32>,
    /// By start.
    pieces: Vec<Piece>,
    memory: usize,
    given_up: Option<DecodeError>,
}

/// The datagrams that wait for fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    held: BTreeMap<FragmentKey, Partial>,
    by_age: BTreeMap<u64, FragmentKey>,
    births: u64,
    memory: usize,
}

impl Fragments {
    /// Bytes held.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }

    /// Takes one fragment. When it completes its datagram, that is left in `into`.
    pub(super) fn insert(
        &mut self,
        fragment: &Fragment<'_>,
        now: Timestamp,
        into: &mut Vec<u8>,
        counters: &mut DecodeCounters,
    ) -> Result<Whole, DecodeError> {
        self.expire(now, counters);
        let end = fragment.offset.saturating_add(fragment.length);
        let aligned = !fragment.more || fragment.length & 7 == 0;
        if fragment.length == 0 || end > MAX_DATAGRAM_BYTES || !aligned {
            return Err(DecodeError::FragmentBad);
        }
        self.make_room(fragment, counters);
        let births = &mut self.births;
        let by_age = &mut self.by_age;
        let total_memory = &mut self.memory;
        let partial = self.held.entry(fragment.key).or_insert_with(|| {
            *births = births.saturating_add(1);
            by_age.insert(*births, fragment.key);
            *total_memory = total_memory.saturating_add(DATAGRAM_OVERHEAD);
            Partial {
                birth: *births,
                since: now,
                protocol: None,
                total: None,
                pieces: Vec::new(),
                memory: DATAGRAM_OVERHEAD,
                given_up: None,
            }
        });
        let before = partial.memory;
        let added = partial.add(fragment, end);
        let after = partial.memory;
        self.memory = self.memory.saturating_add(after).saturating_sub(before);
        added?;
        let partial = self
            .held
            .get(&fragment.key)
            .ok_or(DecodeError::FragmentHeld)?;
        let (protocol, length) = partial.whole().ok_or(DecodeError::FragmentHeld)?;
        partial.write(into);
        self.remove(fragment.key);
        counters.reassembled = counters.reassembled.saturating_add(1);
        let FragmentKey { src, dst, .. } = fragment.key;
        Ok(Whole {
            src,
            dst,
            protocol,
            length,
        })
    }

    fn expire(&mut self, now: Timestamp, counters: &mut DecodeCounters) {
        while let Some((_, &key)) = self.by_age.first_key_value() {
            let old = self
                .held
                .get(&key)
                .is_none_or(|p| now.since(p.since) > FRAGMENT_TIMEOUT);
            if !old {
                return;
            }
            self.remove(key);
            counters.expired = counters.expired.saturating_add(1);
        }
    }

    fn make_room(&mut self, fragment: &Fragment<'_>, counters: &mut DecodeCounters) {
        let needed = fragment
            .bytes
            .len()
            .saturating_add(PIECE_OVERHEAD + DATAGRAM_OVERHEAD);
        let is_new = !self.held.contains_key(&fragment.key);
        while self.memory.saturating_add(needed) > MAX_FRAGMENT_BYTES
            || (is_new && self.held.len() >= MAX_FRAGMENTED_DATAGRAMS)
        {
            let Some((_, &oldest)) = self.by_age.first_key_value() else {
                return;
            };
            self.remove(oldest);
            counters.evicted = counters.evicted.saturating_add(1);
        }
    }

    fn remove(&mut self, key: FragmentKey) {
        if let Some(partial) = self.held.remove(&key) {
            self.by_age.remove(&partial.birth);
            self.memory = self.memory.saturating_sub(partial.memory);
        }
    }
}

impl Partial {
    fn add(&mut self, fragment: &Fragment<'_>, end: u32) -> Result<(), DecodeError> {
        if let Some(error) = self.given_up {
            return Err(error);
        }
        let last_known = self
            .pieces
            .iter()
            .map(|piece| piece.end)
            .max()
            .unwrap_or_default();
        let contradicts = match self.total {
            Some(total) => end > total || (!fragment.more && end != total),
            None => !fragment.more && last_known > end,
        };
        let start = fragment.offset;
        let overlapping = || {
            self.pieces
                .iter()
                .filter(|p| p.start < end && start < p.end)
        };
        if contradicts || overlapping().any(|piece| !piece.agrees(start, fragment.bytes)) {
            return Err(self.give_up(DecodeError::FragmentOverlap));
        }
        let captured = fragment.bytes.len();
        let repeats = overlapping().any(|piece| {
            piece.start <= start
                && piece.end >= end
                && piece
                    .bytes
                    .len()
                    .saturating_sub(start.saturating_sub(piece.start) as usize)
                    >= captured
        });
        if !fragment.more {
            self.total = Some(end);
        }
        if start == 0 {
            self.protocol = Some(fragment.protocol);
        }
        if repeats {
            return Err(DecodeError::FragmentHeld);
        }
        if self.pieces.len() >= MAX_FRAGMENTS_PER_DATAGRAM {
            return Err(self.give_up(DecodeError::FragmentTooMany));
        }
        let at = self.pieces.partition_point(|piece| piece.start <= start);
        self.pieces.insert(
            at,
            Piece {
                start,
                end,
                bytes: fragment.bytes.into(),
            },
        );
        self.memory = self
            .memory
            .saturating_add(captured)
            .saturating_add(PIECE_OVERHEAD);
        Ok(())
    }

    /// Keeps the datagram only to refuse the rest of it.
    fn give_up(&mut self, error: DecodeError) -> DecodeError {
        self.pieces = Vec::new();
        self.memory = DATAGRAM_OVERHEAD;
        self.given_up = Some(error);
        error
    }

    /// Protocol and length, when no byte is missing.
    fn whole(&self) -> Option<(u8, u32)> {
        let total = self.total?;
        let covered = self.pieces.iter().try_fold(0_u32, |covered, piece| {
            (piece.start <= covered).then_some(covered.max(piece.end))
        })?;
        (covered >= total).then_some((self.protocol?, total))
    }

    /// The bytes from the start to the end, or to the first that the snap length cut.
    fn write(&self, into: &mut Vec<u8>) {
        into.clear();
        for piece in &self.pieces {
            let Some(known) = into.len().checked_sub(piece.start as usize) else {
                return;
            };
            into.extend_from_slice(piece.bytes.get(known..).unwrap_or_default());
        }
    }
}
