//! Sizes and durations as people write them: `"64 MiB"`, `"90s"`, `"1h"`.

use std::time::Duration;

/// Reads a size: a number of bytes, or a number and one of `KiB`, `MiB`, `GiB` (`K`, `M`, `G`).
pub(super) fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '_')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.replace('_', "").parse().ok()?;
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// Reads a duration: whole seconds, or numbers with units such as `90s`, `5m`, `1h 30m`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let duration: jiff::SignedDuration = text.parse().ok()?;
    duration.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("512"), Some(512));
        assert_eq!(size("64 MiB"), Some(64 << 20));
        assert_eq!(size("2G"), Some(2 << 30));
        assert_eq!(size("1_024 kib"), Some(1 << 20));
        assert_eq!(size("64 MB?"), None);
        assert_eq!(size("99999999999999 GiB"), None);
        assert_eq!(size(""), None);
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("90"), Some(Duration::from_secs(90)));
        assert_eq!(duration("1h 30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("-5s"), None);
        assert_eq!(duration("soon"), None);
    }
}
