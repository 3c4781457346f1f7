//! What one process cost between two moments, from /proc.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Longest wait for the agent to have done what it does at its start.
const SETTLING: Duration = Duration::from_secs(60);
/// An agent that used less than this share of a core for some seconds has settled.
const SETTLED: f64 = 0.02;
const BPF_STATS: &str = "/proc/sys/kernel/bpf_stats_enabled";

/// The accounts of a process at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    at: Instant,
    /// Name, nanoseconds on a processor, times that it went to sleep.
    threads: BTreeMap<u32, (String, u64, u64)>,
    bpf_nanos: u64,
    resident_kib: u64,
    anonymous_kib: u64,
}

impl Snapshot {
    /// Reads the accounts of a process.
    pub(crate) fn take(pid: u32) -> Result<Self> {
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
            let folder = entry.path();
            let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            let Ok(schedule) = fs::read_to_string(folder.join("schedstat")) else {
                continue;
            };
            let cpu = schedule
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .parse()?;
            let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
            let name = fs::read_to_string(folder.join("comm")).unwrap_or_default();
            let sleeps = field(&status, "voluntary_ctxt_switches:").unwrap_or_default();
            threads.insert(id, (name.trim().to_owned(), cpu, sleeps));
        }
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        Ok(Self {
            at: Instant::now(),
            threads,
            bpf_nanos: bpf_nanos(pid),
            resident_kib: field(&status, "VmRSS:").context("no VmRSS")?,
            anonymous_kib: field(&status, "RssAnon:").context("no RssAnon")?,
        })
    }
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What all BPF programs that a process holds have used so far.
fn bpf_nanos(pid: u32) -> u64 {
    let mut seen = BTreeSet::new();
    let mut sum = 0_u64;
    for entry in fs::read_dir(format!("/proc/{pid}/fdinfo"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let Ok(text) = fs::read_to_string(entry.path()) else {
            continue;
        };
        if let (Some(id), Some(nanos)) = (field(&text, "prog_id:"), field(&text, "run_time_ns:"))
            && seen.insert(id)
        {
            sum = sum.saturating_add(nanos);
        }
    }
    sum
}

/// What a thread cost.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) name: String,
    /// Percent of a core.
    pub(crate) cpu: f64,
    /// A second.
    pub(crate) wakeups: f64,
}

/// What a process cost; CPU in percent of a core.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) cpu: f64,
    pub(crate) bpf: f64,
    pub(crate) wakeups: f64,
    pub(crate) resident_mib: f64,
    pub(crate) anonymous_mib: f64,
    /// Those that did anything, the costliest first.
    pub(crate) threads: Vec<Thread>,
}

impl Figures {
    /// Between two moments; memory is that of the later one.
    pub(crate) fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        let percent = |nanos: u64| nanos as f64 / seconds / 1e7;
        let mut threads: Vec<Thread> = after
            .threads
            .iter()
            .map(|(id, (name, cpu, sleeps))| {
                let known = before.threads.get(id);
                let (cpu_before, sleeps_before) =
                    known.map_or((0, 0), |(_, cpu, sleeps)| (*cpu, *sleeps));
                Thread {
                    name: name.clone(),
                    cpu: percent(cpu.saturating_sub(cpu_before)),
                    wakeups: sleeps.saturating_sub(sleeps_before) as f64 / seconds,
                }
            })
            .filter(|thread| thread.cpu > 0.0 || thread.wakeups > 0.0)
            .collect();
        threads.sort_by(|a, b| b.cpu.total_cmp(&a.cpu));
        Self {
            cpu: threads.iter().map(|thread| thread.cpu).sum(),
            bpf: percent(after.bpf_nanos.saturating_sub(before.bpf_nanos)),
            wakeups: threads.iter().map(|thread| thread.wakeups).sum(),
            resident_mib: after.resident_kib as f64 / 1024.0,
            anonymous_mib: after.anonymous_kib as f64 / 1024.0,
            threads,
        }
    }
}

/// Waits until a process that has just started does little.
pub(crate) fn settle(pid: u32) -> Result<()> {
    let begun = Instant::now();
    let mut calm = 0;
    let mut before = Snapshot::take(pid)?;
    while calm < 3 && begun.elapsed() < SETTLING {
        std::thread::sleep(Duration::from_secs(2));
        let after = Snapshot::take(pid)?;
        let used = Figures::between(&before, &after).cpu / 100.0;
        calm = if used < SETTLED { calm + 1 } else { 0 };
        before = after;
    }
    Ok(())
}

/// Lets the kernel account for BPF programs while this lives.
#[derive(Debug)]
pub(crate) struct BpfStats(Option<String>);

impl BpfStats {
    /// Without effect where the kernel refuses.
    pub(crate) fn switch_on() -> Self {
        let before = fs::read_to_string(BPF_STATS).ok();
        let changed = before.is_some() && fs::write(BPF_STATS, "1").is_ok();
        Self(before.filter(|_| changed))
    }
}

impl Drop for BpfStats {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let restored = fs::write(BPF_STATS, before.trim());
            debug_assert!(restored.is_ok(), "the setting could not be restored");
        }
    }
}
