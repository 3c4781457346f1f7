//! One connection from its first heartbeat to its end.

use std::sync::Arc;
use std::time::Duration;

use flow::Epoch;
use proto::v1;
use proto::v1::ingest_client::IngestClient;
use proto::v1::{BatchAck, FindingBatch};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

use super::Ended;
use super::backoff::Backoff;
use super::batch::{Batches, MAX_IN_FLIGHT};
use super::dial::CALL_TIMEOUT;
use super::trouble::Trouble;
use crate::catalogue::{Running, follow};
use crate::enrol::identity::Identity;
use crate::health::{Health, heartbeat};
use crate::privacy::{Privacy, Shown};
use crate::state::StateDir;

/// Time between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Longest wait for the acknowledgement of a batch.
const ACK_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest wait between two attempts to renew the certificate; shortest time between two that succeed.
const RENEW_AGAIN: Duration = Duration::from_secs(300);
const RENEW_AGAIN_SOONEST: Duration = Duration::from_secs(1);
/// Longest message that is read, in bytes.
const MAX_MESSAGE: usize = 1 << 20;
/// Events that may wait; each of the tasks has one at a time, acknowledgements a few.
const MAX_EVENTS: usize = 16;

/// What the tasks of a connection tell.
enum Event {
    Acknowledged(BatchAck),
    Failed(Trouble),
}

/// One connection.
pub(super) struct Session<'s> {
    pub(super) channel: Channel,
    pub(super) identity: Identity,
    pub(super) state: &'s StateDir,
    pub(super) health: &'s Arc<Health>,
    pub(super) batches: &'s mut Batches,
    pub(super) catalogue: &'s Arc<Running>,
    pub(super) backoff: &'s mut Backoff,
    pub(super) epoch: Epoch,
    pub(super) privacy: &'s Arc<Privacy>,
    /// When the last certificate came, in this process.
    pub(super) renewed: Option<Instant>,
}

impl Session<'_> {
    /// Delivers until something is wrong or the certificate is new.
    pub(super) async fn run(mut self) -> Result<Ended, Trouble> {
        let client = IngestClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE);
        beat(client.clone(), self.health, self.privacy, self.epoch).await?;
        self.connected();
        self.batches.start_over();
        let (events_in, mut events) = channel(MAX_EVENTS);
        let (batches_in, batches) = channel(MAX_IN_FLIGHT);
        let mut tasks = JoinSet::new();
        tasks.spawn(report(client.clone(), batches, events_in.clone()));
        tasks.spawn(follow(client.clone(), Arc::clone(self.catalogue)));
        tasks.spawn(beats(
            client,
            Arc::clone(self.catalogue),
            Arc::clone(self.health),
            Arc::clone(self.privacy),
            self.epoch,
            events_in,
        ));
        let mut renew_at = self.time_to_renew();
        let mut heard = Instant::now();
        loop {
            self.send(&batches_in).await?;
            let waiting = self.batches.is_waiting();
            let room = self.batches.has_room();
            tokio::select! {
                event = events.recv() => match event {
                    Some(Event::Acknowledged(ack)) => {
                        self.batches.acknowledged(ack).await?;
                        self.backoff.reset();
                        heard = Instant::now();
                    }
                    Some(Event::Failed(trouble)) => return Err(trouble),
                    None => return Err(Trouble::Unreachable("the connection ended".into())),
                },
                () = self.batches.filled(), if room => {
                    if !waiting {
                        heard = Instant::now();
                    }
                }
                () = sleep_until(heard + ACK_TIMEOUT), if waiting => {
                    return Err(Trouble::Unreachable("it does not acknowledge".into()));
                }
                () = sleep_until(renew_at) => {
                    if self.renew().await? {
                        return Ok(Ended::Renewed);
                    }
                    renew_at = self.time_to_renew_again();
                }
            }
        }
    }

    fn connected(&self) {
        tracing::info!("connected to the collector");
        self.health.update(|status| {
            status.collector.connected = true;
            status.collector.problem = None;
            status.collector.problem_kind = None;
        });
    }

    async fn send(&mut self, batches: &Sender<FindingBatch>) -> Result<(), Trouble> {
        while self.batches.has_room() {
            let Some(batch) = self.batches.next().await? else {
                break;
            };
            if batches.send(batch).await.is_err() {
                // The stream has ended; its reason arrives as an event.
                break;
            }
        }
        Ok(())
    }

    /// Gets and stores a new certificate; false when that has to be tried again.
    async fn renew(&self) -> Result<bool, Trouble> {
        match crate::enrol::renew(self.channel.clone(), &self.identity).await {
            Ok(renewed) => {
                if let Some(said) = renewed.privacy {
                    take_privacy(self.privacy, self.health, said);
                }
                renewed
                    .identity
                    .store(self.state)
                    .map_err(|error| Trouble::Local(format!("{error:#}")))?;
                self.health
                    .update(|status| status.collector.renewal_problem = None);
                Ok(true)
            }
            Err(error) => {
                let problem = format!("{error:#}");
                tracing::warn!(%problem, "the certificate could not be renewed");
                self.health
                    .update(|status| status.collector.renewal_problem = Some(problem));
                Ok(false)
            }
        }
    }

    /// Never soon after the last time: to a clock that is far ahead every certificate looks old.
    fn time_to_renew(&self) -> Instant {
        let left = self.identity.renew_at().saturating_sub(crate::text::now());
        let due = Instant::now() + Duration::from_nanos(u64::try_from(left).unwrap_or(0));
        self.renewed
            .map_or(due, |renewed| due.max(renewed + RENEW_AGAIN))
    }

    /// Sooner when little of the certificate's life is left.
    fn time_to_renew_again(&self) -> Instant {
        let left = self
            .identity
            .remaining(crate::text::now())
            .unwrap_or_default();
        Instant::now() + (left / 10).clamp(RENEW_AGAIN_SOONEST, RENEW_AGAIN)
    }
}

/// Sends batches and passes on what comes back, until the stream ends.
async fn report(
    mut client: IngestClient<Channel>,
    batches: Receiver<FindingBatch>,
    events: Sender<Event>,
) {
    let ended = async {
        let mut acks = client
            .report_findings(ReceiverStream::new(batches))
            .await?
            .into_inner();
        while let Some(ack) = acks.message().await? {
            if events.send(Event::Acknowledged(ack)).await.is_err() {
                break;
            }
        }
        Ok::<(), tonic::Status>(())
    };
    let trouble = match ended.await {
        Ok(()) => Trouble::Unreachable("it ended the connection".into()),
        Err(status) => Trouble::from_status(&status),
    };
    // Nobody listens any more when the connection is being given up.
    drop(events.send(Event::Failed(trouble)).await);
}

/// Sends heartbeats; the first one that fails ends the connection.
async fn beats(
    client: IngestClient<Channel>,
    catalogue: Arc<Running>,
    health: Arc<Health>,
    privacy: Arc<Privacy>,
    epoch: Epoch,
    events: Sender<Event>,
) {
    let trouble = loop {
        // News about the catalogue is worth a heartbeat of its own.
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT) => {}
            () = catalogue.news.notified() => {}
        }
        if let Err(trouble) = beat(client.clone(), &health, &privacy, epoch).await {
            break trouble;
        }
    };
    drop(events.send(Event::Failed(trouble)).await);
}

/// One heartbeat; learns how far this machine's clock is from the collector's.
async fn beat(
    mut client: IngestClient<Channel>,
    health: &Health,
    privacy: &Privacy,
    epoch: Epoch,
) -> Result<(), Trouble> {
    let sent_at = crate::text::now();
    let started = Instant::now();
    let mut message = heartbeat(health.snapshot(sent_at), epoch.0);
    message.privacy_version = privacy.version();
    let mut request = tonic::Request::new(message);
    request.set_timeout(CALL_TIMEOUT);
    let answer = tokio::time::timeout(CALL_TIMEOUT, client.heartbeat(request))
        .await
        .map_err(|_| Trouble::Unreachable("it does not answer in time".into()))?
        .map_err(|status| Trouble::from_status(&status))?
        .into_inner();
    let half_way = i64::try_from(started.elapsed().as_nanos() / 2).unwrap_or_default();
    let offset = answer
        .collector_time_ns
        .saturating_sub(sent_at.saturating_add(half_way));
    health.update(|status| status.collector.clock_offset_ms = Some(offset / 1_000_000));
    if let Some(said) = answer.privacy {
        take_privacy(privacy, health, said);
    }
    Ok(())
}

/// Settings that cannot be used are no reason to stop delivering: those before stay in force, and the status says so.
fn take_privacy(privacy: &Privacy, health: &Health, said: v1::PrivacySettings) {
    let problem = match privacy.take(said) {
        Ok(()) => None,
        Err(error) => Some(format!("{error:#}")),
    };
    if let Some(problem) = &problem {
        tracing::warn!(%problem, "the privacy settings are not taken");
    }
    let settings = privacy.settings();
    health.update(|status| status.privacy = Shown::new(settings.as_deref(), problem));
}
