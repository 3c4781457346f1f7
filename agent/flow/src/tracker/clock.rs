//! Time as the frames tell it, for idle times: it never goes back and never leaps.
//!
//! Frames come a little out of order, capture clocks are set back and forth, and a damaged file may
//! hold any time at all. Elapsed time is summed from the steps between frames: a step back counts
//! nothing, and a leap forward counts as [`LEAP`], which is longer than any idle time.

use std::time::Duration;

use wire::Timestamp;

/// The longest step between two frames that is taken at its word.
const LEAP: u64 = 3_600 * NANOS_PER_TICK;
/// A frame that is this much older than the newest one shows that the clock was set back.
const SET_BACK: u64 = 3_600 * NANOS_PER_TICK;

const NANOS_PER_TICK: u64 = 1_000_000_000;

/// The newest frame time, and how much time has passed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    newest: Option<Timestamp>,
    elapsed: u64,
}

impl Clock {
    /// Takes the time of a frame; returns whether the clock was set back.
    pub(crate) fn observe(&mut self, ts: Timestamp) -> bool {
        let Some(newest) = self.newest else {
            self.newest = Some(ts);
            return false;
        };
        let distance = ts.as_nanos().abs_diff(newest.as_nanos());
        if ts >= newest {
            self.elapsed = self.elapsed.saturating_add(distance.min(LEAP));
            self.newest = Some(ts);
            return false;
        }
        let back = distance > SET_BACK;
        if back {
            self.newest = Some(ts);
        }
        back
    }

    /// Takes the time of a frame that comes after the newest one and before `until`; otherwise does nothing
    /// and returns false.
    #[inline(always)]
    pub(crate) fn observe_calm(&mut self, ts: Timestamp, until: Timestamp) -> bool {
        let Some(newest) = self.newest else {
            return false;
        };
        let calm = ts >= newest && ts < until;
        if calm {
            let distance = ts.as_nanos().abs_diff(newest.as_nanos());
            self.elapsed = self.elapsed.saturating_add(distance.min(LEAP));
            self.newest = Some(ts);
        }
        calm
    }

    /// What [`now`](Self::now) would be after a frame at `ts`.
    pub(crate) fn after(&self, ts: Timestamp) -> Timestamp {
        let mut after = *self;
        after.observe(ts);
        after.now()
    }

    /// The newest time; the epoch before the first frame.
    pub(crate) fn now(&self) -> Timestamp {
        self.newest.unwrap_or_default()
    }

    /// Nanoseconds that have passed since the first frame.
    pub(crate) const fn elapsed(&self) -> u64 {
        self.elapsed
    }

    /// Whole seconds that have passed since the first frame.
    pub(crate) fn tick(&self) -> u32 {
        u32::try_from(self.elapsed / NANOS_PER_TICK).unwrap_or(u32::MAX)
    }

    /// When `elapsed` will have passed.
    pub(crate) fn when(&self, elapsed: u64) -> Timestamp {
        self.now()
            .saturating_add(Duration::from_nanos(elapsed.saturating_sub(self.elapsed)))
    }

    /// When `tick` begins.
    pub(crate) fn when_tick(&self, tick: u32) -> Timestamp {
        self.when(u64::from(tick).saturating_mul(NANOS_PER_TICK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000))
    }

    #[test]
    fn disorder_costs_nothing_and_leaps_count_little() {
        let mut clock = Clock::default();
        for seconds in [1_000, 1_001, 1_000, 1_003] {
            assert!(!clock.observe(at(seconds)));
        }
        assert_eq!(clock.tick(), 3);
        assert!(!clock.observe(at(3_200_000_000)));
        assert_eq!(clock.tick(), 3603);
        assert!(clock.observe(at(1_004)));
        assert!(!clock.observe(at(1_005)));
        assert_eq!(clock.tick(), 3604);
        assert!(clock.observe(Timestamp::from_nanos(i64::MIN)));
        assert!(!clock.observe(Timestamp::from_nanos(i64::MAX)));
        assert_eq!(clock.tick(), 7204);
    }
}
