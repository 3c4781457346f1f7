//! Windows: equal stretches of time, aligned to the Unix epoch.

use std::time::Duration;

use wire::Timestamp;

/// Length of the windows of an engine or an aggregator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Windows {
    length: i64,
}

impl Windows {
    pub(crate) fn new(length: Duration) -> Self {
        Self {
            length: i64::try_from(length.as_nanos()).unwrap_or(i64::MAX).max(1),
        }
    }

    /// Start of the window that `ts` is in.
    pub(crate) const fn start_of(self, ts: Timestamp) -> Timestamp {
        let nanos = ts.as_nanos();
        Timestamp::from_nanos(nanos.saturating_sub(nanos.rem_euclid(self.length)))
    }

    /// End of the window that starts at `start`.
    pub(crate) const fn end_of(self, start: Timestamp) -> Timestamp {
        Timestamp::from_nanos(start.as_nanos().saturating_add(self.length))
    }

    pub(crate) fn length_nanos(self) -> u64 {
        u64::try_from(self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_before_and_after_1970() {
        let hours = Windows::new(Duration::from_secs(3600));
        let hour = 3_600_000_000_000;
        for (ts, start) in [
            (0, 0),
            (hour - 1, 0),
            (hour, hour),
            (-1, -hour),
            (-hour, -hour),
        ] {
            assert_eq!(hours.start_of(Timestamp::from_nanos(ts)).as_nanos(), start);
        }
        let ever = Windows::new(Duration::MAX);
        assert_eq!(
            ever.start_of(Timestamp::from_nanos(i64::MAX - 1))
                .as_nanos(),
            0
        );
        assert_eq!(ever.end_of(Timestamp::default()).as_nanos(), i64::MAX);
    }
}
