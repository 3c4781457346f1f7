//! What the keeper knows of the machine it runs on: whose each flow is, and which AI tools are there.
//!
//! Only on an endpoint: on a tap and in a replay the clients are other machines.

mod asking;
mod limits;
mod presence;

use std::sync::Arc;
use std::time::{Duration, Instant};

use flow::{Attributor, AttributorConfig, FlowReport, Owners as _, SocketEvent};
use host::sockets::{Backend, Sockets, SocketsConfig};
use wire::Timestamp;

use super::Shared;
use super::addresses::LocalAddresses;
use super::counted::{COUNT_INTERVAL, Counted};
use crate::config::endpoint;
use crate::ship::convert::now;
use asking::Asking;
use limits::{Limits, Step};
use presence::Presence;

/// How often figures are brought up to date.
const SHOW_INTERVAL: Duration = Duration::from_secs(5);

/// Gives reports their program and user.
#[derive(Debug)]
pub(super) struct Host {
    shared: Shared,
    addresses: Arc<LocalAddresses>,
    addresses_version: u64,
    attributor: Attributor,
    asking: Asking,
    presence: Option<Presence>,
    limits: Limits,
    next_show: Option<Instant>,
    next_count: Option<Instant>,
}

impl Host {
    /// Opens the best source of socket owners that may be used and works here.
    pub(super) fn open(shared: &Shared, addresses: Arc<LocalAddresses>) -> Self {
        let (sockets, mut problems) = Sockets::open(SocketsConfig {
            best: shared.config.attribution.best(),
            ..SocketsConfig::default()
        });
        let backend = sockets.backend();
        if shared.config.attribution == endpoint::Backend::Off {
            problems = vec!["switched off in the configuration".to_owned()];
        }
        for problem in &problems {
            tracing::warn!(%problem, backend = backend.as_str(), "attribution is reduced");
        }
        shared.health.update(|status| {
            status.attribution.backend = backend.as_str().to_owned();
            status.attribution.problems = problems;
        });
        let events_since = (backend == Backend::Ebpf).then(now);
        Self {
            shared: shared.clone(),
            addresses,
            addresses_version: 0,
            attributor: Attributor::new(AttributorConfig { events_since }),
            asking: Asking::new(shared, sockets),
            presence: Presence::start(shared),
            limits: Limits::new(shared),
            next_show: None,
            next_count: None,
        }
    }

    /// Takes what the kernel told since; before the reports of that time, so that they find it.
    pub(super) fn drain(&mut self) {
        self.take_addresses();
        let mut counted = Vec::new();
        let attributor = &mut self.attributor;
        self.asking.sockets.poll(&mut |event| {
            counted.extend(figures(&event));
            attributor.handle_event(event);
        });
        self.count(&mut counted);
        if !counted.is_empty() {
            let shed = self.shared.socket_counts.post(&counted);
            if shed > 0 {
                let shed = u64::try_from(shed).unwrap_or(u64::MAX);
                self.shared.health.count("socket_counters_shed", shed);
            }
        }
    }

    /// Reads what sockets have moved, now and then while some flow matches.
    fn count(&mut self, counted: &mut Vec<Counted>) {
        let due = self.next_count.is_none_or(|next| next <= Instant::now());
        if due && self.shared.socket_counts.wanted() {
            self.next_count = Some(Instant::now() + COUNT_INTERVAL);
            self.asking
                .sockets
                .counters(now(), &mut |event| counted.extend(figures(&event)));
        }
    }

    /// Takes a report; whatever is attributed goes to `take`.
    pub(super) fn record(&mut self, report: FlowReport, take: &mut dyn FnMut(FlowReport)) {
        let mut ready = Vec::new();
        self.attributor
            .record(report, now(), &mut self.asking, &mut |report| {
                ready.push(report)
            });
        self.hand_over(ready, take);
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, now: Timestamp, take: &mut dyn FnMut(FlowReport)) {
        let mut ready = Vec::new();
        self.attributor
            .handle_timeout(now, &mut self.asking, &mut |report| ready.push(report));
        self.hand_over(ready, take);
        if let Some(presence) = &mut self.presence {
            let asking = &mut self.asking;
            for report in presence.reports(now, &mut |login| asking.user(login).ok()) {
                take(report);
            }
        }
        if let Some(step) = self.limits.look() {
            self.shed(step);
        }
        if self.next_show.is_none_or(|next| next <= Instant::now()) {
            self.next_show = Some(Instant::now() + SHOW_INTERVAL);
            self.show();
        }
    }

    /// Leaves undone what there is no budget for, and takes it up again.
    fn shed(&mut self, step: Step) {
        self.asking.looks_up = step < Step::NoLookUps;
        match (&self.presence, step) {
            (None, Step::Everything) => self.presence = Presence::start(&self.shared),
            (Some(_), Step::NoScans | Step::NoLookUps) => self.presence = None,
            (None, _) | (Some(_), Step::Everything) => {}
        }
    }

    /// Decides what still waits: nothing more comes.
    pub(super) fn finish(&mut self, take: &mut dyn FnMut(FlowReport)) {
        self.drain();
        let mut ready = Vec::new();
        self.attributor
            .finish(&mut self.asking, &mut |report| ready.push(report));
        self.hand_over(ready, take);
        self.show();
    }

    /// When [`advance`](Self::advance) has something to do, if nothing else happens.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.attributor.poll_timeout()
    }

    /// A process is known at once and its hash later.
    fn hand_over(&mut self, ready: Vec<FlowReport>, take: &mut dyn FnMut(FlowReport)) {
        for mut report in ready {
            if let Some(process) = &mut report.attribution.process {
                *process = self.asking.sockets.completed(process);
            }
            take(report);
        }
    }

    fn take_addresses(&mut self) {
        if let Some(list) = self.addresses.changed(&mut self.addresses_version) {
            self.attributor.sockets().set_local_addresses(&list);
        }
    }

    fn show(&self) {
        let health = &self.shared.health;
        health.set_counters("attribution", self.attributor.counters());
        health.set_counters("sockets", self.asking.sockets.counts());
    }
}

/// The figures that an event brings.
const fn figures(event: &SocketEvent) -> Option<Counted> {
    let SocketEvent::Counted {
        at,
        tuple,
        counters,
        closed,
    } = event
    else {
        return None;
    };
    Some(Counted {
        at: *at,
        tuple: *tuple,
        counters: *counters,
        closed: *closed,
    })
}
