//! The clock that counts from the start of the system, and where that start lies in the clock of the wall.

use nix::time::{ClockId, clock_gettime};
use wire::Timestamp;

/// Units of `/proc/PID/stat`: `USER_HZ`, 100 a second on every architecture that this is built for.
pub(crate) const TICK_NANOS: u64 = 10_000_000;

/// When the system started, as the wall clock was when this was made.
///
/// A later change of the wall clock does not move it: a process has one start time as long as the agent runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BootClock {
    started: i64,
}

impl BootClock {
    pub(crate) fn now() -> Self {
        Self {
            started: wall_at_boot(),
        }
    }

    pub(crate) const fn started(self) -> Timestamp {
        Timestamp::from_nanos(self.started)
    }

    /// The start time of a process, from the ticks between the system's start and its own.
    pub(crate) fn at_ticks(self, ticks: u64) -> Timestamp {
        let nanos = i64::try_from(ticks.saturating_mul(TICK_NANOS)).unwrap_or(i64::MAX);
        Timestamp::from_nanos(self.started.saturating_add(nanos))
    }
}

/// The moment of the system's start by the wall clock of now: differs after the clock was set.
pub(crate) fn wall_at_boot() -> i64 {
    let nanos = |clock| {
        clock_gettime(clock).map_or(0, |time| {
            time.tv_sec()
                .saturating_mul(1_000_000_000)
                .saturating_add(time.tv_nsec())
        })
    };
    nanos(ClockId::CLOCK_REALTIME).saturating_sub(nanos(ClockId::CLOCK_BOOTTIME))
}
