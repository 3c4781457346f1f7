//! How many QUIC Initial packets may be opened in a second of packet time.
//!
//! Opening one costs more than all the rest of a packet's way. A flood of Initial packets with
//! random connection ids may so cost a bounded share of a core; what is shed is counted, and a
//! client's repeated Initial gets another chance.

/// Packets opened in a second; half a core at 1.5 us each.
pub(crate) const QUIC_OPENINGS_PER_SECOND: u32 = 300_000;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A bucket that fills with time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    per_second: u32,
    left: u32,
    second: u64,
}

impl Budget {
    pub(crate) const fn new(per_second: u32) -> Self {
        Self {
            per_second,
            left: per_second,
            second: 0,
        }
    }

    /// Whether one more may be opened when `elapsed` nanoseconds have passed.
    pub(crate) fn take(&mut self, elapsed: u64) -> bool {
        let second = elapsed / NANOS_PER_SECOND;
        if second != self.second {
            self.second = second;
            self.left = self.per_second;
        }
        let granted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        granted
    }
}
