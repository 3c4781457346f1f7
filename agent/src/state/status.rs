//! The running agent's status, which it rewrites every few seconds for `status` to read.

use std::fs;
use std::io;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Audience, StateDir, publish};
use crate::health::Status;

/// How often the file is rewritten: often at first, when somebody looks whether it works, and less so later.
pub(crate) const INTERVALS: (Duration, Duration) =
    (Duration::from_millis(1_500), Duration::from_secs(18));
/// A file older than this was left by an agent that no longer runs.
const STALE: Duration = Duration::from_secs(40);

/// Writes the status for `audience`.
pub(crate) fn write(state: &StateDir, status: &Status, audience: Audience) -> io::Result<()> {
    publish(
        &state.status_file(),
        &serde_json::to_vec_pretty(status)?,
        audience,
    )
}

/// What was read, and whether it is of now.
#[derive(Debug)]
pub(crate) enum Found {
    /// An agent runs, and this is how it is.
    Running(Box<Status>),
    /// An agent ran, and this is how it was at its end.
    Ended(Box<Status>),
    /// No agent ever ran with this folder.
    Nothing,
}

/// Reads the status at `now` (nanoseconds since the Unix epoch).
pub(crate) fn read(state: &StateDir, now: i64) -> Result<Found> {
    let path = state.status_file();
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let status: Status = serde_json::from_slice(&text)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let age = Duration::from_nanos(now.saturating_sub(status.written_at_ns).unsigned_abs());
    let running = match state.is_running() {
        Ok(running) => running,
        Err(_) => !status.stopped && age < STALE,
    };
    let status = Box::new(status);
    Ok(if running {
        Found::Running(status)
    } else {
        Found::Ended(status)
    })
}
