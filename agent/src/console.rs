//! What commands print: answers on stdout, all else on stderr.

use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

/// Long answers are written in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;

/// Stdout was closed by whoever read it; the command ends quietly.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub(crate) struct Closed;

/// Writes to stdout; a reader that has gone is [`Closed`].
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.map_err(not_written)
}

/// Writes a value as JSON to stdout, piece by piece: indented for a person who reads it there, in one line for a program. A
/// reader that has gone is [`Closed`].
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let stdout = io::stdout();
    let for_a_person = stdout.is_terminal();
    let mut stdout = BufWriter::with_capacity(PIECE_BYTES, stdout.lock());
    let written = if for_a_person {
        serde_json::to_writer_pretty(&mut stdout, value)
    } else {
        serde_json::to_writer(&mut stdout, value)
    };
    let written = written
        .map_err(io::Error::from)
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush());
    written.map_err(not_written)
}

fn not_written(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Closed.into()
    } else {
        anyhow::Error::new(error).context("cannot write to stdout")
    }
}

/// Writes a line to stderr. Where that is closed nobody is left to be told.
pub(crate) fn say(line: &str) {
    let mut stderr = io::stderr().lock();
    let written = stderr
        .write_all(line.as_bytes())
        .and_then(|()| stderr.write_all(b"\n"));
    drop(written);
}
