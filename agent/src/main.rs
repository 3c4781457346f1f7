//! The program `gnomon-agent`; everything it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent::main(std::env::args_os())
}
