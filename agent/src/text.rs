//! How values are written for people and machines: times, sizes, and text that came off the wire.

use jiff::Timestamp;

const NANOS_PER_DAY: i64 = 86_400_000_000_000;

/// Nanoseconds since the Unix epoch as RFC 3339 in UTC with microseconds, for machines.
///
/// Written digit by digit: an answer may hold tens of thousands of times.
pub(crate) fn time(nanos: i64) -> String {
    let (year, month, day) = civil(nanos.div_euclid(NANOS_PER_DAY));
    let micros = nanos.rem_euclid(NANOS_PER_DAY) / 1000;
    let seconds = micros / 1_000_000;
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    let parts = [
        (0..4, year),
        (5..7, month),
        (8..10, day),
        (11..13, seconds / 3600),
        (14..16, seconds / 60 % 60),
        (17..19, seconds % 60),
        (20..26, micros % 1_000_000),
    ];
    for (range, value) in parts {
        let mut rest = value;
        for digit in text.get_mut(range).unwrap_or_default().iter_mut().rev() {
            *digit = b'0' | u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Year, month and day of a day since the Unix epoch, in years of 365.2425 days that begin in March, so that
/// the leap day is the last. Days of `i64` nanoseconds lie in the years 1677 to 2262.
const fn civil(day: i64) -> (i64, i64, i64) {
    /// Days of 400 years, after which the calendar repeats.
    const ERA: i64 = 146_097;
    /// From 1 March of the year 0 to the Unix epoch.
    const EPOCH: i64 = 719_468;
    let shifted = day.saturating_add(EPOCH);
    let (era, in_era) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let january_on = if month <= 2 { 1 } else { 0 };
    (year + era * 400 + january_on, month, day)
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
    fn times_agree_with_the_calendar() {
        let steps = (-9_223..9_223).map(|step| step * 1_000_000_000_000_007_i64);
        for nanos in steps.chain([i64::MIN, -1, i64::MAX, 951_782_400_000_000_000]) {
            let expected = from_nanos(nanos).map(|_| {
                let micros = nanos.rem_euclid(1_000_000_000) / 1000;
                let second = Timestamp::from_second(nanos.div_euclid(1_000_000_000));
                second
                    .map(|second| format!("{}.{micros:06}Z", second.strftime("%Y-%m-%dT%H:%M:%S")))
            });
            assert_eq!(expected.map(Result::ok), Some(Some(time(nanos))));
        }
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb"), "a?[31mb");
    }
}
