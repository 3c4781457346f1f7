//! Capabilities of Linux, see capabilities(7), as `/proc/self/status` shows them.

use std::fs;

/// Number of the capability to open packet sockets.
const CAP_NET_RAW: u32 = 13;

/// The capability that capturing lacks, if it lacks one. Where the kernel does not say, opening the
/// interface will.
pub(crate) fn missing_for_capture() -> Option<&'static str> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let effective = effective(&status)?;
    (effective & (1 << CAP_NET_RAW) == 0).then_some("CAP_NET_RAW")
}

fn effective(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_set_is_read() {
        assert_eq!(
            effective("Name:\tx\nCapEff:\t0000000000002000\n"),
            Some(1 << CAP_NET_RAW)
        );
        assert_eq!(effective("Name:\tx\n"), None);
    }
}
