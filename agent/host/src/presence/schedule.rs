//! When the device is looked through next: after a change has calmed down, and now and then.

use std::time::{Duration, Instant};

/// How often the device is looked through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Time between two scans when nothing is known to have changed.
    pub interval: Duration,
    /// The same while the device runs on its battery.
    pub interval_on_battery: Duration,
    /// A change is followed by a scan when nothing more has changed for so long.
    pub quiet: Duration,
    /// Time between two scans at least, whatever changes: some tools write their settings all the time.
    pub least: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(15 * 60),
            interval_on_battery: Duration::from_secs(60 * 60),
            quiet: Duration::from_secs(10),
            least: Duration::from_secs(120),
        }
    }
}

/// When the next scan is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pace: Pace,
    timed: Instant,
    not_before: Instant,
    /// A change that no scan has seen yet: when it last went on.
    changed: Option<Instant>,
}

impl Schedule {
    pub(super) const fn new(pace: Pace, now: Instant) -> Self {
        Self {
            pace,
            timed: now,
            not_before: now,
            changed: None,
        }
    }

    pub(super) fn at(&self) -> Instant {
        let after_change = self
            .changed
            .map(|changed| (changed + self.pace.quiet).max(self.not_before));
        after_change.map_or(self.timed, |due| due.min(self.timed))
    }

    pub(super) const fn changed(&mut self, now: Instant) {
        self.changed = Some(now);
    }

    pub(super) const fn now(&mut self, now: Instant) {
        self.timed = now;
    }

    pub(super) fn scanned(&mut self, now: Instant, on_battery: bool) {
        let interval = if on_battery {
            self.pace.interval_on_battery
        } else {
            self.pace.interval
        };
        self.timed = now + interval;
        self.not_before = now + self.pace.least;
        self.changed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn changes_are_waited_out_and_never_follow_each_other_closely() {
        let start = Instant::now();
        let mut due = Schedule::new(Pace::default(), start);
        assert_eq!(due.at(), start, "the first scan is at start");
        due.scanned(start, false);
        assert_eq!(due.at(), start + 900 * SECOND);
        due.changed(start + 200 * SECOND);
        assert_eq!(due.at(), start + 210 * SECOND);
        due.changed(start + 205 * SECOND);
        assert_eq!(due.at(), start + 215 * SECOND, "it goes on changing");
        due.scanned(start + 215 * SECOND, false);
        due.changed(start + 216 * SECOND);
        assert_eq!(
            due.at(),
            start + 335 * SECOND,
            "two minutes after the scan before"
        );
        due.now(start + 220 * SECOND);
        assert_eq!(
            due.at(),
            start + 220 * SECOND,
            "another catalogue waits for nothing"
        );
    }

    #[test]
    fn a_change_that_never_ends_does_not_put_the_timed_scan_off() {
        let start = Instant::now();
        let mut due = Schedule::new(Pace::default(), start);
        due.scanned(start, false);
        for second in 0..900 {
            due.changed(start + second * SECOND);
        }
        assert_eq!(due.at(), start + 900 * SECOND);
    }

    #[test]
    fn on_battery_scans_are_rare() {
        let start = Instant::now();
        let mut due = Schedule::new(Pace::default(), start);
        due.scanned(start, true);
        assert_eq!(due.at(), start + 3_600 * SECOND);
    }
}
