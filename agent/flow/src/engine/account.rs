//! Coverage: what went by, in slices of one window each.

use std::collections::{BTreeMap, VecDeque};

use wire::{Frame, Timestamp};

use super::blind_spots::BlindSpot;
use crate::coverage::{CoverageDelta, CoverageSlice};
use crate::tracker::TrackerCounters;

/// Slices that wait to be taken; at the cap a new one joins the last.
const MAX_SLICES: usize = 4_096;
/// Counters of the tracker that are no rejects.
const NOT_REJECTS: [&str; 10] = [
    "frames",
    "bytes",
    "packets",
    "flows_started",
    "flows_reused",
    "datagrams_repeated",
    "segments_astray",
    "clock_set_back",
    "decode_fragment_held",
    "decode_fragments_reassembled",
];

/// What became of a flow's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Naming {
    Named,
    Hidden,
    Unnamed,
    MidStream,
}

/// The account of the present slice, and the slices before it.
#[derive(Debug, Default)]
pub(super) struct Account {
    present: Option<CoverageSlice>,
    window_start: Timestamp,
    done: VecDeque<CoverageSlice>,
    before: BTreeMap<&'static str, u64>,
}

impl Account {
    pub(super) const fn set_window(&mut self, start: Timestamp) {
        self.window_start = start;
    }

    pub(super) const fn is_open(&self) -> bool {
        self.present.is_some()
    }

    fn slice(&mut self) -> &mut CoverageSlice {
        let window_start = self.window_start;
        self.present.get_or_insert_with(|| CoverageSlice {
            window_start,
            first_seen: Timestamp::from_nanos(i64::MAX),
            last_seen: window_start,
            ..CoverageSlice::default()
        })
    }

    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        let seen = frame.ts.max(self.window_start);
        let slice = self.slice();
        slice.frames = slice.frames.saturating_add(1);
        slice.bytes = slice.bytes.saturating_add(u64::from(frame.orig_len));
        slice.first_seen = slice.first_seen.min(seen);
        slice.last_seen = slice.last_seen.max(seen);
    }

    /// Frames that went by without being shown.
    pub(super) fn unseen_frames(&mut self, at: Timestamp, frames: u64, bytes: u64) {
        let seen = at.max(self.window_start);
        let slice = self.slice();
        slice.frames = slice.frames.saturating_add(frames);
        slice.bytes = slice.bytes.saturating_add(bytes);
        slice.first_seen = slice.first_seen.min(seen);
        slice.last_seen = slice.last_seen.max(seen);
    }

    pub(super) fn flow(&mut self, naming: Naming) {
        let slice = self.slice();
        bump(&mut slice.flows);
        bump(match naming {
            Naming::Named => &mut slice.flows_named,
            Naming::Hidden => &mut slice.flows_hidden,
            Naming::Unnamed => &mut slice.flows_unnamed,
            Naming::MidStream => &mut slice.flows_mid_stream,
        });
    }

    pub(super) fn blind_spot(&mut self, spot: Option<BlindSpot>) {
        let Some(spot) = spot else { return };
        let slice = self.slice();
        bump(match spot {
            BlindSpot::EncryptedDns => &mut slice.flows_encrypted_dns,
            BlindSpot::Tunnel => &mut slice.flows_tunnelled,
        });
    }

    /// Ends the present slice at `at`.
    pub(super) fn cut(&mut self, counters: &TrackerCounters, at: Timestamp) {
        let Some(mut slice) = self.present.take() else {
            return;
        };
        let mut rejects = BTreeMap::new();
        let mut evicted = 0;
        for (name, count) in counters.iter().filter(|(name, _)| is_reject(name)) {
            let before = self.before.insert(name, count).unwrap_or_default();
            let new = count.saturating_sub(before);
            if name == "flows_evicted" {
                evicted = new;
            } else if new > 0 {
                rejects.insert(name, new);
            }
        }
        slice.at = at;
        slice.flows_evicted = evicted;
        slice.rejects = rejects;
        if slice.frames == 0 {
            slice.first_seen = slice.last_seen;
        }
        self.keep(slice);
    }

    fn keep(&mut self, slice: CoverageSlice) {
        let full = self.done.len() >= MAX_SLICES;
        match self.done.back_mut() {
            Some(last) if full => last.add(&slice),
            _ => self.done.push_back(slice),
        }
    }

    pub(super) fn take(&mut self) -> CoverageDelta {
        CoverageDelta {
            slices: self.done.drain(..).collect(),
        }
    }
}

fn is_reject(name: &str) -> bool {
    !NOT_REJECTS.contains(&name) && !name.starts_with("messages_")
}

const fn bump(count: &mut u64) {
    *count = count.saturating_add(1);
}
