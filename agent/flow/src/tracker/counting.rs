//! What every packet adds to its flow, and the packets that add nothing else.

use wire::{Frame, Packet, TcpFlags, Timestamp, Transport};

use super::ahead::Ahead;
use super::counters::bump;
use super::flows::Flows;
use super::observer::Observer;
use super::orientation::guess_originator;
use crate::key::Side;
use crate::table::{Dissection, Entry, Flags, by_side, count_datagram, count_segment};

/// A packet that is this much older than the last one of its flow shows a clock that was set back.
const SET_BACK: u64 = 3_600_000_000_000;

impl Flows {
    /// Counts a frame of a known flow that brings nothing but its length; returns false, and has done nothing, when it may
    /// bring more.
    #[inline(always)]
    pub(super) fn count_only(
        &mut self,
        frame: &Frame<'_>,
        ahead: &Ahead,
        observer: &mut impl Observer,
    ) -> bool {
        if !ahead.is_common {
            return false;
        }
        let Some(entry) = self.table.get_at(ahead.slot, &ahead.key) else {
            return false;
        };
        let outline = &ahead.outline;
        if !entry.flags.has(by_side(&Flags::SEEN, ahead.side)) {
            return false;
        }
        if outline.is_tcp {
            let wanted = outline.payload_len > 0 && !matches!(entry.dissection, Dissection::Done);
            if wanted
                || outline
                    .flags
                    .any(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST)
            {
                return false;
            }
            let segment = (outline.flags, outline.seq, outline.payload_len);
            count_segment(entry, ahead.side, segment);
        } else {
            let payload = outline.payload(frame);
            if wants_datagram(entry, payload, outline.payload_len) {
                return false;
            }
            if count_datagram(entry, ahead.side, (payload, outline.payload_len), frame.ts) {
                bump(&mut self.counts.datagrams_repeated);
            }
        }
        bump(&mut self.counts.packets);
        note_time(entry, frame.ts, self.tick);
        if entry.flags.has(Flags::WATCHED) {
            observer.flow_advanced(&entry.view(ahead.slot));
        }
        true
    }
}

/// Whether the payload of a packet can still bring something.
pub(super) fn wants(entry: &Entry, transport: &Transport<'_>) -> bool {
    match transport {
        Transport::Udp(datagram) => wants_datagram(entry, datagram.payload, datagram.payload_len),
        Transport::Tcp(segment) => {
            let done = matches!(entry.dissection, Dissection::Done);
            !done && segment.payload_len > 0 && !segment.flags.rst()
        }
    }
}

#[inline(always)]
fn wants_datagram(entry: &Entry, payload: &[u8], payload_len: u32) -> bool {
    match &entry.dissection {
        Dissection::Done => false,
        Dissection::Datagram(answered) => payload_len > 0 && answered.wants(payload),
        Dissection::Fresh | Dissection::Stream(_) | Dissection::Held(_) => payload_len > 0,
    }
}

/// Whether `ts`, which is before `last`, is so by a clock that was set back.
const fn is_set_back(last: Timestamp, ts: Timestamp) -> bool {
    last.as_nanos().abs_diff(ts.as_nanos()) > SET_BACK
}

/// Counts one packet to its flow; returns whether it repeats the one before.
pub(super) fn count(entry: &mut Entry, side: Side, packet: &Packet<'_>) -> bool {
    match &packet.transport {
        Transport::Tcp(segment) => {
            if segment.flags.syn() && matches!(entry.dissection, Dissection::Fresh) {
                entry.set_orig(guess_originator(side, packet));
                entry.flags.clear(Flags::MID_STREAM);
            }
            let counted = (segment.flags, segment.seq, segment.payload_len);
            count_segment(entry, side, counted);
            false
        }
        Transport::Udp(datagram) => {
            let counted = (datagram.payload, datagram.payload_len);
            count_datagram(entry, side, counted, packet.ts)
        }
    }
}

/// Notes when the last packet of a flow came.
#[inline(always)]
pub(super) fn note_time(entry: &mut Entry, ts: Timestamp, tick: u32) {
    if ts > entry.last_seen || is_set_back(entry.last_seen, ts) {
        entry.last_seen = ts;
        entry.first_seen = entry.first_seen.min(ts);
    }
    entry.last_tick = tick;
}
