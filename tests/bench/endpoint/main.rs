//! What an endpoint's agent costs: makes browsing-like traffic in network namespaces and prints a table.
//!
//! ```sh
//! cargo bench -p e2e --bench endpoint_cost                        # needs root; about seven minutes
//! cargo bench -p e2e --bench endpoint_cost -- --seconds 60 --mbit 100 --only idle
//! ```
//!
//! A client and a server stand in namespaces of their own, with a cable between them that carries single segments
//! (as a network card without offloading would). The client browses at the given rate: look-ups, TCP connections that
//! begin with a real ClientHello, QUIC flows that begin with a real Initial packet, sizes as pages have them. 500
//! idle processes run beside. The release agent runs in endpoint mode in the client's namespace; CPU is what its
//! threads used, by the scheduler's account, `in BPF` what its programs used in the kernel besides.

mod browse;
mod figures;
#[path = "../messages.rs"]
#[expect(dead_code, reason = "shared with another benchmark")]
mod messages;
#[path = "../random.rs"]
mod random;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use e2e::{Lab, Process, wait_until, workspace};

use figures::{Figures, Snapshot};

/// Processes that do nothing beside the agent.
const IDLE_PROCESSES: usize = 500;
/// They end by themselves, whatever becomes of this program.
const IDLE_SECONDS: &str = "1200";
/// An idle agent is measured after this: at first it scans the device and rewrites its status often.
const IDLE_AFTER: Duration = Duration::from_secs(75);
/// What a run may cost: percent of a core and MiB, browsing; percent of a core and wake-ups a second, idle.
const BROWSING_GOALS: (f64, f64) = (1.0, 50.0);
const IDLE_GOALS: (f64, f64) = (0.1, 2.0);

#[derive(Debug)]
struct Options {
    seconds: u64,
    mbit: u64,
    only: Option<String>,
    agent: Option<PathBuf>,
}

/// One line of the table.
struct Case {
    name: &'static str,
    filter: &'static str,
    attribution: &'static str,
    browses: bool,
}

const fn case(
    name: &'static str,
    filter: &'static str,
    attribution: &'static str,
    browses: bool,
) -> Case {
    Case {
        name,
        filter,
        attribution,
        browses,
    }
}

const CASES: [Case; 8] = [
    case("idle", "auto", "auto", false),
    case("idle, sock_diag", "auto", "sock_diag", false),
    case("browsing", "ebpf", "auto", true),
    case("browsing, classic", "classic", "auto", true),
    case("browsing, off", "off", "auto", true),
    case("browsing, sock_diag", "ebpf", "sock_diag", true),
    case("browsing, procfs", "ebpf", "procfs", true),
    case("browsing, none", "ebpf", "off", true),
];

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("--serve") => return browse::serve(),
        Some("--browse") => return browse::browse(arguments.get(1..).unwrap_or_default()),
        _ => {}
    }
    let options = options(&arguments)?;
    if let Err(why) = Lab::possible() {
        bail!("{why}");
    }
    let agent = match &options.agent {
        Some(agent) => agent.clone(),
        None => build_agent()?,
    };
    let bpf = figures::BpfStats::switch_on();
    let folder = tempfile::tempdir()?;
    let lab = Lab::create(folder.path())?;
    for end in [&lab.client, &lab.server] {
        end.ip(&["link", "set", "eth0", "gso_max_segs", "1"])?;
    }
    let _crowd = Crowd::start()?;
    let server = start(
        lab.server.command(&this()?),
        &["--serve"],
        folder.path(),
        "server",
    )?;
    wait_until("the server listens", Duration::from_secs(10), || {
        Ok(server.stdout().contains("ready"))
    })?;
    head(&options, &agent);
    for case in &CASES {
        if options
            .only
            .as_deref()
            .is_none_or(|only| case.name.contains(only))
        {
            measure(case, &options, &agent, &lab, folder.path())?;
        }
    }
    drop(bpf);
    Ok(ExitCode::SUCCESS)
}

fn this() -> Result<String> {
    let this = std::env::current_exe()?;
    Ok(this.to_str().context("the path is not text")?.to_owned())
}

fn start(mut command: Command, arguments: &[&str], folder: &Path, name: &str) -> Result<Process> {
    Process::start(command.args(arguments), folder, name)
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        seconds: 20,
        mbit: 100,
        only: None,
        agent: None,
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{name} needs a value"));
        match name.as_str() {
            "--seconds" => options.seconds = value()?.parse()?,
            "--mbit" => options.mbit = value()?.parse()?,
            "--only" => options.only = Some(value()?.clone()),
            "--agent" => options.agent = Some(value()?.into()),
            _ => bail!("{name} is not known"),
        }
    }
    Ok(options)
}

fn build_agent() -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["build", "--release", "--locked", "-p", "agent"])
        .status()?;
    ensure!(status.success(), "the agent cannot be built");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace().join("target"), PathBuf::from);
    Ok(target.join("release/gnomon-agent"))
}

/// The idle processes; they end with this.
struct Crowd(Vec<Child>);

impl Crowd {
    fn start() -> Result<Self> {
        let mut crowd = Self(Vec::with_capacity(IDLE_PROCESSES));
        for _ in 0..IDLE_PROCESSES {
            let child = Command::new("sleep")
                .arg(IDLE_SECONDS)
                .stdin(Stdio::null())
                .spawn()?;
            crowd.0.push(child);
        }
        Ok(crowd)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let ended = child.kill().and_then(|()| child.wait());
            debug_assert!(ended.is_ok(), "an idle process could not be ended");
        }
    }
}

/// Runs the agent for one line of the table.
fn measure(case: &Case, options: &Options, agent: &Path, lab: &Lab, folder: &Path) -> Result<()> {
    let home = folder.join(case.name.replace([',', ' '], "-"));
    std::fs::create_dir_all(&home)?;
    let config = home.join("agent.toml");
    let lines = format!(
        "mode = \"endpoint\"\nstate_dir = {:?}\n[capture]\nfilter = {:?}\n[attribution]\nbackend = {:?}\n",
        home.join("state"),
        case.filter,
        case.attribution,
    );
    std::fs::write(&config, lines)?;
    let program = agent.to_str().context("the path is not text")?;
    let config = config.to_str().context("the path is not text")?;
    let mut process = start(
        lab.client.command(program),
        &["run", "--config", config],
        &home,
        "agent",
    )?;
    figures::settle(process.id())
        .with_context(|| format!("the agent says: {}", process.stderr()))?;
    let seconds = options.seconds.to_string();
    let mut browser = if case.browses {
        let words = ["--browse", &seconds, &options.mbit.to_string()];
        let browser = start(lab.client.command(&this()?), &words, &home, "browser")?;
        // The first connections bring what stays.
        std::thread::sleep(Duration::from_secs(2));
        Some(browser)
    } else {
        std::thread::sleep(IDLE_AFTER);
        None
    };
    let before = Snapshot::take(process.id())?;
    std::thread::sleep(Duration::from_secs(
        options.seconds.saturating_sub(4).max(5),
    ));
    let figures = Figures::between(&before, &Snapshot::take(process.id())?);
    let mut moved = None;
    if let Some(browser) = &mut browser {
        browser.wait(Duration::from_secs(options.seconds + 20))?;
        moved = browser.stdout().trim().parse::<f64>().ok();
    }
    // The status is rewritten every few seconds.
    std::thread::sleep(Duration::from_secs(4));
    let status = Command::new(agent)
        .args(["status", "--config", config, "--format", "json"])
        .output()?;
    let status: serde_json::Value = serde_json::from_slice(&status.stdout)?;
    line(case, &figures, moved, &status);
    process.terminate(Duration::from_secs(20))?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn head(options: &Options, agent: &Path) {
    println!(
        "{} Mbit/s of browsing, {IDLE_PROCESSES} idle processes, {} s a line, {}",
        options.mbit,
        options.seconds,
        agent.display()
    );
    println!(
        "{:<22}{:>9}{:>12}{:>8}{:>8}{:>9}{:>9}{:>11}{:>12}{:>9}  attribution, filter",
        "",
        "Mbit/s",
        "CPU % core",
        "in BPF",
        "MiB",
        "anon MiB",
        "wake/s",
        "frames",
        "of them read",
        "dropped"
    );
}

#[expect(clippy::print_stdout, reason = "the report is this program's output")]
fn line(case: &Case, figures: &Figures, moved: Option<f64>, status: &serde_json::Value) {
    let interfaces = status["interfaces"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let sum = |field: &str| -> u64 {
        let values = interfaces.iter().filter_map(|one| one[field].as_u64());
        values.sum()
    };
    let frames = sum("frames");
    let read = frames.saturating_sub(sum("frames_filtered"));
    let filters: Vec<_> = interfaces
        .iter()
        .filter_map(|one| one["filter"].as_str())
        .collect();
    let attribution = status["attribution"]["backend"].as_str().unwrap_or("?");
    println!(
        "{:<22}{:>9}{:>12.3}{:>8.3}{:>8.1}{:>9.1}{:>9.1}{frames:>11}{read:>12}{:>9}  {attribution}, {}",
        case.name,
        moved.map_or_else(String::new, |moved| format!("{moved:.0}")),
        figures.cpu,
        figures.bpf,
        figures.resident_mib,
        figures.anonymous_mib,
        figures.wakeups,
        sum("frames_dropped"),
        filters.join("+"),
    );
    for thread in &figures.threads {
        println!(
            "    {:<18}{:>9}{:>12.3}{:>8}{:>8}{:>9}{:>9.1}",
            thread.name, "", thread.cpu, "", "", "", thread.wakeups
        );
    }
    let goal = if case.browses {
        let (cpu, memory) = BROWSING_GOALS;
        let kept = figures.cpu < cpu && figures.resident_mib < memory;
        format!("goal: under {cpu} % and {memory} MiB: {}", verdict(kept))
    } else {
        let (cpu, wakeups) = IDLE_GOALS;
        let kept = figures.cpu < cpu && figures.wakeups < wakeups;
        format!(
            "goal: under {cpu} % and {wakeups} wake-ups a second: {}",
            verdict(kept)
        )
    };
    println!("    {goal}");
}

const fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}
