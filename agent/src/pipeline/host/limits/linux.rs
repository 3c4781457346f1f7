//! What this process has used, as `/proc/self` shows it, see proc_pid_stat(5) and proc_pid_statm(5).

use std::fs;
use std::time::Duration;

use super::budget::Used;

/// Length of the kernel's tick for user space; the same on every Linux that this is built for.
const TICK: Duration = Duration::from_millis(10);

/// What was used so far; `None` where it cannot be read.
pub(super) fn used() -> Option<Used> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(Used {
        cpu: cpu_of(&stat)?,
        memory: memory_of(&status)?,
    })
}

/// User and system time: the 14th and 15th field; the second is in brackets and may hold anything.
fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK.saturating_mul(user.saturating_add(system)))
}

/// Resident memory of its own: without the pages of files and of rings that are shared with the kernel.
fn memory_of(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_whatever_the_process_is_called() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 0 0";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(3)));
        assert_eq!(memory_of("VmRSS:\t 9 kB\nRssAnon:\t 8 kB\n"), Some(8192));
        assert!(used().is_some());
    }
}
