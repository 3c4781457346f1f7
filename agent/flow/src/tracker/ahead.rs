//! A look ahead over a batch of frames: where each flow's entry will be.
//!
//! With a million flows nearly every entry is far away in memory. The look-ups of one packet after
//! the other would wait for memory twice each; done side by side for a batch, the waits overlap.
//! Only frames of the common kind have an [`Outline`]; the headers of the others are read in their turn. Where the entry seems to be is a hint that is checked later.

use std::hint::black_box;

use wire::decode::{Outline, Outlined, outline};
use wire::{Frame, Packet};

use crate::key::{FlowKey, Side, TransportProtocol};
use crate::table::{FlowTable, Hashing};

/// Frames that are looked at side by side.
pub(crate) const AHEAD: usize = 32;
/// No slot.
const NONE: u32 = u32::MAX;

/// What was found out about a frame ahead of its turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ahead {
    pub(super) key: FlowKey,
    pub(super) hash: u32,
    /// The slot where the flow seems to be; [`NONE`] where none seems to be.
    pub(super) slot: u32,
    pub(super) outline: Outline,
    /// Which end sent the frame.
    pub(super) side: Side,
    /// Whether the headers are of the common kind; if not, nothing else holds.
    pub(super) is_common: bool,
}

impl Ahead {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self {
        key: FlowKey::EMPTY,
        hash: 0,
        slot: NONE,
        outline: Outline::EMPTY,
        side: Side::Low,
        is_common: false,
    };
}

impl Ahead {
    /// The packet of a frame with common headers.
    #[inline(always)]
    pub(super) fn packet<'a>(&self, frame: &Frame<'a>) -> Option<Packet<'a>> {
        if !self.is_common {
            return None;
        }
        let from_sender = self.key.tuple(self.side);
        self.outline
            .packet(frame, (from_sender.orig, from_sender.resp))
    }
}

/// Where the outline of a frame goes.
struct Fill<'a>(&'a mut Ahead, &'a Hashing);

impl Fill<'_> {
    #[inline(always)]
    fn with(self, (key, side): (FlowKey, Side), outline: Outline) {
        let Self(ahead, hashing) = self;
        ahead.hash = hashing.flow(&key);
        ahead.key = key;
        ahead.side = side;
        ahead.outline = outline;
    }
}

const fn transport_of(outline: &Outline) -> TransportProtocol {
    if outline.is_tcp {
        TransportProtocol::Tcp
    } else {
        TransportProtocol::Udp
    }
}

impl Outlined for Fill<'_> {
    #[inline(always)]
    fn ipv4(self, src: (u32, u16), dst: (u32, u16), outline: Outline) {
        self.with(FlowKey::of_ipv4(src, dst, transport_of(&outline)), outline);
    }

    #[inline(always)]
    fn ipv6(self, src: (u128, u16), dst: (u128, u16), outline: Outline) {
        self.with(FlowKey::of_ends(src, dst, transport_of(&outline)), outline);
    }
}

/// Looks at as many frames as there is room for in `ahead`.
#[inline(always)]
pub(super) fn look_ahead(frames: &[Frame<'_>], table: &FlowTable, ahead: &mut [Ahead; AHEAD]) {
    let hashing = table.hashing();
    // One loop after the other, each over a small array: so the loads of all frames are under way together.
    for (ahead, frame) in ahead.iter_mut().zip(frames) {
        ahead.is_common = outline(frame, Fill(ahead, hashing));
    }
    let ahead = ahead.get_mut(..frames.len()).unwrap_or_default();
    let mut touched = 0_u32;
    for ahead in &*ahead {
        touched ^= table.touch_bucket(ahead.hash);
    }
    for ahead in &mut *ahead {
        ahead.slot = table.likely_slot(ahead.hash).unwrap_or(NONE);
    }
    for ahead in ahead {
        touched ^= table.touch_entry(ahead.slot);
    }
    black_box(touched);
}
