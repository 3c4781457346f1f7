//! `gnomon`: the analyst's CLI, a thin client of the collector's REST API.
//!
//! Rows come as a table for people, as the API's own JSON object, or as CSV. Whatever comes from
//! the network is shown with its control characters escaped. Exit codes: 0 done, 1 failed, 2 wrong
//! usage or configuration.

mod args;
mod client;
mod commands;
mod config;
mod failure;
mod output;
mod period;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command, Unmask, UnmaskStep};
use failure::Failure;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when this cannot be printed.
            error.print().unwrap_or_default();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(failure::EXIT_USAGE));
        }
    };
    match answer(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn answer(cli: Cli) -> Result<(), Failure> {
    let Cli { place, command } = cli;
    // The one command that may do without a collector.
    if let Command::Unmask(Unmask {
        step: Some(UnmaskStep::Open(open)),
        ..
    }) = command
    {
        return commands::unmask::open(&place, open);
    }
    let session = commands::Session::open(&place)?;
    match command {
        Command::Services(ask) => commands::services(&session, &ask),
        Command::Devices(ask) => commands::devices(&session, &ask),
        Command::Usage(ask) => commands::usage(&session, &ask),
        Command::Findings(ask) => commands::findings(&session, &ask),
        Command::Coverage(ask) => commands::coverage(&session, &ask),
        Command::Sensors(ask) => commands::sensors(&session, &ask),
        Command::Policy(command) => commands::policy(&session, command),
        Command::Unmask(unmask) => commands::unmask::ask(&session, unmask.ask),
    }
}
