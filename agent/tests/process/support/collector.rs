//! A collector that these tests play: real TLS, real gRPC, and whatever behaviour a test wants.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use proto::v1;
use proto::v1::enrolment_server::{Enrolment, EnrolmentServer};
use proto::v1::ingest_server::{Ingest, IngestServer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use super::authority::Authority;
use super::connection::{HasCertificate, accept};

/// What the collector does with batches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mood {
    /// Takes everything.
    Willing,
    /// Takes a batch and ends the stream without a word, this many times; then it is willing.
    Forgetful(u32),
    /// Refuses the findings in each batch for good.
    Picky,
    /// Turns everybody away.
    Revoking,
    /// Takes batches and says nothing.
    Silent,
    /// Takes batches of this many records at most.
    Small(usize),
}

/// What has happened so far.
pub(crate) struct Seen {
    pub(crate) mood: Mood,
    pub(crate) lifetime: Duration,
    pub(crate) secrets: BTreeSet<String>,
    pub(crate) records: BTreeMap<Vec<u8>, u32>,
    pub(crate) batches: u32,
    pub(crate) received: u32,
    pub(crate) heartbeats: Vec<v1::HeartbeatRequest>,
    pub(crate) renewals: u32,
    /// Bundles that are published one after the other, each with the number it is announced under.
    pub(crate) bundles: Vec<(u64, Vec<u8>)>,
    pub(crate) catalogue_key: String,
    pub(crate) fetches: u32,
}

/// The running collector.
pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    pub(crate) authority: Arc<Authority>,
    seen: Arc<Mutex<Seen>>,
    _runtime: Runtime,
}

#[derive(Clone)]
struct Service {
    seen: Arc<Mutex<Seen>>,
    authority: Arc<Authority>,
}

/// A day in seconds.
const DAY: u64 = 86_400;

impl Collector {
    pub(crate) fn start() -> Self {
        let authority = Arc::new(Authority::new());
        let seen = Arc::new(Mutex::new(Seen {
            mood: Mood::Willing,
            lifetime: Duration::from_secs(DAY),
            secrets: BTreeSet::from(["once".to_owned(), "twice".to_owned()]),
            records: BTreeMap::new(),
            batches: 0,
            received: 0,
            heartbeats: Vec::new(),
            renewals: 0,
            bundles: Vec::new(),
            catalogue_key: String::new(),
            fetches: 0,
        }));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("bound");
        let acceptor = TlsAcceptor::from(server_config(&authority));
        let (connections, incoming) = mpsc::channel(8);
        runtime.spawn(accept(listener, acceptor, connections));
        let service = Service {
            seen: Arc::clone(&seen),
            authority: Arc::clone(&authority),
        };
        let server = Server::builder()
            .add_service(IngestServer::new(service.clone()))
            .add_service(EnrolmentServer::new(service))
            .serve_with_incoming(ReceiverStream::new(incoming));
        runtime.spawn(server);
        Self {
            address,
            authority,
            seen,
            _runtime: runtime,
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("not poisoned")
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.seen().mood = mood;
    }

    /// A token that admits once.
    pub(crate) fn token(&self, secret: &str) -> String {
        self.authority
            .token(&self.address.to_string(), secret, i64::MAX / 2_000_000_000)
    }
}

fn server_config(authority: &Authority) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().into()).expect("a root");
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .expect("a verifier");
    let identity = authority.server();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)
        .expect("a certificate");
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

impl Service {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("not poisoned")
    }

    fn admit<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let certified = request
            .extensions()
            .get::<HasCertificate>()
            .is_some_and(|has| has.0);
        if !certified {
            return Err(Status::unauthenticated("a certificate is needed"));
        }
        if self.seen().mood == Mood::Revoking {
            return Err(Status::permission_denied("this sensor is revoked"));
        }
        Ok(())
    }

    fn answer(&self, csr: &[u8]) -> v1::EnrolResponse {
        let lifetime = self.seen().lifetime;
        v1::EnrolResponse {
            sensor_id: "sensor-1".to_owned(),
            certificate_chain: vec![self.authority.sign(csr, lifetime)],
            ca_certificate: self.authority.der(),
            not_after_ns: 0,
            catalogue_public_key: self.seen().catalogue_key.clone(),
            privacy: None,
        }
    }

    /// What becomes of one batch; `None` ends the stream.
    fn take(&self, batch: &v1::FindingBatch) -> Option<Result<v1::BatchAck, Status>> {
        let mut seen = self.seen();
        if let Mood::Small(most) = seen.mood
            && batch.records.len() > most
        {
            return Some(Err(Status::invalid_argument(format!(
                "at most {most} records"
            ))));
        }
        seen.batches += 1;
        let mut ack = v1::BatchAck {
            acknowledged_sequence: batch.last_sequence,
            recorded: 0,
            refusals: Vec::new(),
        };
        for record in &batch.records {
            seen.received += 1;
            let is_finding = matches!(record.body, Some(v1::record::Body::Finding(_)));
            if is_finding && seen.mood == Mood::Picky {
                let reason = "unknown service".to_owned();
                ack.refusals.push(v1::Refusal {
                    sequence: record.sequence,
                    reason,
                });
                continue;
            }
            let (key, revision) = identity(record);
            let present = seen.records.entry(key).or_default();
            *present = revision.max(*present);
            ack.recorded += 1;
        }
        match seen.mood {
            Mood::Forgetful(0) => seen.mood = Mood::Willing,
            Mood::Forgetful(more) => {
                seen.mood = Mood::Forgetful(more - 1);
                return None;
            }
            Mood::Silent => {
                ack.acknowledged_sequence = 0;
            }
            Mood::Willing | Mood::Picky | Mood::Revoking | Mood::Small(_) => {}
        }
        Some(Ok(ack))
    }
}

/// The key of a record, as bytes, and its revision. Findings come before coverage, whatever the epoch is.
fn identity(record: &v1::Record) -> (Vec<u8>, u32) {
    use prost::Message;
    match record.body.as_ref().expect("every record has a body") {
        v1::record::Body::Finding(finding) => (
            [
                vec![0],
                finding.key.as_ref().expect("a key").encode_to_vec(),
            ]
            .concat(),
            finding.revision,
        ),
        v1::record::Body::Coverage(window) => {
            let key = [
                &[1],
                window.epoch.as_slice(),
                &window.window_start_ns.to_be_bytes(),
            ]
            .concat();
            (key, window.revision)
        }
    }
}

#[tonic::async_trait]
impl Ingest for Service {
    type ReportFindingsStream = ReceiverStream<Result<v1::BatchAck, Status>>;

    async fn report_findings(
        &self,
        request: Request<Streaming<v1::FindingBatch>>,
    ) -> Result<Response<Self::ReportFindingsStream>, Status> {
        self.admit(&request)?;
        let mut batches = request.into_inner();
        let (acks, stream) = mpsc::channel(4);
        let service = self.clone();
        tokio::spawn(async move {
            while let Ok(Some(batch)) = batches.message().await {
                let Some(answer) = service.take(&batch) else {
                    break;
                };
                let ends = answer.is_err();
                let silent = answer
                    .as_ref()
                    .is_ok_and(|ack| ack.acknowledged_sequence == 0);
                if !silent && acks.send(answer).await.is_err() || ends {
                    break;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn heartbeat(
        &self,
        request: Request<v1::HeartbeatRequest>,
    ) -> Result<Response<v1::HeartbeatResponse>, Status> {
        self.admit(&request)?;
        let request = request.into_inner();
        let collector_time_ns = request.agent_time_ns + 90_000_000_000;
        self.seen().heartbeats.push(request);
        Ok(Response::new(v1::HeartbeatResponse {
            collector_time_ns,
            privacy: None,
        }))
    }

    type WatchCatalogueStream = ReceiverStream<Result<v1::CatalogueNotice, Status>>;

    async fn watch_catalogue(
        &self,
        request: Request<v1::WatchCatalogueRequest>,
    ) -> Result<Response<Self::WatchCatalogueStream>, Status> {
        self.admit(&request)?;
        let (notices, stream) = mpsc::channel(4);
        let service = self.clone();
        tokio::spawn(async move {
            let mut told = 0;
            while !notices.is_closed() {
                let next = service.seen().bundles.get(told).cloned();
                if let Some((version, bytes)) = next {
                    told += 1;
                    let bytes = bytes.len().try_into().expect("small");
                    let notice = v1::CatalogueNotice { version, bytes };
                    if notices.send(Ok(notice)).await.is_err() {
                        break;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    type FetchCatalogueStream = ReceiverStream<Result<v1::CataloguePiece, Status>>;

    async fn fetch_catalogue(
        &self,
        request: Request<v1::FetchCatalogueRequest>,
    ) -> Result<Response<Self::FetchCatalogueStream>, Status> {
        self.admit(&request)?;
        let version = request.into_inner().version;
        let mut seen = self.seen();
        seen.fetches += 1;
        let bundle = seen.bundles.iter().find(|(number, _)| *number == version);
        let (_, bytes) = bundle.ok_or_else(|| Status::not_found("no such bundle"))?;
        let (pieces, stream) = mpsc::channel(64);
        for piece in bytes.chunks(64 << 10) {
            let data = piece.to_vec();
            pieces
                .try_send(Ok(v1::CataloguePiece { data }))
                .expect("room");
        }
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

#[tonic::async_trait]
impl Enrolment for Service {
    async fn enrol(
        &self,
        request: Request<v1::EnrolRequest>,
    ) -> Result<Response<v1::EnrolResponse>, Status> {
        let request = request.into_inner();
        if !self.seen().secrets.remove(&request.secret) {
            return Err(Status::permission_denied("the token was used before"));
        }
        Ok(Response::new(self.answer(&request.csr)))
    }

    async fn renew(
        &self,
        request: Request<v1::RenewRequest>,
    ) -> Result<Response<v1::EnrolResponse>, Status> {
        self.admit(&request)?;
        let mut seen = self.seen();
        seen.renewals += 1;
        seen.lifetime = Duration::from_secs(DAY);
        drop(seen);
        Ok(Response::new(self.answer(&request.into_inner().csr)))
    }
}
