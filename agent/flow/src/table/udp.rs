//! Payload bytes of a UDP flow.
//!
//! A mirror port, or a capture on several interfaces at once, often shows a datagram twice, one
//! right after the other. A datagram with the same length, beginning and end as the one before it
//! in its direction, within [`REPEATED_WITHIN`], is not counted again. Two copies with another
//! datagram of the same direction between them are not recognised, and count twice.

use std::time::Duration;

use wire::Timestamp;

use super::entry::{Entry, Flags, by_side, by_side_mut};
use crate::key::Side;

/// A repetition that comes later was sent again.
const REPEATED_WITHIN: Duration = Duration::from_millis(10);
/// How much of the beginning and of the end of a datagram is compared.
const COMPARED: usize = 16;

/// Counts a datagram, which `side` sent, by what was captured of its payload and its length; returns whether it repeats the one before it.
pub(crate) fn count_datagram(
    entry: &mut Entry,
    side: Side,
    (payload, payload_len): (&[u8], u32),
    ts: Timestamp,
) -> bool {
    let print = print_of(payload, payload_len);
    let known =
        entry.flags.has(by_side(&Flags::SEQUENCED, side)) && by_side(&entry.high, side) == print;
    if known && ts.since(entry.last_seen) <= REPEATED_WITHIN {
        return true;
    }
    entry.flags.set(by_side(&Flags::SEQUENCED, side));
    *by_side_mut(&mut entry.high, side) = print;
    let count = by_side_mut(&mut entry.bytes, side);
    *count = count.saturating_add(u64::from(payload_len));
    false
}

/// A 32-bit print of length, beginning and end; the same in every run.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a print of 32 bits is kept"
)]
fn print_of(payload: &[u8], payload_len: u32) -> u32 {
    let head = payload
        .first_chunk::<COMPARED>()
        .copied()
        .unwrap_or_else(|| {
            let mut short = [0; COMPARED];
            for (to, from) in short.iter_mut().zip(payload) {
                *to = *from;
            }
            short
        });
    let tail = payload
        .last_chunk::<COMPARED>()
        .copied()
        .unwrap_or_default();
    let folded = fold(u128::from_le_bytes(head), u64::from(payload_len));
    let folded = fold(u128::from_le_bytes(tail), folded);
    (folded ^ (folded >> 32)) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "folds two halves into one")]
const fn fold(value: u128, seed: u64) -> u64 {
    let (high, low) = ((value >> 64) as u64, value as u64);
    let a = (low ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let b = (high ^ a.rotate_left(29)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    b ^ (b >> 32)
}
