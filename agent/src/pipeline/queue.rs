//! One capture queue: a packet source, an engine, and what happens when the interface goes away.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use capture::live::{self, LiveConfig};
use capture::{CaptureStats, PacketSource, Polled};
use flow::Engine;
use wire::Timestamp;

use super::addresses::LocalAddresses;
use super::counted::Mailbox;
use super::{PATIENCE, Report, Shared};
use crate::ship::convert::now;

/// First wait before an interface that failed is opened again; doubled each time.
const REOPEN_FIRST: Duration = Duration::from_millis(500);
/// Longest wait before an interface that failed is opened again.
const REOPEN_LONGEST: Duration = Duration::from_secs(5);
/// Longest sleep of a queue: so late, at most, are an idle interface's figures and a new catalogue.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// How often counters and coverage are passed on.
const ACCOUNT_INTERVAL: Duration = Duration::from_secs(1);

/// Which queue of which interface.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) interface: String,
    pub(super) queue: u16,
    pub(super) source: u16,
    /// Whether the queue ends with its interface instead of waiting for it to come back.
    pub(super) ends_with_interface: bool,
}

/// A capture queue with its engine.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) shared: Shared,
    pub(super) place: Place,
    pub(super) live: LiveConfig,
    pub(super) engine: Engine,
    pub(super) reports: SyncSender<Report>,
    pub(super) addresses: Arc<LocalAddresses>,
    pub(super) counted: Arc<Mailbox>,
    pub(super) account: Account,
}

/// What was passed on so far.
#[derive(Debug, Default)]
pub(super) struct Account {
    addresses_version: u64,
    catalogue_generation: u64,
    unsent: Option<Report>,
    earlier: CaptureStats,
    dropped_told: u64,
    next: Option<Instant>,
    pub(super) count_next: Option<Instant>,
    /// Frames and bytes that the present source kept back, as told to the engine.
    pub(super) filtered_told: (u64, u64),
}

impl Queue {
    /// Captures until the order to stop, opening the interface again whenever it fails.
    pub(super) fn run(mut self) {
        let mut wait = REOPEN_FIRST;
        while !self.shared.stopping() {
            let problem = match live::open(&self.place.interface, self.live.clone()) {
                Ok(source) => {
                    wait = REOPEN_FIRST;
                    self.capture(source)
                }
                Err(error) => Some(error),
            };
            let Some(problem) = problem else { break };
            self.failed(problem);
            if self.place.ends_with_interface && !capture::interfaces::exists(&self.place.interface)
            {
                break;
            }
            self.shared.rest(wait);
            wait = (wait * 2).min(REOPEN_LONGEST);
        }
        self.engine.finish();
        self.finish();
    }

    /// Captures until the order to stop (`None`) or until the source fails.
    fn capture(&mut self, mut source: Box<dyn PacketSource + Send>) -> Option<capture::Error> {
        let backend = source.backend();
        let fallback = source.fallback_reason().map(str::to_owned);
        let filter = source.filter();
        let filter_reason = source.filter_reason().map(str::to_owned);
        let interface = self.place.interface.as_str();
        tracing::info!(
            interface,
            queue = self.place.queue,
            backend,
            filter,
            "capturing"
        );
        self.shared.health.update(|status| {
            let shown = status.interface(&self.place.interface);
            shown.backend = backend.to_owned();
            shown.fallback = fallback;
            filter.clone_into(&mut shown.filter);
            shown.filter_reason = filter_reason;
            shown.capturing = true;
            shown.problem = None;
        });
        let problem = loop {
            if self.shared.stopping() {
                break None;
            }
            let engine = &mut self.engine;
            let mut last = None;
            let patience = patience(engine, self.live.wake.is_some());
            let (addresses, shared) = (&self.addresses, &self.shared);
            let account = &mut self.account;
            let polled = source.poll_batch(patience, &mut |frames| {
                // After a long sleep these may be of another network than the one before.
                if let Some(list) = addresses.changed(&mut account.addresses_version) {
                    engine.set_local_addresses(&list);
                }
                if let Some(catalogue) = shared.catalogue.changed(&mut account.catalogue_generation)
                {
                    engine.set_catalogue(catalogue);
                }
                engine.handle_frames(frames);
                last = frames.last().map(|frame| frame.ts);
            });
            let time = match polled {
                Ok(Polled::Frames(_)) => {
                    let time = last.unwrap_or_default();
                    self.advance(time);
                    time
                }
                Ok(Polled::Idle) => {
                    let time = now();
                    self.engine.handle_timeout(time);
                    time
                }
                Ok(Polled::End) => break None,
                Err(error) => break Some(error),
            };
            self.pass_on(source.as_ref(), time);
        };
        self.account.next = None;
        self.count_datagrams(source.as_ref(), now());
        self.pass_on(source.as_ref(), now());
        let stats = source.stats();
        self.account.earlier = total(self.account.earlier, stats);
        self.account.filtered_told = (0, 0);
        problem
    }

    fn advance(&mut self, time: Timestamp) {
        if self.engine.poll_timeout().is_some_and(|due| due <= time) {
            self.engine.handle_timeout(time);
        }
    }

    /// Hands on reports at once, and accounts now and then. Never waits.
    fn pass_on(&mut self, source: &dyn PacketSource, time: Timestamp) {
        while let Some(report) = self.engine.poll_report() {
            let report = Report::Flow(Box::new(report));
            if let Err(TrySendError::Full(_)) = self.reports.try_send(report) {
                self.shared.health.count("reports_shed", 1);
            }
        }
        let due = self.account.next.is_none_or(|next| next <= Instant::now());
        if !due {
            return;
        }
        self.account.next = Some(Instant::now() + ACCOUNT_INTERVAL);
        self.take_addresses();
        self.take_catalogue();
        self.take_counts(source, time);
        let stats = source.stats();
        self.take_filtered(stats, time);
        let total = total(self.account.earlier, stats);
        self.show(total);
        let unsent = self
            .account
            .unsent
            .take()
            .or_else(|| self.next_account(total));
        if let Some(report) = unsent
            && let Err(TrySendError::Full(report)) = self.reports.try_send(report)
        {
            self.account.unsent = Some(report);
        }
    }

    fn next_account(&mut self, total: CaptureStats) -> Option<Report> {
        let source = self.place.source;
        let frames = total.dropped.saturating_sub(self.account.dropped_told);
        if frames > 0 {
            self.account.dropped_told = total.dropped;
            return Some(Report::Dropped {
                source,
                at: now(),
                frames,
            });
        }
        let delta = self.engine.take_coverage();
        (!delta.slices.is_empty()).then_some(Report::Coverage { source, delta })
    }

    fn take_addresses(&mut self) {
        let seen = &mut self.account.addresses_version;
        if let Some(addresses) = self.addresses.changed(seen) {
            self.engine.set_local_addresses(&addresses);
        }
    }

    /// A new catalogue is looked at from the next frame on; flows stay as they are.
    fn take_catalogue(&mut self) {
        let seen = &mut self.account.catalogue_generation;
        if let Some(catalogue) = self.shared.catalogue.changed(seen) {
            self.engine.set_catalogue(catalogue);
        }
    }

    fn show(&self, total: CaptureStats) {
        let Place {
            interface, queue, ..
        } = &self.place;
        let counters = self.engine.counters();
        self.shared
            .health
            .set_counters(&format!("{interface}/{queue}"), counters.iter());
        let queues = self.shared.config.capture.queues;
        self.shared.health.update(|status| {
            let shown = status.interface(interface);
            shown.show_queue(*queue, queues, total);
        });
    }

    fn failed(&self, problem: capture::Error) {
        let gone = matches!(problem, capture::Error::InterfaceGone { .. });
        let text = format!("{:#}", anyhow::Error::new(problem));
        let interface = self.place.interface.as_str();
        let known = self.shared.health.update(|status| {
            let shown = status.interface(interface);
            let known = !shown.capturing && shown.problem.as_ref() == Some(&text);
            shown.capturing = false;
            shown.problem = Some(text.clone());
            known
        });
        if gone {
            self.shared.health.count("interface_lost", 1);
        }
        if !known {
            tracing::warn!(interface, problem = %text, "not capturing; will try again");
        }
    }

    /// The end: everything that is left goes to the keeper, which still reads.
    fn finish(&mut self) {
        let source = self.place.source;
        let mut last: Vec<Report> = self.account.unsent.take().into_iter().collect();
        while let Some(report) = self.engine.poll_report() {
            last.push(Report::Flow(Box::new(report)));
        }
        last.push(Report::Coverage {
            source,
            delta: self.engine.take_coverage(),
        });
        let frames = self
            .account
            .earlier
            .dropped
            .saturating_sub(self.account.dropped_told);
        if frames > 0 {
            last.push(Report::Dropped {
                source,
                at: now(),
                frames,
            });
        }
        for report in last {
            if self.reports.send(report).is_err() {
                self.shared.health.count("reports_shed", 1);
            }
        }
    }
}

/// How long a queue may sleep when no frame comes: until its engine has something to do.
fn patience(engine: &Engine, is_woken: bool) -> Duration {
    if !is_woken || cfg!(not(unix)) {
        return PATIENCE;
    }
    let due = engine.poll_timeout();
    due.map_or(LONGEST_SLEEP, |due| due.since(now()))
        .clamp(PATIENCE, LONGEST_SLEEP)
}

/// The figures of all sources that this queue has had.
fn total(earlier: CaptureStats, present: CaptureStats) -> CaptureStats {
    let mut total = present;
    total.received = total.received.saturating_add(earlier.received);
    total.bytes = total.bytes.saturating_add(earlier.bytes);
    total.dropped = total.dropped.saturating_add(earlier.dropped);
    total.filtered = total.filtered.saturating_add(earlier.filtered);
    total.filtered_bytes = total.filtered_bytes.saturating_add(earlier.filtered_bytes);
    total
}
