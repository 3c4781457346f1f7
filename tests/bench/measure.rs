//! Whole processes, by the operating system's own accounting.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// One run of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// User and system time, nanoseconds.
    pub(crate) cpu_nanos: f64,
    /// The most memory that was resident, KiB.
    pub(crate) peak_kib: u64,
}

/// Runs the command in a process of its own that has no other child, so that its peak memory is known.
pub(crate) fn measure(command: &[&str]) -> Result<Run> {
    let output = Command::new(std::env::current_exe()?)
        .arg("--one")
        .args(command)
        .stderr(Stdio::piped())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} failed: {printed}",
        command.join(" ")
    );
    let line = printed.lines().last().context("nothing was measured")?;
    let (cpu, peak) = line.split_once(' ').context("nothing was measured")?;
    Ok(Run {
        cpu_nanos: cpu.parse()?,
        peak_kib: peak.parse()?,
    })
}

/// The middle one of several runs, by CPU time.
pub(crate) fn median(mut runs: Vec<Run>) -> Option<Run> {
    runs.sort_by(|a, b| a.cpu_nanos.total_cmp(&b.cpu_nanos));
    runs.get(runs.len() / 2).copied()
}

/// Runs one command, on one processor where the system can be asked for that, and prints what it cost.
#[expect(
    clippy::print_stderr,
    reason = "the measurement is this process's output"
)]
pub(crate) fn one(command: &[String]) -> Result<ExitCode> {
    let mut child = Command::new("taskset");
    child
        .args(["-c", "0"])
        .args(command)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = child
        .status()
        .context("cannot run the command under taskset")?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let nanos = usage.user_time().num_nanoseconds() + usage.system_time().num_nanoseconds();
    eprintln!("{nanos} {}", usage.max_rss());
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The loop that everything is compared with: libpcap hands over each packet, and it is counted.
#[expect(
    clippy::print_stdout,
    reason = "so that the count is not optimised away"
)]
pub(crate) fn count_with_libpcap(path: &str) -> Result<ExitCode> {
    let mut capture = pcap::Capture::from_file(path)?;
    let (mut packets, mut bytes) = (0_u64, 0_u64);
    loop {
        match capture.next_packet() {
            Ok(packet) => {
                packets += 1;
                bytes += u64::from(packet.header.caplen);
            }
            Err(pcap::Error::NoMorePackets) => break,
            Err(error) => return Err(error.into()),
        }
    }
    println!("{packets} {bytes}");
    Ok(ExitCode::SUCCESS)
}
