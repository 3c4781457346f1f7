//! `gnomon-agent`: the sensor on endpoints and taps.
//!
//! This crate is the shell around the pure parts: it reads settings, opens interfaces and capture
//! files, keeps findings in the spool until the collector has them, and prints. What a frame means
//! is decided in `wire`, `flow` and `signatures`.
//!
//! ```text
//! interface or file -> flow::Engine -> flow::Aggregator -> spool -> ship -> collector
//! ```
//!
//! * [`config`]: settings, all problems at once
//! * `pipeline`: wires sources to the spool, one thread for each capture queue
//! * `ship`: from the spool to the collector, over mutual TLS
//! * `catalogue`: what is looked for, replaced while the agent runs
//! * `enrol`: token to certificate
//! * `replay`: `scan` and `dissect`, the same code on files
//! * `state`: the files that the agent keeps
//! * `privacy`: how a person is named in what leaves the machine
//! * `health`: what works and what does not, for status and heartbeat
//! * `memory`: the allocator of the program, with large pages for large tables

mod catalogue;
mod cli;
mod command;
pub mod config;
mod console;
mod coverage;
mod enrol;
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod inspect;
mod logging;
mod machine;
#[cfg(target_os = "linux")]
mod memory;
mod pipeline;
mod privacy;
mod privilege;
mod replay;
mod row;
mod run;
mod service;
mod ship;
mod signals;
mod state;
mod stop;
mod table;
mod text;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
#[cfg(target_os = "linux")]
pub use memory::LargePages;

/// Version of this program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs the program with its command line; the exit code is 0 when the command was done, 1 when it
/// failed and 2 when its usage or its configuration was wrong.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    command::run(cli)
}
