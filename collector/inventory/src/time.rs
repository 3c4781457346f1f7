//! Points in time and ranges of it. Time always comes from outside: packets, agents, callers.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Nanoseconds since the Unix epoch, UTC. Shown and serialised as RFC 3339 with a `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// This much later, at most the latest time there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(duration)))
    }

    /// This much earlier, at least the earliest time there is.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos_of(duration)))
    }

    /// Time since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let nanos = i128::from(self.0) - i128::from(earlier.0);
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

fn nanos_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

/// A text that is no point in time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{text:?} is not a time; write a date (2026-01-31) or RFC 3339 (2026-01-31T14:00:00Z), between 1678 and 2261"
)]
pub struct TimestampError {
    /// The text as given.
    pub text: String,
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339 with any offset, or a date, which means its first moment in UTC.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let error = || TimestampError {
            text: text.chars().take(64).collect(),
        };
        let timestamp = match text.parse::<jiff::Timestamp>() {
            Ok(timestamp) => timestamp,
            Err(_) => {
                let date = text.parse::<jiff::civil::Date>().map_err(|_| error())?;
                // A civil date also reads out of a longer text: only the bare form counts.
                if date.to_string() != text {
                    return Err(error());
                }
                format!("{date}T00:00:00Z").parse().map_err(|_| error())?
            }
        };
        i64::try_from(timestamp.as_nanosecond())
            .map(Self)
            .map_err(|_| error())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// From `since` (included) to `until` (excluded); an open side has no bound.
///
/// A sighting belongs to a range when its own span, first to last seen, overlaps it. Its counters
/// then count whole: a window is at most an hour, and is not cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Range {
    /// Nothing that ended before this.
    pub since: Option<Timestamp>,
    /// Nothing that began at or after this.
    pub until: Option<Timestamp>,
}

impl Range {
    /// Everything that was ever kept.
    pub const ALL: Self = Self {
        since: None,
        until: None,
    };

    /// Whether something that lasted from `first` to `last` overlaps the range.
    #[must_use]
    pub fn overlaps(&self, first: Timestamp, last: Timestamp) -> bool {
        self.since.is_none_or(|since| last >= since) && self.until.is_none_or(|until| first < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_and_rfc_3339_and_prints_utc() {
        let midnight: Timestamp = "2026-01-31".parse().unwrap();
        assert_eq!(midnight.to_string(), "2026-01-31T00:00:00Z");
        let offset: Timestamp = "2026-01-31T02:00:00.5+02:00".parse().unwrap();
        assert_eq!(offset.to_string(), "2026-01-31T00:00:00.5Z");
        assert_eq!(offset.since(midnight), Duration::from_millis(500));
        assert_eq!(midnight.since(offset), Duration::ZERO);
    }

    #[test]
    fn refuses_what_is_no_time_or_out_of_reach() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-01-31T10:00:00",
            "9999-01-01",
            "20260131",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_span_that_touches_the_range_belongs_to_it() {
        let at = Timestamp::from_nanos;
        let range = Range {
            since: Some(at(10)),
            until: Some(at(20)),
        };
        assert!(range.overlaps(at(0), at(10)));
        assert!(range.overlaps(at(19), at(30)));
        assert!(!range.overlaps(at(0), at(9)));
        assert!(!range.overlaps(at(20), at(30)));
        assert!(Range::ALL.overlaps(at(i64::MIN), at(i64::MIN)));
    }
}
