//! Payload of a flow both ways: as packets show it, and as the kernel counts it on the client's socket.

use wire::Timestamp;

/// Payload both ways, from the client's point of view.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Bytes {
    pub(super) out: u64,
    pub(super) back: u64,
}

impl Bytes {
    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            out: self.out.saturating_sub(before.out),
            back: self.back.saturating_sub(before.back),
        }
    }

    /// The greater figure of each way.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            out: self.out.max(other.out),
            back: self.back.max(other.back),
        }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            out: self.out.saturating_add(other.out),
            back: self.back.saturating_add(other.back),
        }
    }
}

/// What the kernel counted on the client's socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    /// What it had counted before the flow was seen; `None` before its first figures.
    before: Option<Bytes>,
    /// Since then.
    bytes: Bytes,
    moved_at: Option<Timestamp>,
}

impl Counted {
    pub(super) const fn bytes(&self) -> Bytes {
        self.bytes
    }

    /// When the figures moved last.
    pub(super) const fn moved_at(&self) -> Option<Timestamp> {
        self.moved_at
    }

    /// Whether both sides sent something.
    pub(super) const fn is_answered(&self) -> bool {
        self.bytes.out > 0 && self.bytes.back > 0
    }

    /// Takes figures since the socket was opened, beside what packets show by now. They never go back: late
    /// ones say less than newer ones. What went by before anybody looked is no part of what was seen.
    pub(super) fn take(
        &mut self,
        at: Timestamp,
        since_opened: Bytes,
        packets: Bytes,
        mid_stream: bool,
    ) {
        let before = *self.before.get_or_insert_with(|| {
            if mid_stream {
                since_opened.since(packets)
            } else {
                Bytes::default()
            }
        });
        let known = self.bytes;
        self.bytes = known.max(since_opened.since(before));
        if self.bytes != known {
            self.moved_at = self.moved_at.max(Some(at));
        }
    }
}
