//! Opens one secured connection to the collector, directly or through a proxy, and hands it to
//! the gRPC client.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use super::proxy::{self, Route};
use super::tls::HTTP2;
use super::trouble::{Trouble, shown};
use crate::config::{Proxy, host_and_port};

/// Longest that opening a connection may take, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Time between two pings on a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Longest wait for the answer to a ping.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest wait for the answer to one call that is not a stream.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// Where the collector is, and how to get there.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    address: String,
    host: String,
    port: u16,
    route: Option<Route>,
}

impl Target {
    /// From `host:port`, the settings and the environment.
    pub(crate) fn new(address: &str, configured: Option<&Proxy>) -> Result<Self, Trouble> {
        let (host, port) = host_and_port(address).ok_or_else(|| {
            Trouble::Local(format!(
                "{address:?} is not the address of a collector (host:port)"
            ))
        })?;
        let route = proxy::route(host, configured, |name| std::env::var(name).ok())
            .map_err(|error| Trouble::Local(format!("{error:#}")))?;
        Ok(Self {
            address: address.to_owned(),
            host: host.to_owned(),
            port,
            route,
        })
    }
}

/// Opens a connection and makes a gRPC channel of it. The channel ends with the connection.
pub(crate) async fn channel(
    target: &Target,
    config: Arc<ClientConfig>,
) -> Result<Channel, Trouble> {
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, secured(target, config))
        .await
        .map_err(|_| Trouble::Unreachable("it does not answer in time".into()))??;
    let once = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    let connector = service_fn(move |_: Uri| {
        let stream = once.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move { stream.ok_or_else(|| std::io::Error::other("the connection has ended")) }
    });
    let uri: Uri = format!("https://{}", target.address)
        .parse()
        .map_err(|_| Trouble::Local(format!("{:?} is no address", target.address)))?;
    Endpoint::from(uri)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .connect_with_connector(connector)
        .await
        .map_err(|error| {
            Trouble::NotACollector(shown(&format!("{:#}", anyhow::Error::from(error))))
        })
}

async fn secured(
    target: &Target,
    config: Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, Trouble> {
    let stream = match &target.route {
        Some(route) => proxy::connect(route, &target.host, target.port)
            .await
            .map_err(|error| Trouble::Unreachable(shown(&format!("{error:#}"))))?,
        None => TcpStream::connect((target.host.as_str(), target.port))
            .await
            .map_err(|error| Trouble::from_io(&error, false))?,
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn off delays on the connection");
    }
    let name = ServerName::try_from(target.host.clone())
        .map_err(|_| Trouble::Local(format!("{:?} is no host name", target.host)))?;
    let stream = TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(|error| Trouble::from_io(&error, true))?;
    if stream.get_ref().1.alpn_protocol() != Some(HTTP2) {
        return Err(Trouble::NotACollector("it does not speak HTTP/2".into()));
    }
    Ok(stream)
}
