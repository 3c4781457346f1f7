//! What commands print: answers on stdout, all else on stderr.

use std::io::{self, Write};

/// Stdout was closed by whoever read it; the command ends quietly.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub(crate) struct Closed;

/// Writes to stdout; a reader that has gone is [`Closed`].
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Closed.into()),
        other => other.map_err(|error| anyhow::Error::new(error).context("cannot write to stdout")),
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
