//! The commands and options of `gnomon-agent`, and nothing of what they do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Finds the AI services that this machine or network uses, by watching passively.
#[derive(Debug, Parser)]
#[command(name = "gnomon-agent", version, about, max_term_width = 100)]
#[command(after_help = "Example:\n  gnomon-agent scan capture.pcapng\n\n\
    Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Configuration file [default: /etc/gnomon/agent.toml, where it exists]
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        env = "GNOMON_AGENT_CONFIG"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Folder of identity, spool and status, instead of the configured one
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "GNOMON_AGENT_STATE_DIR"
    )]
    pub(crate) state_dir: Option<PathBuf>,
    /// Log level or filter, instead of the configured one
    #[arg(long, global = true, value_name = "LEVEL", env = "GNOMON_AGENT_LOG")]
    pub(crate) log_level: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch the network and report to the collector, until stopped
    #[command(after_help = "Examples:\n  gnomon-agent run\n  \
        gnomon-agent run --replay office.pcapng --wait-timeout 120")]
    Run(Run),
    /// Get this agent's identity from a collector
    #[command(after_help = "Example:\n  gnomon-agent enroll gnm1_eyJhIjoi...\n\n\
        `gnomon-collector token create` prints a token. With - it is read from stdin.")]
    Enroll(Enroll),
    /// Check the configuration and report every problem in it
    #[command(after_help = "Example:\n  gnomon-agent --config ./agent.toml validate")]
    Validate,
    /// Say how the running agent is doing
    #[command(after_help = "Example:\n  gnomon-agent status --format json")]
    Status(ObjectOutput),
    /// Show what this agent has reported about this machine, and what it will
    #[command(after_help = "Example:\n  gnomon-agent show")]
    Show(Rows),
    /// Print a notice for employees, made from how this agent is set up
    #[command(after_help = "Example:\n  gnomon-agent notice --format html > notice.html")]
    Notice(Notice),
    /// Find AI services in capture files; no collector is needed
    #[command(after_help = "Example:\n  gnomon-agent scan --format json office.pcapng")]
    Scan(Scan),
    /// Print every message that is understood in capture files, as JSON lines
    #[command(after_help = "Example:\n  gnomon-agent dissect office.pcapng.gz | jq .name")]
    Dissect(Captures),
    /// List the network interfaces, and which would be captured on
    #[command(after_help = "Example:\n  gnomon-agent interfaces")]
    Interfaces(Rows),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Read this capture instead of the network, report it, and end
    #[arg(long, value_name = "CAPTURE")]
    pub(crate) replay: Option<PathBuf>,
    /// With --replay: end when everything is in the spool, delivered or not
    #[arg(long, requires = "replay", conflicts_with = "wait_timeout")]
    pub(crate) no_wait: bool,
    /// With --replay: seconds to wait for the collector once everything is in the spool
    /// [default: without end]
    #[arg(long, requires = "replay", value_name = "SECONDS")]
    pub(crate) wait_timeout: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Enroll {
    /// What `gnomon-collector token create` printed, or - to read it from stdin
    #[arg(value_name = "TOKEN")]
    pub(crate) token: String,
    /// Replace an identity that this agent already has
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Captures {
    /// Capture files: pcap or pcapng, also gzip-compressed
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    #[command(flatten)]
    pub(crate) captures: Captures,
    /// Look for the services of this catalogue: a bundle, a folder of TOML files, or one such file
    /// [default: with --config or --state-dir what that agent runs, else what the program brings along]
    #[arg(long, value_name = "PATH")]
    pub(crate) catalogue: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rows: Rows,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Rows {
    /// How the rows are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ObjectOutput {
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = ObjectFormat::Text)]
    pub(crate) format: ObjectFormat,
}

/// What form the notice has.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Notice {
    /// How the notice is printed
    #[arg(long, value_enum, default_value_t = NoticeFormat::Text)]
    pub(crate) format: NoticeFormat,
}

/// How the notice is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum NoticeFormat {
    /// For people
    Text,
    /// A page
    Html,
    /// For a wiki
    Markdown,
}

/// How rows are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One object with `items`
    Json,
    /// With a header line
    Csv,
}

/// How one answer is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ObjectFormat {
    /// For people
    #[value(alias = "table")]
    Text,
    /// One object
    Json,
}
