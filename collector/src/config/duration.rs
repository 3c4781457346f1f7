//! Durations as people write them: a number and one unit, `90s`, `30m`, `24h`
//! or `90d`.

use std::time::Duration;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads a number and its unit; `None` for anything else.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.chars().next_back()?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    number.checked_mul(*seconds).map(Duration::from_secs)
}

/// In the largest unit that loses nothing.
pub(super) fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let whole = UNITS
        .iter()
        .find(|(_, unit)| seconds != 0 && seconds.is_multiple_of(*unit));
    let (name, unit) = whole.unwrap_or(&('s', 1));
    format!("{}{name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_is_a_duration() {
        assert_eq!(parse_duration("90d"), Some(Duration::from_secs(7_776_000)));
        assert_eq!(parse_duration(" 24 h "), Some(Duration::from_secs(86_400)));
        assert_eq!(parse_duration("0s"), Some(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "h",
            "24",
            "-1h",
            "1.5h",
            "1w",
            "1h30m",
            "99999999999999999999d",
            "1\u{e9}",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
        assert_eq!(parse_duration("18446744073709551615d"), None);
    }

    #[test]
    fn shows_the_largest_unit() {
        assert_eq!(show(Duration::from_secs(86_400)), "1d");
        assert_eq!(show(Duration::from_secs(90)), "90s");
        assert_eq!(show(Duration::ZERO), "0s");
    }
}
