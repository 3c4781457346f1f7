//! Takes what sensors report: batches of findings and coverage into the store,
//! acknowledged once durable, and heartbeats.
//!
//! ```text
//! FindingBatch -> check -> convert -> Store::record (one transaction) -> BatchAck
//! ```
//!
//! * Batches may repeat and reorder: the store decides by key and revision.
//! * A record that cannot mean anything is refused for good, with its reason, in
//!   the acknowledgement, and kept in [`aside`]; the others of its batch stand.
//! * When the store cannot write, the stream ends with a status that says so,
//!   nothing of the batch is acknowledged and the agent keeps its data. The
//!   connection lives on.
//! * Whether the sensor is welcome is asked for each batch, so that revoking it
//!   takes effect on streams that are open.

pub mod aside;
mod batch;
pub mod convert;
pub mod fuzzing;
mod health;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::Stream;
use futures_util::stream;
use inventory::Timestamp;
use proto::v1;
use proto::v1::ingest_server;
use store::Store;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tonic::{Request, Response, Status, Streaming};

use crate::catalogue::{self, Live};
use crate::privacy::Privacy;
use crate::server::{Counters, Identity, Shutdown, admission};
use crate::status;
use aside::Aside;

/// Larger messages are not read. A batch of 10,000 findings has about 5 MB.
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// Batches and heartbeats that are written at the same time. The store writes
/// one after the other; more would only hold threads.
const MAX_WRITERS: usize = 16;

/// The gRPC service of reports.
#[derive(Clone, Debug)]
pub struct Ingest {
    shared: Arc<Shared>,
    privacy: Option<Arc<Privacy>>,
    shutdown: Shutdown,
}

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Store>,
    aside: Aside,
    counters: Arc<Counters>,
    max_batch: usize,
    now: fn() -> Timestamp,
    live: Arc<Live>,
    failing: AtomicBool,
    writers: Semaphore,
}

impl Ingest {
    /// Records into `store`, at most `max_batch` records a message.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        aside: Aside,
        counters: Arc<Counters>,
        max_batch: usize,
        now: fn() -> Timestamp,
        live: Arc<Live>,
        shutdown: Shutdown,
    ) -> Self {
        let (failing, writers) = (AtomicBool::new(false), Semaphore::new(MAX_WRITERS));
        let shared = Shared {
            store,
            aside,
            counters,
            max_batch,
            now,
            live,
            failing,
            writers,
        };
        Self {
            shared: Arc::new(shared),
            privacy: None,
            shutdown,
        }
    }

    /// Tells agents how users are named.
    #[must_use]
    pub fn with_privacy(mut self, privacy: Arc<Privacy>) -> Self {
        self.privacy = Some(privacy);
        self
    }

    /// The service with its limits.
    #[must_use]
    pub fn into_server(self) -> ingest_server::IngestServer<Self> {
        ingest_server::IngestServer::new(self).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}

impl Shared {
    async fn take(
        self: Arc<Self>,
        identity: &Identity,
        batch: v1::FindingBatch,
    ) -> Result<v1::BatchAck, Status> {
        let now = (self.now)();
        admission::still_valid(identity, now)?;
        batch::check(&batch, self.max_batch)?;
        let (shared, sensor) = (Arc::clone(&self), identity.sensor.clone());
        let record = move || batch::record(&shared.store, &shared.aside, &sensor, batch, now);
        let result = self.write(record).await?;
        self.note(&result);
        result.map(|outcome| outcome.ack)
    }

    /// Does on a thread that may block what writes to the store.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Status> {
        let _writer = self
            .writers
            .acquire()
            .await
            .map_err(|_| status::stopping())?;
        spawn_blocking(work)
            .await
            .map_err(|error| status::of_join(&error))
    }

    /// Counts, and logs when writing begins to fail and when it works again.
    fn note(&self, result: &Result<batch::Outcome, Status>) {
        match result {
            Ok(outcome) => {
                self.counters.batches.increment();
                self.counters.records.add(outcome.ack.recorded.into());
                self.counters.records_refused.add(outcome.refused);
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("what agents report is recorded again");
                }
            }
            Err(status) if is_refusal(status) => self.counters.sensor_refused.increment(),
            Err(status) => {
                self.counters.batches_failed.increment();
                if !self.failing.swap(true, Ordering::Relaxed) {
                    let reason = status.message();
                    tracing::error!(
                        reason,
                        "what agents report cannot be recorded; they keep it"
                    );
                }
            }
        }
    }
}

fn is_refusal(status: &Status) -> bool {
    matches!(
        status.code(),
        tonic::Code::PermissionDenied | tonic::Code::Unauthenticated
    )
}

/// One open stream of batches.
struct Session {
    shared: Arc<Shared>,
    shutdown: Shutdown,
    identity: Identity,
    batches: Streaming<v1::FindingBatch>,
}

impl Session {
    /// The next acknowledgement; `None` when the agent has ended the stream.
    async fn next(&mut self) -> Result<Option<v1::BatchAck>, Status> {
        let batch = tokio::select! {
            batch = self.batches.message() => batch?,
            () = self.shutdown.wait() => {
                return Err(status::stopping());
            }
        };
        match batch {
            Some(batch) => Arc::clone(&self.shared)
                .take(&self.identity, batch)
                .await
                .map(Some),
            None => Ok(None),
        }
    }
}

#[tonic::async_trait]
impl ingest_server::Ingest for Ingest {
    type ReportFindingsStream = Pin<Box<dyn Stream<Item = Result<v1::BatchAck, Status>> + Send>>;

    async fn report_findings(
        &self,
        request: Request<Streaming<v1::FindingBatch>>,
    ) -> Result<Response<Self::ReportFindingsStream>, Status> {
        let identity = self.admit(&request)?;
        self.welcome(&identity).await?;
        let session = Session {
            shared: Arc::clone(&self.shared),
            shutdown: self.shutdown.clone(),
            identity,
            batches: request.into_inner(),
        };
        let acks = stream::unfold(Some(session), |session| async {
            let mut session = session?;
            match session.next().await {
                Ok(ack) => ack.map(|ack| (Ok(ack), Some(session))),
                Err(status) => Some((Err(status), None)),
            }
        });
        Ok(Response::new(Box::pin(acks)))
    }

    async fn heartbeat(
        &self,
        request: Request<v1::HeartbeatRequest>,
    ) -> Result<Response<v1::HeartbeatResponse>, Status> {
        let identity = self.admit(&request)?;
        let now = (self.shared.now)();
        let has = request.get_ref().privacy_version;
        let heartbeat = health::heartbeat(request.into_inner(), now);
        let shared = Arc::clone(&self.shared);
        let keep = move || shared.store.heartbeat(&identity.sensor, &heartbeat, now);
        let kept = self.shared.write(keep).await?;
        self.count(kept.map_err(|error| status::of_store(&error)))?;
        self.shared.counters.heartbeats.increment();
        Ok(Response::new(v1::HeartbeatResponse {
            collector_time_ns: now.as_nanos(),
            privacy: self
                .privacy
                .as_ref()
                .and_then(|privacy| privacy.news_for(has)),
        }))
    }

    type WatchCatalogueStream = catalogue::Answers<v1::CatalogueNotice>;

    async fn watch_catalogue(
        &self,
        request: Request<v1::WatchCatalogueRequest>,
    ) -> Result<Response<Self::WatchCatalogueStream>, Status> {
        let identity = self.admit(&request)?;
        self.welcome(&identity).await?;
        let shared = Arc::clone(&self.shared);
        let allowed = move || admission::still_valid(&identity, (shared.now)());
        let offers = self.shared.live.offers();
        let notices = catalogue::notices(offers, self.shutdown.clone(), allowed);
        Ok(Response::new(notices))
    }

    type FetchCatalogueStream = catalogue::Answers<v1::CataloguePiece>;

    async fn fetch_catalogue(
        &self,
        request: Request<v1::FetchCatalogueRequest>,
    ) -> Result<Response<Self::FetchCatalogueStream>, Status> {
        let identity = self.admit(&request)?;
        self.welcome(&identity).await?;
        let version = request.into_inner().version;
        catalogue::fetch(&self.shared.live.offers(), version).map(Response::new)
    }
}

impl Ingest {
    /// Whether the store still knows the sensor as one of its own.
    async fn welcome(&self, identity: &Identity) -> Result<(), Status> {
        let (shared, sensor) = (Arc::clone(&self.shared), identity.sensor.clone());
        let ask = move || admission::welcome(shared.store.as_ref(), &sensor);
        let welcome = spawn_blocking(ask).await;
        self.count(welcome.map_err(|error| status::of_join(&error))?)
    }

    /// Counts a refusal on its way.
    fn count(&self, result: Result<(), Status>) -> Result<(), Status> {
        if result.as_ref().is_err_and(is_refusal) {
            self.shared.counters.sensor_refused.increment();
        }
        result
    }

    fn admit<T>(&self, request: &Request<T>) -> Result<Identity, Status> {
        admission::sensor(request, &self.shared.counters, (self.shared.now)())
    }
}
