//! The program `gnomon-agent`; everything it does is in the library beside it.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: agent::LargePages = agent::LargePages;

fn main() -> ExitCode {
    agent::main(std::env::args_os())
}
