//! The calls: `Enrol` with a token's secret and no certificate, `Renew` with the
//! certificate that is to be replaced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use inventory::{SensorId, Timestamp};
use proto::v1;
use proto::v1::enrolment_server;
use rcgen::SubjectPublicKeyInfo;
use store::{Certificate, NewSensor, Redemption, SecretHash, Store};
use tokio::task::spawn_blocking;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::authority::{Authority, Issued};
use super::{MAX_CSR_BYTES, MAX_SECRET_BYTES, csr};
use crate::catalogue::Shelf;
use crate::ingest::text::brief;
use crate::privacy::Privacy;
use crate::server::failures::{Allowance, Failures};
use crate::server::{Counters, Peer, admission};
use crate::status;

/// Refused enrolments that one address may have. A secret cannot be guessed;
/// this bounds the work and the log.
pub const ENROLMENT_FAILURES: Allowance = Allowance {
    burst: 20,
    interval: Duration::from_secs(3),
};

/// Certificates that one sensor gets within [`RENEWAL_PERIOD`]. An agent whose
/// clock is far ahead believes each new one to be at its end.
const MAX_RENEWALS: usize = 20;
const RENEWAL_PERIOD: Duration = Duration::from_secs(3600);

/// Room for the largest request, with the texts an agent sends along.
const MAX_MESSAGE_BYTES: usize = 4 * MAX_CSR_BYTES;
/// Of a host name, and of the other texts.
const MAX_TEXT: usize = 255;

/// The gRPC service of enrolment.
#[derive(Clone, Debug)]
pub struct Enrolment {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Store>,
    authority: Arc<Authority>,
    counters: Arc<Counters>,
    lifetime: Duration,
    shelf: Shelf,
    privacy: Arc<Privacy>,
    now: fn() -> Timestamp,
    failures: Failures,
}

impl Enrolment {
    /// Signs with `authority`; certificates are valid for `lifetime`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        authority: Arc<Authority>,
        counters: Arc<Counters>,
        lifetime: Duration,
        shelf: Shelf,
        privacy: Arc<Privacy>,
        now: fn() -> Timestamp,
    ) -> Self {
        let failures = Failures::new(ENROLMENT_FAILURES);
        let shared = Shared {
            store,
            authority,
            counters,
            lifetime,
            shelf,
            privacy,
            now,
            failures,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The service with its limits.
    #[must_use]
    pub fn into_server(self) -> enrolment_server::EnrolmentServer<Self> {
        enrolment_server::EnrolmentServer::new(self).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}

impl Shared {
    /// Uses up the token, adds the sensor and signs its key. Blocks.
    fn enrol(&self, request: v1::EnrolRequest) -> Result<v1::EnrolResponse, Status> {
        if request.secret.len() > MAX_SECRET_BYTES {
            return Err(Status::invalid_argument("the secret is too long to be one"));
        }
        let key = key_of(&request.csr)?;
        let now = (self.now)();
        let sensor = NewSensor {
            id: SensorId::new(Uuid::new_v4().to_string()),
            hostname: brief(request.hostname, MAX_TEXT),
            os: brief(request.os, MAX_TEXT),
            agent_version: brief(request.agent_version, MAX_TEXT),
        };
        // Signed before the token is used up, so that a failure does not cost it.
        let issued = self.sign(&key, &sensor.id, now)?;
        let secret = SecretHash::of(request.secret.as_bytes());
        let redemption = self
            .store
            .redeem_token(&secret, &sensor, now)
            .map_err(|error| status::of_store(&error))?;
        admitted(&redemption)?;
        if let Err(error) = self.remember(&sensor.id, &issued, now) {
            // The sensor is enrolled: what counts from now on is its own state.
            tracing::warn!(sensor = %sensor.id, %error, "its certificate is not in the inventory");
        }
        tracing::info!(sensor = %sensor.id, "a sensor is enrolled");
        Ok(self.answer(&sensor.id, issued))
    }

    /// Signs another key of a sensor that is welcome. Blocks.
    fn renew(
        &self,
        sensor: &SensorId,
        request: &v1::RenewRequest,
    ) -> Result<v1::EnrolResponse, Status> {
        admission::welcome(self.store.as_ref(), sensor)?;
        let key = key_of(&request.csr)?;
        let now = (self.now)();
        self.check_renewals(sensor, now)?;
        let issued = self.sign(&key, sensor, now)?;
        self.remember(sensor, &issued, now)
            .map_err(|error| status::of_store(&error))?;
        Ok(self.answer(sensor, issued))
    }

    fn check_renewals(&self, sensor: &SensorId, now: Timestamp) -> Result<(), Status> {
        let issued = self
            .store
            .certificates(sensor)
            .map_err(|error| status::of_store(&error))?;
        let since = now.saturating_sub(RENEWAL_PERIOD);
        if issued
            .iter()
            .filter(|certificate| certificate.issued_at > since)
            .count()
            < MAX_RENEWALS
        {
            return Ok(());
        }
        let message = "too many certificates within an hour; is the clock of this machine right?";
        Err(Status::resource_exhausted(message))
    }

    fn sign(
        &self,
        key: &SubjectPublicKeyInfo,
        sensor: &SensorId,
        now: Timestamp,
    ) -> Result<Issued, Status> {
        self.authority
            .issue_client(key, sensor.as_str(), now, self.lifetime)
            .map_err(|error| {
                tracing::error!(%error, "a certificate cannot be signed");
                Status::internal("the collector cannot sign certificates; its log says more")
            })
    }

    fn remember(
        &self,
        sensor: &SensorId,
        issued: &Issued,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let certificate = Certificate {
            serial: issued.serial.clone(),
            sensor: sensor.clone(),
            issued_at: now,
            not_after: issued.not_after,
        };
        self.store.add_certificate(&certificate, now)
    }

    fn answer(&self, sensor: &SensorId, issued: Issued) -> v1::EnrolResponse {
        let ca = self.authority.certificate().to_vec();
        v1::EnrolResponse {
            sensor_id: sensor.to_string(),
            certificate_chain: vec![issued.der.to_vec(), ca.clone()],
            ca_certificate: ca,
            not_after_ns: issued.not_after.as_nanos(),
            catalogue_public_key: self.catalogue_key(),
            privacy: Some(self.privacy.settings()),
        }
    }

    /// The key that the sensor is to check bundles with, if there is one.
    fn catalogue_key(&self) -> String {
        match self.shelf.trusted() {
            Ok(key) => key.map(|key| key.to_string()).unwrap_or_default(),
            Err(error) => {
                tracing::error!(%error, "a sensor gets no catalogue key");
                String::new()
            }
        }
    }

    /// Notes what became of an enrolment.
    fn note(&self, peer: Option<&Peer>, result: &Result<v1::EnrolResponse, Status>) {
        let Err(status) = result else {
            self.counters.enrolled.increment();
            return;
        };
        self.counters.enrolment_refused.increment();
        tracing::info!(reason = status.message(), "an enrolment was refused");
        if is_callers_fault(status)
            && let Some(peer) = peer
        {
            tracing::debug!(address = %peer.address, "it came from there");
            self.failures.note(peer.address.ip(), Instant::now());
        }
    }
}

fn key_of(request: &[u8]) -> Result<SubjectPublicKeyInfo, Status> {
    csr::public_key(request).map_err(|error| Status::invalid_argument(error.to_string()))
}

fn admitted(redemption: &Redemption) -> Result<(), Status> {
    let reason = match redemption {
        Redemption::Admitted(_) => return Ok(()),
        Redemption::Unknown => "this collector has made no such token",
        Redemption::Expired { .. } => "the token has expired; ask for a new one",
        Redemption::Used { .. } => "the token was used before; ask for a new one",
        Redemption::Revoked { .. } => "the token was revoked; ask for a new one",
    };
    Err(Status::permission_denied(reason))
}

fn is_callers_fault(status: &Status) -> bool {
    matches!(
        status.code(),
        tonic::Code::PermissionDenied | tonic::Code::InvalidArgument
    )
}

#[tonic::async_trait]
impl enrolment_server::Enrolment for Enrolment {
    async fn enrol(
        &self,
        request: Request<v1::EnrolRequest>,
    ) -> Result<Response<v1::EnrolResponse>, Status> {
        let peer = request.extensions().get::<Peer>().cloned();
        if let Some(peer) = &peer
            && !self
                .shared
                .failures
                .allows(peer.address.ip(), Instant::now())
        {
            self.shared.counters.enrolment_refused.increment();
            let message = "too many refused enrolments from this address; wait a minute";
            return Err(Status::resource_exhausted(message));
        }
        let shared = Arc::clone(&self.shared);
        let enrol = move || shared.enrol(request.into_inner());
        let result = spawn_blocking(enrol)
            .await
            .map_err(|error| status::of_join(&error))?;
        self.shared.note(peer.as_ref(), &result);
        result.map(Response::new)
    }

    async fn renew(
        &self,
        request: Request<v1::RenewRequest>,
    ) -> Result<Response<v1::EnrolResponse>, Status> {
        let shared = Arc::clone(&self.shared);
        let sensor = admission::sensor(&request, &shared.counters, (shared.now)())?.sensor;
        let sensor_id = sensor.clone();
        let renew = move || shared.renew(&sensor, &request.into_inner());
        let result = spawn_blocking(renew)
            .await
            .map_err(|error| status::of_join(&error))?;
        match &result {
            Ok(_) => self.shared.counters.renewed.increment(),
            Err(status) => {
                tracing::debug!(%sensor_id, reason = status.message(), "not renewed");
                self.shared.counters.sensor_refused.increment();
            }
        }
        result.map(Response::new)
    }
}
