//! Wires the sensor: sources -> engines -> aggregator -> spool -> ship. Only wires.
//!
//! Each capture queue has a thread of its own with its packet source and its engine; what they
//! report goes through one bounded channel to the keeper thread, which owns the aggregator and
//! writes the spool. The packet path never waits: when the channel is full a report is dropped and
//! counted, and the next one about the same flow, being cumulative, makes up for it. A replay runs
//! the same parts in one thread and waits instead of dropping.

mod addresses;
mod counted;
mod host;
mod interfaces;
mod keeper;
mod outbox;
mod queue;
pub(crate) mod replay;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use flow::{Aggregator, AggregatorConfig, CoverageDelta, Epoch, FlowReport};
use wire::Timestamp;

use crate::catalogue::Running;
use crate::config::{Config, Mode};
use crate::health::Health;
use crate::privacy::Privacy;
use crate::stop::Stop;
use addresses::LocalAddresses;
pub(crate) use counted::SocketCounts;
use host::Host;
pub(crate) use interfaces::usual;
pub(crate) use outbox::Outbox;

/// Reports that may wait for the keeper.
const MAX_QUEUED_REPORTS: usize = 8192;
/// Wait between two looks at something that gives no sign when it changes.
const PATIENCE: Duration = Duration::from_millis(250);

/// What capture queues send to the keeper.
#[derive(Debug)]
enum Report {
    Flow(Box<FlowReport>),
    Coverage {
        source: u16,
        delta: CoverageDelta,
    },
    Dropped {
        source: u16,
        at: Timestamp,
        frames: u64,
    },
}

/// What every thread of the pipeline shares.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) catalogue: Arc<Running>,
    pub(crate) health: Arc<Health>,
    pub(crate) privacy: Arc<Privacy>,
    /// Where the figures of sockets go, and whether anybody wants them.
    pub(crate) socket_counts: Arc<SocketCounts>,
    pub(crate) stop: Arc<Stop>,
    /// Moves on whenever the keeper has gone round; a watchdog looks at it.
    pub(crate) pulse: Arc<AtomicU64>,
}

impl Shared {
    fn stopping(&self) -> bool {
        self.stop.is_told()
    }

    /// Sleeps, but not past the order to stop.
    fn rest(&self, duration: Duration) {
        self.stop.rest(duration);
    }
}

/// The running pipeline.
#[derive(Debug)]
pub(crate) struct Pipeline {
    interfaces: JoinHandle<()>,
    keeper: JoinHandle<()>,
}

impl Pipeline {
    /// Starts to capture and to keep what is found.
    pub(crate) fn start(shared: &Shared, epoch: Epoch, outbox: Outbox) -> Result<Self> {
        let (reports, inbox) = sync_channel(MAX_QUEUED_REPORTS);
        let aggregator = Aggregator::new(AggregatorConfig {
            epoch,
            window: shared.config.window,
            report_interval: shared.config.report_interval,
            idle_windows: true,
        });
        let addresses = Arc::new(LocalAddresses::default());
        let host = (shared.config.mode == Mode::Endpoint)
            .then(|| Host::open(shared, Arc::clone(&addresses)));
        let keeper = keeper::Keeper::new(shared.clone(), aggregator, outbox, host);
        let keeper = spawn("keeper", move || keeper.run(&inbox))?;
        let supervisor = interfaces::Supervisor::new(shared.clone(), reports, addresses);
        let interfaces = spawn("interfaces", move || supervisor.run())?;
        Ok(Self { interfaces, keeper })
    }

    /// Waits for the threads, which end after the order to stop: first the queues, then, when
    /// nothing more comes from them, the keeper.
    pub(crate) fn join(self) {
        for (name, thread) in [("interfaces", self.interfaces), ("keeper", self.keeper)] {
            if thread.join().is_err() {
                tracing::error!(thread = name, "a thread ended badly");
            }
        }
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .with_context(|| format!("cannot start the thread {name:?}"))
}
