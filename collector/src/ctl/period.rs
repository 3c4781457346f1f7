//! Times as people type them: a date, RFC 3339, or so long ago, or for so long.

use std::str::FromStr;
use std::time::Duration;

use inventory::Timestamp;

/// A time of which the relative form reaches back: `24h` is a day ago.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Past(When);

/// A time of which the relative form reaches ahead: `90d` is in ninety days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Future(When);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    At(Timestamp),
    Within(Duration),
}

impl Past {
    /// The point in time.
    pub(super) fn resolve(self, now: Timestamp) -> Timestamp {
        match self.0 {
            When::At(at) => at,
            When::Within(duration) => now.saturating_sub(duration),
        }
    }
}

impl Future {
    /// The point in time.
    pub(super) fn resolve(self, now: Timestamp) -> Timestamp {
        match self.0 {
            When::At(at) => at,
            When::Within(duration) => now.saturating_add(duration),
        }
    }
}

impl FromStr for Past {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        when(text).map(Self)
    }
}

impl FromStr for Future {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        when(text).map(Self)
    }
}

fn when(text: &str) -> Result<When, String> {
    if let Some(duration) = duration(text) {
        return Ok(When::Within(duration));
    }
    text.parse().map(When::At).map_err(|_| {
        "write a date (2026-01-31), RFC 3339 (2026-01-31T14:00:00Z), or a number with s, m, h, d \
         or w (24h, 7d)"
            .to_owned()
    })
}

fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let number = text.strip_suffix(unit)?;
    // A sign would parse as well.
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_absolute_and_relative_times() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        for (text, past, future) in [
            ("2026-01-31", "2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"),
            ("24h", "2026-03-09T12:00:00Z", "2026-03-11T12:00:00Z"),
            ("1w", "2026-03-03T12:00:00Z", "2026-03-17T12:00:00Z"),
            ("90s", "2026-03-10T11:58:30Z", "2026-03-10T12:01:30Z"),
        ] {
            let resolved = text.parse::<Past>().unwrap().resolve(now).to_string();
            assert_eq!(resolved, past, "{text}");
            let resolved = text.parse::<Future>().unwrap().resolve(now).to_string();
            assert_eq!(resolved, future, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_neither() {
        for text in [
            "",
            "h",
            "24",
            "-1h",
            "+1h",
            "1.5h",
            "24x",
            "99999999999999999999d",
            "é",
        ] {
            assert!(text.parse::<Past>().is_err(), "{text}");
        }
    }
}
