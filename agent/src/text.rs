//! How values are written for people and machines: times, sizes, and text that came off the wire.

use jiff::Timestamp;

/// Nanoseconds since the Unix epoch as RFC 3339 in UTC with microseconds, for machines.
pub(crate) fn time(nanos: i64) -> String {
    from_nanos(nanos).map_or_else(
        || "invalid".to_owned(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    )
}

/// Nanoseconds since the Unix epoch as RFC 3339 in UTC to the second, for people.
pub(crate) fn short_time(nanos: i64) -> String {
    from_nanos(nanos).map_or_else(
        || "invalid".to_owned(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

fn from_nanos(nanos: i64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(i128::from(nanos)).ok()
}

/// The moment now, as nanoseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}

/// A number of bytes with a binary unit, for people.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(count) * 10;
    let mut name = "";
    for unit in UNITS {
        tenths = tenths.div_euclid(1024);
        name = unit;
        if tenths < 10 * 1024 {
            break;
        }
    }
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        fraction => format!("{}.{fraction} {name}", tenths / 10),
    }
}

/// A count with a noun in the right number.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// How long, roughly, for people.
pub(crate) fn span(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=119 => counted(seconds, "second"),
        120..=7199 => format!("{} minutes", seconds / 60),
        7200..=172_799 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Text from outside without anything that would steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_unit_and_one_decimal() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1 KiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(8 << 20), "8 MiB");
        assert_eq!(bytes(u64::MAX), "16383.9 PiB");
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(
            time(1_767_323_045_123_456_789),
            "2026-01-02T03:04:05.123456Z"
        );
        assert_eq!(
            short_time(1_767_323_045_123_456_789),
            "2026-01-02T03:04:05Z"
        );
        assert_eq!(time(0), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb"), "a?[31mb");
    }
}
