//! `dissect`: every message that is understood in capture files, as JSON lines.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Result, bail};
use capture::CaptureStats;
use flow::{MessageContext, Observer, Tracker, TrackerConfig, TrackerCounters};
use wire::{Frame, Message};

use super::files::{Go, Read, Reader, read, warn_of_damage};
use super::line::Lines;
use super::message;
use crate::console::{Closed, say};
use crate::text;

/// Lines are written out once they fill this many bytes.
const FLUSH_BYTES: usize = 128 * 1024;
/// Room for the line that fills the buffer; a DNS answer may be long.
const LINE_BYTES: usize = 64 * 1024;

/// Prints messages and counts them by kind.
struct Printer {
    lines: Lines,
    flush_bytes: usize,
    counts: [u64; message::KINDS.len()],
    failure: Option<io::Error>,
}

impl Observer for Printer {
    fn message(&mut self, context: &MessageContext, message: Message<'_>) {
        if let Some(count) = message::place(&message).and_then(|place| self.counts.get_mut(place)) {
            *count += 1;
        }
        message::write(&mut self.lines, context, &message);
        if self.lines.as_bytes().len() >= self.flush_bytes {
            self.flush();
        }
    }
}

impl Printer {
    fn new() -> Self {
        let flush_bytes = if io::stdout().is_terminal() {
            0
        } else {
            FLUSH_BYTES
        };
        Self {
            lines: Lines::with_capacity(FLUSH_BYTES + LINE_BYTES),
            flush_bytes,
            counts: [0; message::KINDS.len()],
            failure: None,
        }
    }

    fn flush(&mut self) {
        if self.failure.is_none() && !self.lines.as_bytes().is_empty() {
            let mut stdout = io::stdout().lock();
            let written = stdout
                .write_all(self.lines.as_bytes())
                .and_then(|()| stdout.flush());
            self.failure = written.err();
        }
        self.lines.clear();
    }

    fn finish(&mut self) -> Result<()> {
        self.flush();
        match self.failure.take() {
            None => Ok(()),
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Closed.into()),
            Some(error) => Err(anyhow::Error::new(error).context("cannot write to stdout")),
        }
    }
}

/// Dissects each file by itself; one that cannot be read does not keep the others from it.
pub(crate) fn dissect(captures: &[impl AsRef<Path>]) -> Result<()> {
    let mut failed = 0;
    for path in captures {
        let path = path.as_ref();
        match dissect_one(path) {
            Ok(()) => {}
            Err(error) if error.is::<Closed>() => return Err(error),
            Err(error) => {
                say(&format!("error: {error:#}"));
                failed += 1;
            }
        }
    }
    if failed > 0 {
        bail!("{} could not be read", text::counted(failed, "capture"));
    }
    Ok(())
}

/// A tracker and whoever listens to it.
struct Dissection {
    tracker: Tracker,
    printer: Printer,
}

impl Reader for Dissection {
    fn frames(&mut self, frames: &[Frame<'_>]) {
        self.tracker.handle_frames(frames, &mut self.printer);
    }

    fn pause(&mut self, _: CaptureStats) -> Result<Go> {
        let failed = self.printer.failure.is_some();
        Ok(if failed { Go::Stop } else { Go::On })
    }
}

fn dissect_one(path: &Path) -> Result<()> {
    let mut dissection = Dissection {
        tracker: Tracker::new(TrackerConfig::default()),
        printer: Printer::new(),
    };
    let read = read(path, &mut dissection)?;
    let Dissection {
        mut tracker,
        mut printer,
    } = dissection;
    if printer.failure.is_none() {
        tracker.finish(&mut printer);
    }
    printer.finish()?;
    summarise(path, &read, &printer.counts, &tracker.counters());
    Ok(())
}

fn summarise(
    path: &Path,
    read: &Read,
    counts: &[u64; message::KINDS.len()],
    counters: &TrackerCounters,
) {
    let kinds: Vec<String> = message::KINDS
        .iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let messages = if kinds.is_empty() {
        "no messages".to_owned()
    } else {
        kinds.join(", ")
    };
    say(&format!(
        "{}: {}, {}, {messages}",
        path.display(),
        text::counted(read.stats.received, "frame"),
        text::bytes(read.stats.bytes),
    ));
    for (name, count) in counters.iter().filter(|(_, count)| *count > 0) {
        say(&format!("  {name:<40} {count:>12}"));
    }
    warn_of_damage(path, read);
}
