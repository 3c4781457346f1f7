//! Delivers what is in the spool to the collector, for as long as it takes.
//!
//! One [`Shipper`] keeps one connection at a time. It dials (directly or through a proxy), proves
//! who it is with its certificate, sends batches and takes acknowledgements; what is acknowledged
//! leaves the spool. Whatever goes wrong ends the connection, is shown in the status, and is tried
//! again after a wait that grows and is random. Sending the same record twice is harmless: the
//! collector keeps the highest revision of each key.

pub(crate) mod backoff;
mod batch;
pub(crate) mod convert;
pub(crate) mod dial;
pub(crate) mod proxy;
mod session;
pub(crate) mod tls;
pub(crate) mod trouble;

use std::sync::Arc;
use std::time::Duration;

use flow::Epoch;
use tokio::time::Instant;

use crate::catalogue::Running;
use crate::config::Config;
use crate::enrol::identity::Identity;
use crate::health::Health;
use crate::pipeline::Outbox;
use crate::privacy::Privacy;
use crate::state::StateDir;
use crate::state::journal::Journal;
use backoff::Backoff;
use batch::Batches;
use dial::{Target, channel};
use session::Session;
use trouble::Trouble;

/// How often an agent without identity looks whether it has been enrolled.
const ENROLMENT_INTERVAL: Duration = Duration::from_secs(5);

/// How a connection ended that nothing was wrong with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ended {
    /// The certificate is new: connect again with it.
    Renewed,
}

/// What a shipper works with.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    pub(crate) state: StateDir,
    pub(crate) health: Arc<Health>,
    pub(crate) outbox: Outbox,
    pub(crate) catalogue: Arc<Running>,
    pub(crate) journal: Journal,
    pub(crate) epoch: Epoch,
    pub(crate) privacy: Arc<Privacy>,
}

/// Empties the spool into the collector.
#[derive(Debug)]
pub(crate) struct Shipper {
    config: Arc<Config>,
    state: StateDir,
    health: Arc<Health>,
    batches: Batches,
    catalogue: Arc<Running>,
    epoch: Epoch,
    privacy: Arc<Privacy>,
    backoff: Backoff,
    tried: Option<Identity>,
    /// When this process last got a new certificate.
    renewed: Option<Instant>,
}

impl Shipper {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            config,
            state,
            health,
            outbox,
            catalogue,
            journal,
            epoch,
            privacy,
        } = parts;
        let batches = Batches::new(outbox, journal, Arc::clone(&catalogue), Arc::clone(&health));
        Self {
            config,
            state,
            health,
            batches,
            catalogue,
            epoch,
            privacy,
            backoff: Backoff::default(),
            tried: None,
            renewed: None,
        }
    }

    /// Never ends; the task is dropped when the program ends.
    pub(crate) async fn run(mut self) {
        loop {
            let identity = match Identity::load(&self.state) {
                Ok(Some(identity)) => identity,
                Ok(None) => {
                    tokio::time::sleep(ENROLMENT_INTERVAL).await;
                    continue;
                }
                Err(error) => {
                    self.wait_after(&Trouble::Local(format!("{error:#}"))).await;
                    continue;
                }
            };
            self.tried = Some(identity.clone());
            match self.connect(identity).await {
                Ok(Ended::Renewed) => {
                    self.renewed = Some(Instant::now());
                    tracing::info!("the certificate is renewed");
                }
                Err(trouble) => {
                    if matches!(trouble, Trouble::Rejected(_)) && self.batches.shrink() {
                        self.backoff.reset();
                    }
                    self.wait_after(&trouble).await;
                }
            }
        }
    }

    async fn connect(&mut self, identity: Identity) -> Result<Ended, Trouble> {
        let address = self
            .config
            .collector
            .clone()
            .unwrap_or_else(|| identity.collector.clone());
        self.health.update(|status| {
            status.collector.address = Some(address.clone());
            status.collector.sensor_id = Some(identity.sensor_id.clone());
            status.collector.certificate_expires_at_ns = Some(identity.not_after);
        });
        if identity.remaining(crate::text::now()).is_none() {
            return Err(Trouble::Refused(
                "its certificate has expired; enrol this agent again".into(),
            ));
        }
        let tls =
            tls::client_config(&identity).map_err(|error| Trouble::Local(format!("{error:#}")))?;
        let target = Target::new(&address, self.config.proxy.as_ref())?;
        let channel = channel(&target, tls).await?;
        let session = Session {
            channel,
            identity,
            state: &self.state,
            health: &self.health,
            batches: &mut self.batches,
            catalogue: &self.catalogue,
            backoff: &mut self.backoff,
            epoch: self.epoch,
            renewed: self.renewed,
            privacy: &self.privacy,
        };
        session.run().await
    }

    async fn wait_after(&mut self, trouble: &Trouble) {
        let wait = self.backoff.next(trouble.is_lasting());
        let text = trouble.to_string();
        let known = self.health.update(|status| {
            let collector = &mut status.collector;
            collector.connected = false;
            let known = collector.problem.as_ref() == Some(&text);
            collector.problem = Some(text.clone());
            collector.problem_kind = Some(trouble.kind().to_owned());
            known
        });
        self.health.count("collector_failures", 1);
        if known {
            tracing::debug!(problem = %text, ?wait, "not reporting");
        } else {
            tracing::warn!(problem = %text, "not reporting; findings stay in the spool");
        }
        self.rest(wait).await;
    }

    /// Waits, but no longer than until this agent has another identity.
    async fn rest(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            tokio::time::sleep(left.min(ENROLMENT_INTERVAL)).await;
            let present = Identity::load(&self.state).ok().flatten();
            if present.is_some() && present != self.tried {
                self.backoff.reset();
                break;
            }
        }
    }
}
