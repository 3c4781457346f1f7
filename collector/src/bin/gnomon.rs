//! `gnomon`; everything is in [`collector::ctl`].

use std::process::ExitCode;

fn main() -> ExitCode {
    collector::ctl::run()
}
