//! An agent as the collector sees one: TLS with or without a certificate, and
//! the gRPC clients of the protocol.

use std::net::SocketAddr;
use std::sync::Arc;

use collector::enrol::{Authority, Token};
use hyper_util::rt::TokioIo;
use proto::v1;
use proto::v1::enrolment_client::EnrolmentClient;
use proto::v1::ingest_client::IngestClient;
use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Status, Streaming};

use crate::site::Site;

/// What an agent has after it was enrolled.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) sensor: String,
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl Identity {
    pub(crate) fn new(answer: &v1::EnrolResponse, key: &KeyPair) -> Self {
        let chain = answer
            .certificate_chain
            .iter()
            .cloned()
            .map(CertificateDer::from)
            .collect();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Self {
            sensor: answer.sensor_id.clone(),
            chain,
            key: Arc::new(key),
        }
    }

    /// Of a certificate that a CA signed for `name`.
    pub(crate) fn forged(authority: &Authority, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let lifetime = crate::site::HOUR;
        let issued = authority
            .issue_client(&key, name, collector::clock::now(), lifetime)
            .unwrap();
        Self {
            sensor: name.to_owned(),
            chain: vec![issued.der],
            key: Arc::new(PrivateKeyDer::try_from(key.serialize_der()).unwrap()),
        }
    }

    pub(crate) fn leaf(&self) -> &[u8] {
        &self.chain[0]
    }
}

/// A request for a new key, with whatever `params` ask for.
pub(crate) fn csr(params: &CertificateParams) -> (KeyPair, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let der = params.serialize_request(&key).unwrap().der().to_vec();
    (key, der)
}

pub(crate) fn tls(authority: &Authority, identity: Option<&Identity>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(identity) => builder
            .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
            .unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

pub(crate) async fn connect(
    address: SocketAddr,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::from(address.ip());
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// A gRPC channel over one connection.
pub(crate) async fn channel_to(
    address: SocketAddr,
    config: ClientConfig,
) -> Result<Channel, tonic::transport::Error> {
    let connector = tower::service_fn(move |_| {
        let config = config.clone();
        async move { connect(address, config).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://collector")
        .connect_with_connector(connector)
        .await
}

pub(crate) async fn channel(site: &Site, identity: Option<&Identity>) -> Channel {
    channel_to(site.address, tls(&site.authority(), identity))
        .await
        .unwrap()
}

pub(crate) async fn enrol_with(
    channel: Channel,
    token: &Token,
    csr: Vec<u8>,
) -> Result<v1::EnrolResponse, Status> {
    let request = v1::EnrolRequest {
        secret: token.secret.clone(),
        csr,
        hostname: "laptop-7".to_owned(),
        os: "linux".to_owned(),
        agent_version: "0.1.0".to_owned(),
    };
    EnrolmentClient::new(channel)
        .enrol(request)
        .await
        .map(tonic::Response::into_inner)
}

/// Enrols a new sensor.
pub(crate) async fn enrol(site: &Site) -> Identity {
    let (key, csr) = csr(&CertificateParams::default());
    let answer = enrol_with(channel(site, None).await, &site.token(), csr)
        .await
        .unwrap();
    Identity::new(&answer, &key)
}

/// One open stream of batches.
pub(crate) struct Reporting {
    batches: mpsc::Sender<v1::FindingBatch>,
    acks: Streaming<v1::BatchAck>,
}

impl Reporting {
    pub(crate) async fn open(channel: Channel) -> Result<Self, Status> {
        let (batches, receiver) = mpsc::channel(64);
        let stream = ReceiverStream::new(receiver);
        let acks = IngestClient::new(channel)
            .report_findings(stream)
            .await?
            .into_inner();
        Ok(Self { batches, acks })
    }

    /// Sends a batch and waits for what becomes of it.
    pub(crate) async fn report(&mut self, batch: v1::FindingBatch) -> Result<v1::BatchAck, Status> {
        self.send(batch).await;
        self.ack().await
    }

    pub(crate) async fn send(&self, batch: v1::FindingBatch) {
        self.batches.send(batch).await.expect("the stream is open");
    }

    pub(crate) async fn ack(&mut self) -> Result<v1::BatchAck, Status> {
        self.acks
            .message()
            .await?
            .ok_or_else(|| Status::cancelled("the stream has ended"))
    }
}

pub(crate) async fn reporting(site: &Site, identity: &Identity) -> Reporting {
    Reporting::open(channel(site, Some(identity)).await)
        .await
        .unwrap()
}
