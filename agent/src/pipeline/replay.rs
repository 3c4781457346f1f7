//! The same sensor fed from a capture file: one thread, nothing dropped, and the same records each
//! time, so that a replay that was interrupted can simply be run again.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use capture::CaptureStats;
use capture::file::open_bytes;
use flow::{Aggregator, AggregatorConfig, Engine, EngineConfig, Epoch};
use ring::digest::{Context as Digest, SHA256};
use wire::{Frame, Timestamp};

use super::keeper::Writer;
use super::{Outbox, PATIENCE, Shared};
use crate::replay::files::{Go, Read, Reader, read};
use crate::ship::convert::Source;

/// Keeps digests of captures apart from any other use of SHA-256.
const EPOCH_DOMAIN: &[u8] = b"gnomon replay epoch v1\0";

/// Packet time after which idle flows and open windows are looked at.
const TICK: Duration = Duration::from_secs(1);

/// The epoch of a capture: of its content alone, compressed or not, wherever it lies.
pub(crate) fn epoch(path: &Path) -> Result<Epoch> {
    let mut bytes = open_bytes(path)?;
    let mut digest = Digest::new(&SHA256);
    digest.update(EPOCH_DOMAIN);
    let mut block = vec![0; 256 * 1024];
    loop {
        match bytes.read(&mut block) {
            Ok(0) => break,
            Ok(length) => digest.update(block.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A damaged end of compressed data: what comes before it is the capture.
            Err(error) if is_damage(&error) => break,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        }
    }
    let digest = digest.finish();
    let epoch = digest.as_ref().first_chunk().copied().unwrap_or_default();
    Ok(Epoch(epoch))
}

fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

/// The parts of the pipeline, in one thread.
struct Replay<'s> {
    shared: &'s Shared,
    outbox: &'s Outbox,
    may_wait: bool,
    name: String,
    engine: Engine,
    aggregator: Aggregator,
    writer: Writer,
    last_tick: Timestamp,
    next_tick: Timestamp,
}

/// Reads the capture at `path` into the spool. `may_wait` is whether to wait for the collector when
/// the spool fills up, rather than to let it shed.
pub(crate) fn replay(
    shared: &Shared,
    path: &Path,
    epoch: Epoch,
    outbox: &Outbox,
    may_wait: bool,
) -> Result<Read> {
    let config = &shared.config;
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let mut replay = Replay {
        shared,
        outbox,
        may_wait,
        name: crate::text::printable(&name.unwrap_or_default()),
        engine: Engine::new(EngineConfig {
            catalogue: shared.catalogue.current(),
            window: config.window,
            report_interval: config.report_interval,
            ..EngineConfig::default()
        }),
        aggregator: Aggregator::new(AggregatorConfig {
            window: config.window,
            report_interval: config.report_interval,
            ..AggregatorConfig::new(epoch)
        }),
        writer: Writer::new(shared.clone(), outbox.clone(), Source::Replay),
        last_tick: Timestamp::default(),
        next_tick: Timestamp::default(),
    };
    let read = read(path, &mut replay)?;
    replay.finish()?;
    replay.show(read.stats);
    Ok(read)
}

impl Reader for Replay<'_> {
    /// Time moves with the frames alone, so that the outputs depend on nothing else.
    fn frames(&mut self, frames: &[Frame<'_>]) {
        let mut rest = frames;
        while !rest.is_empty() {
            let ticks = |frame: &Frame<'_>| frame.ts >= self.next_tick || frame.ts < self.last_tick;
            let tick = rest.iter().position(ticks);
            let end = tick.map_or(rest.len(), |place| place.saturating_add(1));
            let Some((now, later)) = rest.split_at_checked(end) else {
                break;
            };
            rest = later;
            self.engine.handle_frames(now);
            self.collect();
            if let (Some(_), Some(last)) = (tick, now.last()) {
                self.tick(last.ts);
            }
        }
    }

    fn pause(&mut self, stats: CaptureStats) -> Result<Go> {
        self.write_all()?;
        self.show(stats);
        while self.may_wait && self.outbox.is_half_full() && !self.shared.stopping() {
            self.shared.rest(PATIENCE);
        }
        if self.shared.stopping() {
            bail!("interrupted; run it again to report the rest");
        }
        Ok(Go::On)
    }
}

impl Replay<'_> {
    fn tick(&mut self, now: Timestamp) {
        self.last_tick = now;
        self.next_tick = now.saturating_add(TICK);
        self.engine.handle_timeout(now);
        self.collect();
        self.aggregator
            .record_coverage(0, self.engine.take_coverage());
        self.aggregator.handle_timeout(now);
        self.writer.take(&mut self.aggregator);
    }

    fn collect(&mut self) {
        while let Some(report) = self.engine.poll_report() {
            self.aggregator.record(report);
        }
    }

    fn finish(&mut self) -> Result<()> {
        self.engine.finish();
        self.collect();
        self.aggregator
            .record_coverage(0, self.engine.take_coverage());
        self.aggregator.finish();
        self.writer.take(&mut self.aggregator);
        self.write_all()
    }

    /// Waits as long as the disk refuses.
    fn write_all(&mut self) -> Result<()> {
        loop {
            self.writer.write();
            if self.writer.is_done() {
                return Ok(());
            }
            if self.shared.stopping() {
                bail!("interrupted before everything was stored; run it again");
            }
            self.shared.rest(PATIENCE);
        }
    }

    fn show(&self, stats: CaptureStats) {
        let health = &self.shared.health;
        health.set_counters("engine", self.engine.counters().iter());
        health.set_counters("aggregator", self.aggregator.counters().iter());
        health.update(|status| {
            let shown = status.interface(&self.name);
            "file".clone_into(&mut shown.backend);
            shown.capturing = true;
            shown.show_queue(0, 1, stats);
        });
    }
}
