//! One port for everything: agents over gRPC and mutual TLS, people over HTTPS
//! with a token.
//!
//! ```text
//! accept -> peek -> TLS handshake -> who is it -> HTTP/1.1 or HTTP/2 -> gRPC | REST
//! ```
//!
//! What bounds it:
//!
//! | what | bound | at the bound |
//! |---|---|---|
//! | handshakes at once | [`MAX_HANDSHAKES`] | closed, counted |
//! | sensors connected | `max_connections` | closed, counted |
//! | connections of one sensor | [`MAX_OF_ONE_SENSOR`] | closed, counted |
//! | others connected | [`MAX_ANONYMOUS`] | closed, counted |
//! | failed handshakes of one address | [`HANDSHAKE_FAILURES`] | closed, counted |
//! | time for a handshake, a request head, a connection without certificate | named in `connection` | closed |

pub mod admission;
pub mod certificate;
mod connection;
pub mod counters;
pub mod failures;
mod peer;
mod places;
mod routes;
mod shutdown;
mod tls;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

pub use counters::Counters;
use failures::{Allowance, Failures};
pub use peer::{Identity, Peer};
use places::Places;
pub use places::{MAX_ANONYMOUS, MAX_OF_ONE_SENSOR};
pub use routes::Routes;
pub use shutdown::{Shutdown, Trigger, shutdown};
pub use tls::server_config;

/// Handshakes that go on at the same time.
pub const MAX_HANDSHAKES: usize = 512;
/// Failed handshakes that one address may have.
pub const HANDSHAKE_FAILURES: Allowance = Allowance {
    burst: 60,
    interval: Duration::from_millis(500),
};
/// After an error of the listening socket, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// `EAFNOSUPPORT` on Linux, which the standard library has no name for.
const ADDRESS_FAMILY_NOT_SUPPORTED: i32 = 97;
/// How long connections have to finish when the program ends.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// What all connections share.
#[derive(Debug)]
struct Shared {
    tls: Arc<ServerConfig>,
    routes: Routes,
    counters: Arc<Counters>,
    failures: Failures,
    handshakes: Arc<Semaphore>,
    places: Places,
}

/// The listener and what is behind it.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    /// Takes the port.
    ///
    /// # Errors
    ///
    /// When it cannot be had.
    pub async fn bind(
        listen: SocketAddr,
        max_connections: usize,
        tls: Arc<ServerConfig>,
        routes: Routes,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let shared = Shared {
            tls,
            routes,
            counters,
            failures: Failures::new(HANDSHAKE_FAILURES),
            handshakes: Arc::new(Semaphore::new(MAX_HANDSHAKES)),
            places: Places::new(max_connections),
        };
        Ok(Self {
            listener: listener(listen).await?,
            shared: Arc::new(shared),
        })
    }

    /// Where it listens; tells the port when any was asked for.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` says stop and the connections have ended.
    pub async fn run(self, mut shutdown: Shutdown) {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = shutdown.wait() => break,
            };
            match accepted {
                Ok((stream, address)) => self.admit(stream, address, &shutdown),
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        if tokio::time::timeout(STOP_TIMEOUT, self.shared.ended())
            .await
            .is_err()
        {
            tracing::warn!("connections that did not end are cut");
        }
    }

    fn admit(&self, stream: TcpStream, mut address: SocketAddr, shutdown: &Shutdown) {
        // On a socket for both families IPv4 comes dressed as IPv6.
        address.set_ip(address.ip().to_canonical());
        let counters = &self.shared.counters;
        counters.connections.increment();
        if !self.shared.failures.allows(address.ip(), Instant::now()) {
            counters.refused_for_failures.increment();
            return;
        }
        let Ok(permit) = Semaphore::try_acquire_owned(Arc::clone(&self.shared.handshakes)) else {
            counters.refused_handshakes_full.increment();
            return;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may be late");
        }
        let serve = connection::serve(
            Arc::clone(&self.shared),
            stream,
            address,
            permit,
            shutdown.clone(),
        );
        tokio::spawn(serve);
    }
}

impl Shared {
    /// Returns when no connection is left.
    async fn ended(&self) {
        let all = u32::try_from(MAX_HANDSHAKES).unwrap_or(u32::MAX);
        drop(self.handshakes.acquire_many(all).await);
        self.places.all_free().await;
    }
}

/// Takes the port. Where "any address" is asked for on a machine without IPv6,
/// any IPv4 address is meant.
async fn listener(listen: SocketAddr) -> io::Result<TcpListener> {
    let result = TcpListener::bind(listen).await;
    let has_no_ipv6 = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported
        ) || error.raw_os_error() == Some(ADDRESS_FAMILY_NOT_SUPPORTED)
    };
    match result {
        Err(error) if listen.ip() == Ipv6Addr::UNSPECIFIED && has_no_ipv6(&error) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, listen.port())).await
        }
        result => result,
    }
}
