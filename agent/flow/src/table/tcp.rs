//! Payload bytes of a TCP connection, each counted once.
//!
//! What counts is the progress of sequence numbers, so a repeated or reordered segment changes
//! nothing, and bytes that the capture lost between two that it saw are counted: their receiver
//! had them. SYN and FIN take a number each and are no payload.

use wire::TcpFlags;

use super::entry::{Entry, Flags, by_side, by_side_mut};
use crate::key::Side;

/// The widest gap that is taken for loss or disorder; a segment farther off starts a new count.
pub(crate) const MAX_GAP: u32 = 16 << 20;
/// While fewer bytes were seen, a number before the first one is unambiguous.
const LOW_IS_FIRM: u64 = 1 << 30;

/// Counts a segment, which `side` sent, by its control bits, sequence number and length, and notes its control bits.
#[inline]
pub(crate) fn count_segment(
    entry: &mut Entry,
    side: Side,
    (flags, seq, payload_len): (TcpFlags, u32, u32),
) {
    if !flags.any(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST) {
        if payload_len > 0 {
            count_payload(entry, side, seq, payload_len);
        }
        return;
    }
    let start = if flags.syn() {
        seq.wrapping_add(1)
    } else {
        seq
    };
    if flags.syn() {
        note_head(entry, side, start);
    }
    if flags.rst() {
        entry.flags.set(Flags::RST);
        return;
    }
    // A FIN says how much came before it, though a filter kept it back.
    let is_end = flags.fin() && entry.flags.has(by_side(&Flags::SEQUENCED, side));
    if payload_len > 0 || is_end {
        count_payload(entry, side, start, payload_len);
    }
    if flags.fin() {
        entry.flags.set(by_side(&Flags::FIN, side));
    }
}

fn note_head(entry: &mut Entry, side: Side, start: u32) {
    if !entry.flags.has(by_side(&Flags::SEQUENCED, side)) {
        begin(entry, side, start);
    } else if !entry.flags.has(by_side(&Flags::SYN, side)) {
        extend_down(entry, side, start);
    }
    entry.flags.set(by_side(&Flags::SYN, side));
    *by_side_mut(&mut entry.low, side) = start;
}

fn begin(entry: &mut Entry, side: Side, start: u32) {
    entry.flags.set(by_side(&Flags::SEQUENCED, side));
    *by_side_mut(&mut entry.low, side) = start;
    *by_side_mut(&mut entry.high, side) = start;
}

fn add(entry: &mut Entry, side: Side, bytes: u32) {
    let count = by_side_mut(&mut entry.bytes, side);
    *count = count.saturating_add(u64::from(bytes));
}

/// Counts bytes before the first one that was seen; not possible once a SYN told where they start.
fn extend_down(entry: &mut Entry, side: Side, start: u32) {
    let before = by_side(&entry.low, side).wrapping_sub(start);
    if before > 0 && before <= MAX_GAP && by_side(&entry.bytes, side) < LOW_IS_FIRM {
        add(entry, side, before);
        *by_side_mut(&mut entry.low, side) = start;
    }
}

fn count_payload(entry: &mut Entry, side: Side, start: u32, len: u32) {
    if !entry.flags.has(by_side(&Flags::SEQUENCED, side)) {
        begin(entry, side, start);
    }
    if !entry.flags.has(by_side(&Flags::SYN, side)) {
        extend_down(entry, side, start);
    }
    let end = start.wrapping_add(len);
    let high = by_side(&entry.high, side);
    let (ahead, behind) = (end.wrapping_sub(high), high.wrapping_sub(end));
    if ahead == 0 || behind <= MAX_GAP {
        return;
    }
    let in_reach = ahead <= MAX_GAP.saturating_add(len);
    add(entry, side, if in_reach { ahead } else { len });
    // A connection that goes on was not over, whoever said so.
    entry.flags.clear(Flags::RST);
    entry.flags.clear(by_side(&Flags::FIN, side));
    *by_side_mut(&mut entry.high, side) = end;
}
