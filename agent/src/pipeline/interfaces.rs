//! Chooses the interfaces to capture on, and follows the machine: a laptop that changes from
//! Ethernet to wireless, an address that changes, an interface that comes late.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::Duration;

use capture::interfaces::Interface;
use capture::live::{Backend, Fanout, Filter, LiveConfig, NamesFilter};
use flow::{Engine, EngineConfig, Mode};

use super::addresses::LocalAddresses;
use super::queue::{Account, Place, Queue};
use super::{Report, Shared, spawn};
use crate::config;

/// How often the machine's interfaces are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// Bytes that the unfinished messages of one queue may take on an endpoint.
const ENDPOINT_DISSECTOR_MEMORY: usize = 8 << 20;

/// Starts queues where they are wanted and waits for them at the end.
#[derive(Debug)]
pub(super) struct Supervisor {
    shared: Shared,
    reports: SyncSender<Report>,
    addresses: Arc<LocalAddresses>,
    queues: BTreeMap<String, Vec<JoinHandle<()>>>,
    next_source: u16,
}

impl Supervisor {
    pub(super) const fn new(
        shared: Shared,
        reports: SyncSender<Report>,
        addresses: Arc<LocalAddresses>,
    ) -> Self {
        Self {
            shared,
            reports,
            addresses,
            queues: BTreeMap::new(),
            next_source: 0,
        }
    }

    /// Looks after the queues until the order to stop.
    pub(super) fn run(mut self) {
        while !self.shared.stopping() {
            match capture::interfaces::list() {
                Ok(interfaces) => self.look(&interfaces),
                Err(error) => {
                    let problem = format!("{:#}", anyhow::Error::new(error));
                    tracing::warn!(%problem, "cannot list the interfaces");
                    self.shared
                        .health
                        .update(|status| status.no_interface = Some(problem));
                }
            }
            self.shared.rest(LOOK_INTERVAL);
        }
        for thread in self.queues.into_values().flatten() {
            if thread.join().is_err() {
                tracing::error!("a capture thread ended badly");
            }
        }
    }

    fn look(&mut self, interfaces: &[Interface]) {
        let addresses = interfaces
            .iter()
            .flat_map(|interface| &interface.addresses)
            .map(|(address, _)| *address)
            .collect();
        self.addresses.set(addresses);
        self.forget_ended();
        let (names, given) = match &self.shared.config.capture.interfaces {
            Some(names) => (names.clone(), true),
            None => (usual(interfaces, self.shared.config.mode), false),
        };
        for name in names {
            if !self.queues.contains_key(&name) {
                self.start(&name, given);
            }
        }
        let idle = self.queues.is_empty() || !given && with_default_route(interfaces).is_empty();
        self.shared.health.update(|status| {
            status.no_interface = idle.then(|| "no interface carries a default route".to_owned());
        });
    }

    /// Queues that ended with their interface.
    fn forget_ended(&mut self) {
        let health = &self.shared.health;
        self.queues.retain(|name, threads| {
            let ended = threads.iter().all(JoinHandle::is_finished);
            if ended {
                health.update(|status| drop(status.interfaces.remove(name)));
            }
            !ended
        });
    }

    fn start(&mut self, interface: &str, given: bool) {
        let settings = &self.shared.config.capture;
        let mut threads = Vec::new();
        for queue in 0..settings.queues {
            let place = Place {
                interface: interface.to_owned(),
                queue,
                source: self.next_source,
                ends_with_interface: !given,
            };
            self.next_source = self.next_source.wrapping_add(1);
            let queue = Queue {
                live: live_config(&self.shared, self.fanout_group()),
                engine: self.engine(place.source),
                shared: self.shared.clone(),
                reports: self.reports.clone(),
                addresses: Arc::clone(&self.addresses),
                counted: self.shared.socket_counts.subscribe(),
                account: Account::default(),
                place,
            };
            match spawn(&format!("capture {interface}"), move || queue.run()) {
                Ok(thread) => threads.push(thread),
                Err(error) => tracing::error!("{error:#}"),
            }
        }
        self.queues.insert(interface.to_owned(), threads);
    }

    /// One group for each interface; the kernel keeps groups apart by interface and process.
    fn fanout_group(&self) -> u16 {
        let pid = std::process::id().to_le_bytes();
        u16::from_le_bytes([pid[0], pid[1]])
            .wrapping_add(u16::try_from(self.queues.len()).unwrap_or_default())
    }

    fn engine(&self, source: u16) -> Engine {
        let config = &self.shared.config;
        Engine::new(EngineConfig {
            mode: match config.mode {
                config::Mode::Endpoint => Mode::Endpoint {
                    local_addresses: self.addresses.get(),
                },
                config::Mode::Tap => Mode::Tap,
            },
            catalogue: self.shared.catalogue.current(),
            source,
            max_flows: config.capture.max_flows,
            dissector_memory: match config.mode {
                config::Mode::Endpoint => ENDPOINT_DISSECTOR_MEMORY,
                config::Mode::Tap => flow::MAX_DISSECTOR_MEMORY,
            },
            window: config.window,
            report_interval: config.report_interval,
            ..EngineConfig::default()
        })
    }
}

fn live_config(shared: &Shared, group: u16) -> LiveConfig {
    let (settings, mode) = (&shared.config.capture, shared.config.mode);
    LiveConfig {
        backend: match settings.backend {
            config::Backend::Auto => Backend::Auto,
            config::Backend::AfPacket => Backend::AfPacket,
            config::Backend::Pcap => Backend::Pcap,
        },
        ring_bytes: usize::try_from(settings.ring_bytes).unwrap_or(usize::MAX),
        fanout: (settings.queues > 1).then_some(Fanout {
            group,
            defrag: true,
            rollover: false,
        }),
        filter: match settings.filter {
            config::Filter::Auto => Filter::Names(NamesFilter::Best),
            config::Filter::Ebpf => Filter::Names(NamesFilter::Ebpf),
            config::Filter::Classic => Filter::Names(NamesFilter::Classic),
            config::Filter::Off => Filter::All,
        },
        wake: shared.stop.wake(),
        promiscuous: mode == config::Mode::Tap,
        ..LiveConfig::default()
    }
}

/// The interfaces that are captured on unless they are named: on an endpoint the loopback too, where local
/// models and proxies of the machine itself are reached.
///
/// What a container sends passes here once it left the machine, or not at all: bridges and the inner ends of
/// its links are not captured, and a flow with an inner address would not be this machine's (see
/// [`flow::Mode`]).
pub(crate) fn usual(interfaces: &[Interface], mode: config::Mode) -> Vec<String> {
    let mut names = with_default_route(interfaces);
    if mode == config::Mode::Endpoint {
        let loopback = interfaces
            .iter()
            .filter(|interface| interface.loopback && interface.up)
            .map(|interface| interface.name.clone());
        names.extend(loopback);
    }
    names
}

/// The names of the interfaces that carry a default route, and are up.
fn with_default_route(interfaces: &[Interface]) -> Vec<String> {
    interfaces
        .iter()
        .filter(|interface| interface.default_route && interface.up)
        .map(|interface| interface.name.clone())
        .collect()
}
