//! The command line: what can be asked, and how it is said.

mod policy;
mod unmask;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use inventory::{ClientClass, Status};

pub(super) use policy::{PolicyCommand, PolicyImport, PolicyRemove, PolicySet, ScopeArgs};

pub(super) use unmask::{Unmask, UnmaskAsk, UnmaskOpen, UnmaskStep};

use super::period::Past;

/// Asks a Gnomon collector which AI services are in use, by whom, how much, since when, and
/// whether that is allowed.
#[derive(Debug, Parser)]
#[command(name = "gnomon", version, max_term_width = 100, after_help = HELP)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    pub(super) command: Command,
}

const HELP: &str = "\
Config file (~/.config/gnomon/config.toml), instead of flags and environment:
  collector = \"https://collector.example.com:8443\"
  ca = \"/etc/gnomon/ca.pem\"               # the collector's own CA: nothing else is trusted
  token_file = \"/home/anna/.config/gnomon/token\"

Example:
  gnomon usage --unsanctioned --since 7d";

/// Which collector, and who asks.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Address of the collector, such as https://collector.example.com:8443
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "GNOMON_COLLECTOR",
        help_heading = "Connection"
    )]
    pub(super) collector: Option<String>,
    /// The collector's CA, a PEM file; nothing else is trusted
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "GNOMON_CA",
        help_heading = "Connection"
    )]
    pub(super) ca: Option<PathBuf>,
    /// File that holds the API token; without it GNOMON_TOKEN
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "GNOMON_TOKEN_FILE",
        help_heading = "Connection"
    )]
    pub(super) token_file: Option<PathBuf>,
    /// Config file, instead of ~/.config/gnomon/config.toml
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "GNOMON_CONFIG",
        help_heading = "Connection"
    )]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// AI services in use
    #[command(
        after_help = "Examples:\n  gnomon services --since 30d\n  gnomon services deepseek      everything about one, and what its risk score is made of\n\nExample:\n  gnomon services --unsanctioned"
    )]
    Services(AskServices),
    /// Devices that use AI services
    #[command(after_help = "Example:\n  gnomon devices --service deepseek --unsanctioned")]
    Devices(Ask),
    /// Who uses which service, how far it got, how much, since when, and is it allowed
    #[command(after_help = USAGE_HELP)]
    Usage(Ask),
    /// Single findings with the evidence they rest on, latest first
    #[command(
        after_help = "Example:\n  gnomon findings --device anna-laptop --since 24h\n  gnomon findings --process claude --limit 1      everything about the latest one"
    )]
    Findings(Ask),
    /// What each sensor saw and could not see
    #[command(after_help = "Example:\n  gnomon coverage --since 24h")]
    Coverage(AskCoverage),
    /// Sensors and how they are
    #[command(after_help = "Example:\n  gnomon sensors")]
    Sensors(AskSensors),
    /// What was decided about services
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Find the name behind a pseudonym: takes an analyst and two officers, and is logged
    #[command(after_help = "Example:\n  gnomon unmask u-abcdefghij --reason \"incident 4711\"")]
    Unmask(Unmask),
}

const USAGE_HELP: &str = "\
Stages, a ladder that never overstates:
  resolved   its name was looked up
  contacted  a handshake named it
  used       more was exchanged than a preconnect, an update check or a beacon moves

Examples:
  gnomon usage --unsanctioned
  gnomon usage --since 7d --device anna-laptop
  gnomon usage --class cli-agent --process claude
  gnomon usage --unsanctioned --format csv > unsanctioned.csv";

/// How rows are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// The API's object: {"items":[...],"coverage":{...},"next":null}
    Json,
    /// With a header line; coverage goes to stderr
    Csv,
}

/// How much is printed, and how.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Output {
    /// How rows are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,
    /// At most so many rows [default: all, up to 10000]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: Option<u32>,
    /// Go on where an answer ended: its `next`
    #[arg(long, value_name = "MARKER")]
    pub(super) next: Option<String>,
}

/// From when to when.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Span {
    /// From then on: a date, RFC 3339, or so long ago (24h, 7d) [default: everything kept]
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<Past>,
    /// Before then: a date, RFC 3339, or so long ago (24h, 7d)
    #[arg(long, value_name = "WHEN")]
    pub(super) until: Option<Past>,
}

/// A question about use.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Ask {
    #[command(flatten)]
    pub(super) span: Span,
    /// Only this service, by its id in the catalogue; may be repeated
    #[arg(long, value_name = "ID")]
    pub(super) service: Vec<String>,
    /// Only this device, by id, name, hardware address or address; may be repeated
    #[arg(long, value_name = "DEVICE")]
    pub(super) device: Vec<String>,
    /// Only this user; `` (empty) for unknown; may be repeated
    #[arg(long, value_name = "USER")]
    pub(super) user: Vec<String>,
    /// Only this program, as recorded or by the name of its file; `` (empty) for unknown; may be repeated
    #[arg(long, value_name = "PROGRAM")]
    pub(super) process: Vec<String>,
    /// Only this sort of program: browser, ai-browser, desktop-app, ide, cli-agent, sdk-script,
    /// server-workload, unknown; may be repeated
    #[arg(long, value_name = "CLASS")]
    pub(super) class: Vec<ClientClass>,
    /// Only what has this status now; may be repeated
    #[arg(long, value_name = "STATUS", conflicts_with = "unsanctioned", value_parser = any_status)]
    pub(super) status: Vec<Status>,
    /// Only what is neither sanctioned nor tolerated
    #[arg(long)]
    pub(super) unsanctioned: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// A question about services, or about one.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AskServices {
    /// Everything about this one, by its id in the catalogue; without it all that are in use
    #[arg(value_name = "ID", conflicts_with_all = [
        "service", "device", "user", "process", "class", "status", "unsanctioned", "limit", "next",
    ])]
    pub(super) id: Option<String>,
    #[command(flatten)]
    pub(super) ask: Ask,
}

/// A question about coverage.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AskCoverage {
    #[command(flatten)]
    pub(super) span: Span,
    #[command(flatten)]
    pub(super) output: Output,
}

/// A question about sensors.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AskSensors {
    #[command(flatten)]
    pub(super) output: Output,
}

fn any_status(text: &str) -> Result<Status, String> {
    text.replace('-', "_")
        .parse()
        .map_err(|error| format!("{error}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent_and_every_command_has_an_example() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let mut open = vec![command];
        while let Some(mut command) = open.pop() {
            if command.get_name() == "help" {
                continue;
            }
            let help = command.render_long_help().to_string();
            let group = command.has_subcommands() && command.get_name() != "gnomon";
            assert!(group || help.contains("Example"), "{}", command.get_name());
            open.extend(command.get_subcommands().cloned());
        }
    }
}
