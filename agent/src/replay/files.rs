//! Reads capture files to their end, with progress for a person who waits.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use capture::file::{CaptureFile, Damage};
use capture::{CaptureStats, PacketSource, Polled};
use indicatif::{ProgressBar, ProgressStyle};
use wire::Frame;

use crate::console::say;

/// What was read of one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read {
    pub(crate) stats: CaptureStats,
    pub(crate) damage: Option<Damage>,
}

/// Whether to go on reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Go {
    On,
    Stop,
}

/// Takes what is read of a file.
pub(crate) trait Reader {
    /// The next frames.
    fn frames(&mut self, frames: &[Frame<'_>]);

    /// Between two reads of the file, after which its figures are `stats`.
    fn pause(&mut self, stats: CaptureStats) -> Result<Go> {
        let _ = stats;
        Ok(Go::On)
    }
}

/// Hands every frame of the file at `path` to `reader`.
pub(crate) fn read(path: &Path, reader: &mut impl Reader) -> Result<Read> {
    let mut file = CaptureFile::open(path)?;
    let progress = progress_bar(path, file.position().1);
    loop {
        let polled = file.poll_batch(Duration::ZERO, &mut |frames| reader.frames(frames))?;
        progress.set_position(file.position().0);
        if reader.pause(file.stats())? == Go::Stop || polled == Polled::End {
            break;
        }
    }
    progress.finish_and_clear();
    Ok(Read {
        stats: file.stats(),
        damage: file.warning(),
    })
}

/// Says that a file is damaged, and that nothing before the damage is lost.
pub(crate) fn warn_of_damage(path: &Path, read: &Read) {
    if let Some(damage) = read.damage {
        say(&format!(
            "warning: {}: {damage}; the {} before it were read",
            path.display(),
            crate::text::counted(read.stats.received, "frame")
        ));
    }
}

/// A bar on stderr when a person sees it and no lines scroll past it on the same terminal.
fn progress_bar(path: &Path, total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() || total == 0 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    let template = "{prefix} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    bar.set_prefix(crate::text::printable(&name.unwrap_or_default()));
    bar
}
