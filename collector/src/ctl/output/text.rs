//! Figures and texts for people.

use std::time::Duration;

use inventory::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Older times are shown as dates.
const RELATIVE_DAYS: u64 = 14;
/// Characters of one text; the rest is cut.
const MAX_TEXT: usize = 200;

/// Text from the network with everything escaped that could steer a terminal or pass for other
/// text: control characters, marks that turn the direction of writing, characters without a width.
pub(in crate::ctl) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        if index >= MAX_TEXT {
            clean.push('…');
            break;
        }
        if steers(c) {
            clean.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Whether a terminal may do something else with a character than show it.
pub(super) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// `1.2 MB`: powers of a thousand.
pub(in crate::ctl) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let number = u128::from(number);
    let mut scale: u128 = 1;
    for unit in UNITS {
        scale = scale.saturating_mul(1000);
        let rounded = |parts: u128| number.saturating_mul(parts).saturating_add(scale / 2) / scale;
        let (tenths, whole) = (rounded(10), rounded(1));
        if tenths < 1000 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        // 999.9 kB would be shown as 1000 kB.
        if whole < 1000 {
            return format!("{whole} {unit}");
        }
    }
    format!("{} PB", number / scale)
}

/// `12,034`.
pub(in crate::ctl) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len().saturating_sub(index)).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 device`, `12,034 devices`.
pub(in crate::ctl) fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `3.1 %`; a share that is not zero is never shown as zero.
pub(in crate::ctl) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent <= 0.0 {
        "0 %".to_owned()
    } else if percent < 0.1 {
        "under 0.1 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

/// `5 min ago`; dates for what is long ago.
pub(in crate::ctl) fn ago(at: Timestamp, now: Timestamp) -> String {
    // A clock that is a little ahead is no news.
    if at > now.saturating_add(Duration::from_secs(MINUTE)) {
        return moment(at);
    }
    let seconds = now.since(at).as_secs();
    match seconds {
        0..MINUTE => format!("{seconds} s ago"),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => format!("{} h ago", seconds / HOUR),
        _ if seconds < RELATIVE_DAYS.saturating_mul(DAY) => format!("{} d ago", seconds / DAY),
        _ => moment(at).chars().take("2026-01-31".len()).collect(),
    }
}

/// `2026-01-31 14:05Z`.
pub(in crate::ctl) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let minutes: String = text.chars().take("2026-01-31T14:05".len()).collect();
    format!("{}Z", minutes.replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_two_figures_and_never_round_to_a_thousand() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1234, "1.2 kB"),
            (12_345, "12.3 kB"),
            (123_456, "123 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (999_499, "999 kB"),
            (999_999, "1.0 MB"),
            (1_500_000_000, "1.5 GB"),
            (u64::MAX, "18446 PB"),
        ] {
            assert_eq!(bytes(number), text, "{number}");
        }
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(
            [count(0), count(999), count(1000), count(12_034_567)],
            ["0", "999", "1,000", "12,034,567"]
        );
        assert_eq!(plural(1, "device", "devices"), "1 device");
        assert_eq!(plural(0, "device", "devices"), "0 devices");
    }

    #[test]
    fn a_small_share_is_not_shown_as_none() {
        assert_eq!(
            [percent(0.0), percent(0.0001), percent(0.031)],
            ["0 %", "under 0.1 %", "3.1 %"]
        );
    }

    #[test]
    fn times_are_relative_until_they_are_old() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let ago = |text: &str| ago(text.parse().unwrap(), now);
        assert_eq!(ago("2026-03-10T11:59:18Z"), "42 s ago");
        assert_eq!(ago("2026-03-10T11:15:00Z"), "45 min ago");
        assert_eq!(ago("2026-03-10T09:00:00Z"), "3 h ago");
        assert_eq!(ago("2026-03-01T12:00:00Z"), "9 d ago");
        assert_eq!(ago("2025-12-24T12:00:00Z"), "2025-12-24");
        assert_eq!(ago("2026-03-10T12:00:30Z"), "0 s ago");
        assert_eq!(ago("2026-03-11T12:00:00Z"), "2026-03-11 12:00Z");
    }

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_done() {
        assert_eq!(clean("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\u{a}c");
        assert_eq!(
            clean("\u{202e}exe.\u{200b}\u{9b}"),
            "\\u{202e}exe.\\u{200b}\\u{9b}"
        );
        assert_eq!(clean("Grüße 日本 👍"), "Grüße 日本 👍");
        assert_eq!(clean(&"x".repeat(500)).chars().count(), 201);
    }
}
