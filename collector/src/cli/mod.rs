//! The commands of `gnomon-collector`.
//!
//! All but `serve` and `validate` work on the data folder, and while the
//! collector runs. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.

mod catalogue;
mod commands;
mod output;
mod privacy;
mod sensor;
mod token;
mod user;

pub(crate) use privacy::passphrase;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use store::Sqlite;

use crate::config::{self, Config};
use crate::enrol::create_private_folder;

const EXIT_FAILED: u8 = 1;
const EXIT_USAGE: u8 = 2;

/// Collects what gnomon agents report about the use of AI services, keeps one
/// inventory and answers questions about it.
#[derive(Debug, Parser)]
#[command(name = "gnomon-collector", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which collector on this machine is meant.
#[derive(Debug, clap::Args)]
struct Place {
    /// Config file; without it /etc/gnomon/collector.toml, if that is there
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "GNOMON_COLLECTOR_CONFIG"
    )]
    config: Option<PathBuf>,
    /// Folder of the inventory and the CA, instead of the config's `data_dir`
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the collector
    #[command(after_help = SERVE_HELP)]
    Serve {
        /// Where to listen, instead of the config's `listen`
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Check the config file; tells everything that is wrong, with line numbers
    #[command(
        after_help = "Example:\n  gnomon-collector validate --config /etc/gnomon/collector.toml"
    )]
    Validate,
    /// Tokens that enrol agents
    #[command(subcommand)]
    Token(token::Command),
    /// Sensors, which are enrolled agents
    #[command(subcommand)]
    Sensor(sensor::Command),
    /// People and programs that may ask the inventory
    #[command(subcommand)]
    User(user::Command),
    /// How people are named in what agents report, and who can unmask them
    #[command(subcommand)]
    Privacy(privacy::Command),
    /// The catalogue of AI services: look at it, check it, publish a new one
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// Write a complete copy of the inventory to a new file, also while the collector runs
    #[command(after_help = BACKUP_HELP)]
    Backup {
        /// The file to write; it must not be there yet
        file: PathBuf,
    },
    /// Bring the inventory's tables up to date; `serve` does it by itself
    #[command(after_help = "Example:\n  gnomon-collector migrate")]
    Migrate,
}

const SERVE_HELP: &str = "\
Config file, all of it optional (shown: what holds without it, but for `names` and `local`):
  data_dir = \"/var/lib/gnomon-collector\"
  listen = \"[::]:8443\"
  names = [\"collector.example.com\"]     # what agents and people call this machine
  max_connections = 10000               # agents at the same time
  [enrolment]
  token_lifetime = \"24h\"
  certificate_lifetime = \"90d\"
  [ingest]
  max_batch = 10000                     # records in one message
  [catalogue]
  local = \"/etc/gnomon/catalogue\"       # folder of own catalogue files; default: none
  [privacy]
  users = \"pseudonym\"                   # how people are named: or plain, none
  officers = []                         # two public key files; without them nobody can unmask
  [risk]
  countries = []                        # headquarters that are a concern, such as \"AQ\"
  [risk.weights]                        # of risk scores, see gnomon-collector catalogue risk
  data_use = 25
  [log]
  level = \"info\"                        # error, warn, info, debug, trace
  format = \"text\"                       # or json

Example:
  gnomon-collector serve --config /etc/gnomon/collector.toml";

const BACKUP_HELP: &str = "\
The key that pseudonyms are made with is written beside it, as FILE.fleet-key.
The CA is not part of the copy: keep DATA_DIR/ca in a safe place too, or every
agent has to enrol again after a loss. To restore, stop the collector, put the
file in place of DATA_DIR/inventory.db, its FILE.fleet-key in place of
DATA_DIR/fleet.key, and remove the files that begin with inventory.db-.

Example:
  gnomon-collector backup /var/backups/gnomon-2026-11-20.db";

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when this cannot be printed.
            error.print().unwrap_or_default();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(EXIT_USAGE));
        }
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let code = if is_usage(&error) {
                EXIT_USAGE
            } else {
                EXIT_FAILED
            };
            output::complain(&error);
            ExitCode::from(code)
        }
    }
}

/// What was asked for cannot be meant: the caller has to correct it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

fn is_usage(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<Usage>() || cause.is::<config::Error>())
}

impl Cli {
    fn run(self) -> Result<()> {
        let place = &self.place;
        match self.command {
            Command::Serve { listen } => commands::serve(place.config()?, listen),
            Command::Validate => commands::validate(place),
            Command::Token(command) => command.run(place),
            Command::Sensor(command) => command.run(place),
            Command::User(command) => command.run(place),
            Command::Privacy(command) => command.run(place),
            Command::Catalogue(command) => command.run(place),
            Command::Backup { file } => commands::backup(place, &file),
            Command::Migrate => commands::migrate(place),
        }
    }
}

impl Place {
    /// The config file that counts, if there is one.
    fn config_file(&self) -> Option<&Path> {
        let default = Path::new(config::DEFAULT_PATH);
        self.config
            .as_deref()
            .or_else(|| default.exists().then_some(default))
    }

    /// Whether the caller named a collector.
    const fn is_named(&self) -> bool {
        self.config.is_some() || self.data_dir.is_some()
    }

    fn config(&self) -> Result<Config> {
        let mut config = match self.config_file() {
            Some(file) => config::load(file)?,
            None => Config::default(),
        };
        if let Some(data_dir) = &self.data_dir {
            config.data_dir = std::path::absolute(data_dir).context("the data folder")?;
        }
        Ok(config)
    }

    /// Opens the inventory, and makes it if there is none.
    fn open_or_create(&self) -> Result<(Config, Sqlite)> {
        let config = self.config()?;
        let data_dir = &config.data_dir;
        create_private_folder(data_dir)
            .with_context(|| format!("make the folder {}", data_dir.display()))?;
        let store = Sqlite::open(data_dir)
            .with_context(|| format!("open the inventory in {}", data_dir.display()))?;
        Ok((config, store))
    }

    /// Opens the inventory that is there.
    fn open(&self) -> Result<Sqlite> {
        let config = self.config()?;
        let data_dir = config.data_dir.display();
        anyhow::ensure!(
            config.data_dir.is_dir(),
            "there is no collector in {data_dir}; is --data-dir or --config right?"
        );
        let (_, store) = self.open_or_create()?;
        Ok(store)
    }
}

/// Who runs the command, for the audit log.
fn actor() -> String {
    let name = ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned());
    format!("local:{}", crate::ingest::text::brief(name, 64))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        fn check(command: &mut clap::Command) {
            let names: Vec<String> = command
                .get_subcommands()
                .map(|command| command.get_name().to_owned())
                .collect();
            if names.is_empty() {
                let help = command.render_long_help().to_string();
                assert!(help.contains("Example:\n  gnomon-collector "), "{help}");
            }
            for name in names {
                check(command.find_subcommand_mut(&name).unwrap());
            }
        }
        check(&mut Cli::command());
    }

    #[test]
    fn the_settings_in_the_help_are_those_that_hold() {
        let settings: Vec<&str> = SERVE_HELP
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty() && !line.starts_with("Example"))
            .collect();
        let config = config::read("help", &settings.join("\n")).unwrap();
        assert_eq!(
            Config {
                names: Vec::new(),
                catalogue_local: None,
                ..config
            },
            Config::default()
        );
    }
}
