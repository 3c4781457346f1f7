//! Makes its own traffic and prints what the sensor costs on it, beside libpcap counting the same packets.
//!
//! ```sh
//! cargo bench -p e2e --bench sensor                      # both kinds of traffic, sizes as in the peers' comparison
//! cargo bench -p e2e --bench sensor -- --flows 5000 --seed 7 --runs 3
//! ```
//!
//! For each kind: nanoseconds of CPU a packet for the counting loop, for `gnomon-agent scan` and for `gnomon-agent dissect`,
//! the ratios to the loop, peak memory, and which share of the names in the traffic `dissect` found, by kind of flow.

mod measure;
mod messages;
mod network;
mod random;
mod traffic;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};
use e2e::workspace;

use crate::measure::{Run, median};
use crate::traffic::{Kind, Made};

/// Flows of each kind of traffic unless told otherwise.
const HELLO_FLOWS: usize = 60_000;
const MIX_FLOWS: usize = 29_530;

#[derive(Debug)]
struct Options {
    seed: u64,
    flows: Option<usize>,
    runs: usize,
    keep: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("--one") => return measure::one(arguments.get(1..).unwrap_or_default()),
        Some("--count") => {
            return measure::count_with_libpcap(arguments.get(1).context("which file?")?);
        }
        _ => {}
    }
    let options = options(&arguments)?;
    let agent = build_agent()?;
    let temporary = tempfile::tempdir()?;
    let folder = options
        .keep
        .clone()
        .unwrap_or_else(|| temporary.path().to_path_buf());
    std::fs::create_dir_all(&folder)?;
    for kind in [Kind::Mix, Kind::Hello] {
        report(kind, &options, &agent, &folder)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        seed: 1,
        flows: None,
        runs: 5,
        keep: None,
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{name} needs a value"));
        match name.as_str() {
            "--seed" => options.seed = value()?.parse()?,
            "--flows" => options.flows = Some(value()?.parse()?),
            "--runs" => options.runs = value()?.parse::<usize>()?.max(1),
            "--keep" => options.keep = Some(value()?.into()),
            _ => {
                bail!("unknown option {name}; known: --seed N, --flows N, --runs N, --keep FOLDER")
            }
        }
    }
    Ok(options)
}

fn build_agent() -> Result<PathBuf> {
    let built = Command::new("cargo")
        .args(["build", "--release", "--locked", "-p", "agent"])
        .current_dir(workspace())
        .status()?;
    ensure!(built.success(), "the agent does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace().join("target"), PathBuf::from);
    Ok(target.join("release/gnomon-agent"))
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn report(kind: Kind, options: &Options, agent: &Path, folder: &Path) -> Result<()> {
    let default = if kind == Kind::Mix {
        MIX_FLOWS
    } else {
        HELLO_FLOWS
    };
    let path = folder.join(format!("{}-{}.pcap", kind.name(), options.seed));
    let made = traffic::make(kind, options.seed, options.flows.unwrap_or(default), &path)?;
    let path = path.to_str().context("the folder's name is not text")?;
    let agent = agent.to_str().context("the agent's path is not text")?;
    let this = std::env::current_exe()?;
    let this = this.to_str().context("this program's path is not text")?;

    println!(
        "\n{}: {} packets, {:.0} MB, {:.0} bytes a packet, seed {}",
        kind.name(),
        made.packets,
        made.bytes as f64 / 1e6,
        made.bytes as f64 / made.packets as f64,
        options.seed
    );
    let commands: [(&str, Vec<&str>); 3] = [
        ("libpcap counts", vec![this, "--count", path]),
        (
            "gnomon-agent scan",
            vec![agent, "scan", "--format", "json", path],
        ),
        ("gnomon-agent dissect", vec![agent, "dissect", path]),
    ];
    // In turn, so that a machine whose speed drifts treats all alike.
    let mut runs: [Vec<Run>; 3] = Default::default();
    for _ in 0..=options.runs {
        for ((_, command), runs) in commands.iter().zip(&mut runs) {
            runs.push(measure::measure(command)?);
        }
    }
    println!(
        "{:<22}{:>10}{:>10}{:>12}",
        "", "ns/packet", "x raw", "peak MiB"
    );
    let raw = median(runs[0].split_off(1)).context("no run")?;
    row("libpcap counts", raw, raw, &made);
    for (place, (name, _)) in commands.iter().enumerate().skip(1) {
        row(
            name,
            median(runs[place].split_off(1)).context("no run")?,
            raw,
            &made,
        );
    }
    completeness(agent, path, &made)
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn row(name: &str, run: Run, raw: Run, made: &Made) {
    println!(
        "{name:<22}{:>10.1}{:>10.2}{:>12.1}",
        run.cpu_nanos / made.packets as f64,
        run.cpu_nanos / raw.cpu_nanos,
        run.peak_kib as f64 / 1024.0
    );
}

/// Which of the names `dissect` printed, and whether it printed any that are not there.
#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn completeness(agent: &str, path: &str, made: &Made) -> Result<()> {
    let output = Command::new(agent).args(["dissect", path]).output()?;
    ensure!(output.status.success(), "dissect failed");
    let mut found: HashSet<(String, String)> = HashSet::new();
    for line in output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let line: serde_json::Value = serde_json::from_slice(line)?;
        let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
        found.insert((text("kind"), text("name")));
    }
    let mut kinds: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for truth in &made.truth {
        let hit = found.remove(&(truth.message.to_owned(), truth.name.clone()));
        let (all, hits) = kinds.entry((truth.message, truth.flow)).or_default();
        *all += 1;
        *hits += usize::from(hit);
    }
    println!("names found by dissect:");
    for ((message, flow), (all, hits)) in kinds {
        println!(
            "  {message:<5}{flow:<12}{hits:>8} of {all:<8}{:>7.2} %",
            100.0 * hits as f64 / all as f64
        );
    }
    println!("  names that are not in the traffic: {}", found.len());
    for (kind, name) in found.iter().take(5) {
        println!("    {kind} {name:?}");
    }
    Ok(())
}
