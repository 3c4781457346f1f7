//! Owns the aggregator and fills the spool.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use flow::Aggregator;
use wire::Timestamp;

use super::host::Host;
use super::{Outbox, Report, Shared};
use crate::ship::convert::{Source, encode, now};

/// Records that wait in memory while the disk refuses; beyond it the oldest go, counted.
const MAX_WAITING: usize = 16_384;
/// Wait between two attempts to write to a disk that refused.
const WRITE_AGAIN: Duration = Duration::from_secs(2);
/// Time is told to the aggregator at least this often, so that it learns of a clock that was set
/// back, too.
const TICK: Duration = Duration::from_secs(2);
/// It sleeps at least this long, so that a due time that does not pass is no busy loop.
const SHORTEST_NAP: Duration = Duration::from_millis(10);
/// Reports taken in before the outputs are looked at.
const BATCH: usize = 1024;

/// Folds reports and writes what comes out of them.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Shared,
    aggregator: Aggregator,
    /// On an endpoint: whose flows are.
    host: Option<Host>,
    writer: Writer,
    next_tick: Option<Instant>,
}

impl Keeper {
    pub(super) fn new(
        shared: Shared,
        aggregator: Aggregator,
        outbox: Outbox,
        host: Option<Host>,
    ) -> Self {
        let writer = Writer::new(shared.clone(), outbox, Source::Live);
        Self {
            shared,
            aggregator,
            host,
            writer,
            next_tick: None,
        }
    }

    /// Works until every queue has ended.
    pub(super) fn run(mut self, inbox: &Receiver<Report>) {
        loop {
            let mut ended = false;
            match inbox.recv_timeout(self.patience()) {
                Ok(report) => {
                    if let Some(host) = &mut self.host {
                        host.drain();
                    }
                    self.record(report);
                    for report in inbox.try_iter().take(BATCH) {
                        self.record(report);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => ended = true,
            }
            self.advance(now());
            if ended {
                if let Some(host) = &mut self.host {
                    host.finish(&mut |report| self.aggregator.record(report));
                }
                self.aggregator.finish();
            }
            self.writer.take(&mut self.aggregator);
            self.writer.write();
            self.shared.pulse.fetch_add(1, Ordering::Relaxed);
            if ended {
                break;
            }
        }
        self.shared
            .health
            .set_counters("aggregator", self.aggregator.counters().iter());
    }

    /// How long it may sleep when no report comes: until something is due, and never past a tick.
    fn patience(&self) -> Duration {
        let own = self.aggregator.poll_timeout();
        let host = self.host.as_ref().and_then(Host::poll_timeout);
        let now = now();
        let due = own.into_iter().chain(host).min();
        due.map_or(TICK, |due| due.since(now))
            .clamp(SHORTEST_NAP, TICK)
    }

    fn record(&mut self, report: Report) {
        match report {
            Report::Flow(report) => match &mut self.host {
                Some(host) => host.record(*report, &mut |report| self.aggregator.record(report)),
                None => self.aggregator.record(*report),
            },
            Report::Coverage { source, delta } => self.aggregator.record_coverage(source, delta),
            Report::Dropped { source, at, frames } => {
                self.aggregator.record_dropped(source, at, frames);
            }
        }
    }

    fn advance(&mut self, now: Timestamp) {
        if let Some(host) = &mut self.host {
            host.drain();
            host.advance(now, &mut |report| self.aggregator.record(report));
        }
        let due = self.aggregator.poll_timeout().is_some_and(|due| due <= now);
        let tick = self.next_tick.is_none_or(|next| next <= Instant::now());
        if due || tick {
            self.next_tick = Some(Instant::now() + TICK);
            self.aggregator.handle_timeout(now);
            self.shared
                .health
                .set_counters("aggregator", self.aggregator.counters().iter());
        }
    }
}

/// Puts outputs into the spool, and keeps them for a while when the disk refuses.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Shared,
    outbox: Outbox,
    source: Source,
    waiting: VecDeque<Vec<u8>>,
    unsynced: bool,
    not_before: Option<Instant>,
}

impl Writer {
    pub(super) fn new(shared: Shared, outbox: Outbox, source: Source) -> Self {
        Self {
            shared,
            outbox,
            source,
            waiting: VecDeque::new(),
            unsynced: false,
            not_before: None,
        }
    }

    /// Takes everything that the aggregator has to say.
    pub(super) fn take(&mut self, aggregator: &mut Aggregator) {
        while let Some(output) = aggregator.poll() {
            self.waiting.push_back(encode(output, self.source));
            if self.waiting.len() >= BATCH {
                self.attempt(Self::append);
            }
            if self.waiting.len() > MAX_WAITING && self.source == Source::Live {
                self.waiting.pop_front();
                self.shared.health.count("records_shed_unwritten", 1);
            }
        }
    }

    /// Whether everything that was taken is durable.
    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && !self.unsynced
    }

    /// Writes what waits, durably. What the disk refuses waits for a later call.
    pub(super) fn write(&mut self) {
        if !self.is_done() {
            self.attempt(|writer| {
                writer.append()?;
                writer.outbox.sync()?;
                writer.unsynced = false;
                Ok(())
            });
        }
    }

    fn attempt(&mut self, work: impl FnOnce(&mut Self) -> Result<(), spool::Error>) {
        if self.not_before.is_some_and(|time| Instant::now() < time) {
            return;
        }
        match work(self) {
            Ok(()) => {
                if self.not_before.take().is_some() {
                    tracing::info!("the spool can be written again");
                    self.shared
                        .health
                        .update(|status| status.spool.problem = None);
                }
            }
            Err(error) => {
                let problem = format!("{:#}", anyhow::Error::new(error));
                if self.not_before.is_none() {
                    tracing::error!(%problem, "the spool cannot be written; findings wait");
                }
                self.shared
                    .health
                    .update(|status| status.spool.problem = Some(problem));
                self.not_before = Some(Instant::now() + WRITE_AGAIN);
            }
        }
    }

    fn append(&mut self) -> Result<(), spool::Error> {
        let mut spool = self.outbox.lock();
        while let Some(record) = self.waiting.front() {
            match spool.append(record) {
                Ok(_) => self.unsynced = true,
                Err(spool::Error::RecordTooLarge { .. }) => {
                    self.shared.health.count("records_too_large", 1);
                }
                Err(error) => return Err(error),
            }
            self.waiting.pop_front();
        }
        Ok(())
    }
}
