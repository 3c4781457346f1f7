//! `run`: the sensor itself, on interfaces or fed from a capture.

mod tasks;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flow::Epoch;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::catalogue::{self, Running};
use crate::cli;
use crate::config::{Config, Mode};
use crate::console::say;
use crate::enrol::identity::Identity;
use crate::health::{Health, Status};
use crate::pipeline::{self, Outbox, Pipeline, Shared};
use crate::privacy::{Privacy, Shown};
use crate::replay::files::warn_of_damage;
use crate::service::Manager;
use crate::ship::{Parts, Shipper};
use crate::state::journal::Journal;
use crate::state::{Audience, StateDir, status};
use crate::stop::Stop;
use crate::{privilege, text};

/// Longest time that is spent at the end to deliver what is left.
const LAST_DELIVERY: Duration = Duration::from_secs(5);
/// How often it is looked whether everything is delivered.
const DELIVERY_LOOK: Duration = Duration::from_millis(50);

/// What a run consists of, besides its source of frames.
struct Agent {
    shared: Shared,
    state: StateDir,
    outbox: Outbox,
    runtime: Runtime,
    manager: Arc<Manager>,
    audience: Audience,
    epoch: Epoch,
    enrolled: bool,
    replays: bool,
    tasks: Vec<JoinHandle<()>>,
    /// Held to the very end: it says that an agent runs with this folder.
    lock: File,
}

/// Runs until stopped, or until the capture is read and delivered.
pub(crate) fn run(config: Config, options: &cli::Run) -> Result<()> {
    match &options.replay {
        Some(path) => replay(config, path, options),
        None => live(config),
    }
}

fn live(config: Config) -> Result<()> {
    if let Some(capability) = privilege::missing_for_capture() {
        bail!(
            "capturing needs the capability {capability}, which this process does not have: run \
             it as root, or give the program the capability with `setcap {}+ep`",
            capability.to_lowercase()
        );
    }
    let mut epoch = [0; 16];
    SystemRandom::new()
        .fill(&mut epoch)
        .ok()
        .context("the system gives no random numbers")?;
    let dropped = privilege::drop_others(&config);
    let capabilities = privilege::held(&config);
    let agent = Agent::start(config, Epoch(epoch), false)?;
    agent.shared.health.update(|status| {
        status.capabilities = capabilities;
        status.privileges_kept = dropped.err();
    });
    let result = agent.watch_interfaces();
    agent.end();
    result
}

fn replay(mut config: Config, path: &Path, options: &cli::Run) -> Result<()> {
    config.mode = Mode::Tap;
    let epoch = pipeline::replay::epoch(path)?;
    let agent = Agent::start(config, epoch, true)?;
    let result = agent.replay(path, options);
    agent.end();
    result
}

impl Agent {
    /// Takes the state folder and starts everything but the source of frames.
    fn start(config: Config, epoch: Epoch, replay: bool) -> Result<Self> {
        let state = StateDir::new(&config.state_dir);
        state.create()?;
        let lock = state.lock()?;
        let identity = Identity::load(&state)?;
        let health = Arc::new(Health::new(Status {
            agent_version: crate::VERSION.to_owned(),
            pid: std::process::id(),
            mode: config.mode.as_str().to_owned(),
            replay,
            started_at: text::time(text::now()),
            epoch: epoch.to_string(),
            ..Status::default()
        }));
        let catalogue = Arc::new(Running::open(&config.catalogue, &state, &health));
        let enrolled = identity.is_some();
        if let Some(identity) = identity {
            health.update(|status| status.collector.sensor_id = Some(identity.sensor_id));
        }
        let outbox = Outbox::open(&state.spool_dir(), config.spool_bytes, Arc::clone(&health))?;
        let audience = match (config.mode, replay) {
            (Mode::Endpoint, false) => Audience::Everybody,
            _ => Audience::Agent,
        };
        let privacy = Arc::new(Privacy::open(&state));
        let shown = Shown::new(privacy.settings().as_deref(), None);
        health.update(|status| status.privacy = shown);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(4)
            .enable_all()
            .build()
            .context("cannot start")?;
        let shared = Shared {
            config: Arc::new(config),
            catalogue,
            health,
            privacy,
            socket_counts: Arc::default(),
            stop: Arc::new(Stop::new()),
            pulse: Arc::new(AtomicU64::new(0)),
        };
        let manager = Arc::new(Manager::from_environment());
        let mut agent = Self {
            shared,
            state,
            outbox,
            runtime,
            manager,
            audience,
            epoch,
            enrolled,
            replays: replay,
            tasks: Vec::new(),
            lock,
        };
        agent.start_tasks();
        Ok(agent)
    }

    fn start_tasks(&mut self) {
        let shipper = Shipper::new(Parts {
            config: Arc::clone(&self.shared.config),
            state: self.state.clone(),
            health: Arc::clone(&self.shared.health),
            outbox: self.outbox.clone(),
            catalogue: Arc::clone(&self.shared.catalogue),
            journal: Journal::new(self.state.clone(), self.audience),
            epoch: self.epoch,
            privacy: Arc::clone(&self.shared.privacy),
        });
        let local = catalogue::watch(Arc::clone(&self.shared.catalogue));
        let status = tasks::keep_status(tasks::Published {
            state: self.state.clone(),
            health: Arc::clone(&self.shared.health),
            outbox: self.outbox.clone(),
            catalogue: Arc::clone(&self.shared.catalogue),
            audience: self.audience,
        });
        let stop = Arc::clone(&self.shared.stop);
        self.tasks = vec![
            self.runtime.spawn(tasks::obey(stop)),
            self.runtime.spawn(shipper.run()),
            self.runtime.spawn(local),
            self.runtime.spawn(status),
        ];
        // A replay ends by itself; only the keeper of a live run has a pulse to watch.
        if let Some(interval) = self.manager.alive_interval()
            && !self.replays
        {
            let (manager, pulse) = (Arc::clone(&self.manager), Arc::clone(&self.shared.pulse));
            self.tasks
                .push(self.runtime.spawn(tasks::watch(manager, pulse, interval)));
        }
    }

    /// Captures until the order to stop, then delivers what it can in a few seconds.
    fn watch_interfaces(&self) -> Result<()> {
        let pipeline = Pipeline::start(&self.shared, self.epoch, self.outbox.clone())?;
        tracing::info!(mode = self.shared.config.mode.as_str(), "the agent runs");
        self.manager.ready();
        self.shared.stop.wait();
        self.manager.stopping();
        tracing::info!("the agent stops");
        pipeline.join();
        let last = Instant::now() + LAST_DELIVERY;
        while self.is_delivering() && Instant::now() < last {
            std::thread::sleep(DELIVERY_LOOK);
        }
        Ok(())
    }

    /// Reads the capture and waits until everything in the spool is acknowledged.
    fn replay(&self, path: &Path, options: &cli::Run) -> Result<()> {
        let wait = !options.no_wait;
        if wait && !self.enrolled {
            bail!(
                "this agent is not enrolled, so nothing can be delivered; enrol it first \
                 (gnomon-agent enroll TOKEN), or keep the findings in the spool with --no-wait"
            );
        }
        self.manager.ready();
        let read = pipeline::replay::replay(&self.shared, path, self.epoch, &self.outbox, wait)?;
        warn_of_damage(path, &read);
        if wait {
            self.wait_for_delivery(options.wait_timeout.map(Duration::from_secs))?;
        }
        let left = self.outbox.stats().pending_records;
        let collector = self.shared.health.snapshot(text::now()).collector;
        say(&format!(
            "{}: {} replayed, {} delivered, {left} in the spool",
            path.display(),
            text::counted(read.stats.received, "frame"),
            text::counted(collector.records_delivered, "record")
        ));
        if collector.records_refused > 0 {
            say(&format!(
                "warning: the collector refused {}: {}",
                text::counted(collector.records_refused, "record"),
                collector.last_refusal.unwrap_or_default()
            ));
        }
        Ok(())
    }

    /// Whether what is left in the spool can be expected to go.
    fn is_delivering(&self) -> bool {
        let connected = self
            .shared
            .health
            .update(|status| status.collector.connected);
        connected && self.outbox.stats().pending_records > 0
    }

    fn wait_for_delivery(&self, timeout: Option<Duration>) -> Result<()> {
        let started = Instant::now();
        let mut told = None;
        loop {
            let left = self.outbox.stats().pending_records;
            if left == 0 {
                return Ok(());
            }
            let left = text::counted(left, "record");
            if self.shared.stop.is_told() {
                bail!("interrupted; {left} wait in the spool for the next run");
            }
            let problem = self
                .shared
                .health
                .update(|status| status.collector.problem.clone());
            if timeout.is_some_and(|timeout| started.elapsed() >= timeout) {
                let why = problem.unwrap_or_else(|| "the collector is too slow".to_owned());
                bail!("{left} could not be delivered in time and wait in the spool: {why}");
            }
            if problem != told {
                if let Some(problem) = &problem {
                    say(&format!("waiting: {problem}"));
                }
                told = problem;
            }
            std::thread::sleep(DELIVERY_LOOK);
        }
    }

    /// Leaves a last status behind.
    fn end(self) {
        for task in &self.tasks {
            task.abort();
        }
        self.runtime.shutdown_timeout(Duration::from_millis(500));
        self.outbox.show();
        let mut last = self.shared.health.snapshot(text::now());
        last.stopped = true;
        last.collector.connected = false;
        for interface in last.interfaces.values_mut() {
            interface.capturing = false;
        }
        if let Err(error) = status::write(&self.state, &last, self.audience) {
            tracing::warn!(%error, "the status cannot be written");
        }
        drop(self.lock);
    }
}
