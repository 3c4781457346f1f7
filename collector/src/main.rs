//! `gnomon-collector`; everything is in [`collector::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    collector::cli::run()
}
