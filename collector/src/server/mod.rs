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
//! | others connected | [`MAX_ANONYMOUS`] | closed, counted |
//! | failed handshakes of one address | [`HANDSHAKE_FAILURES`] | closed, counted |
//! | time for a handshake, a request head, a connection without certificate | named in `connection` | closed |

pub mod admission;
pub mod certificate;
mod connection;
pub mod counters;
pub mod failures;
mod peer;
mod routes;
mod shutdown;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

pub use counters::Counters;
use failures::{Allowance, Failures};
pub use peer::{Identity, Peer};
pub use routes::Routes;
pub use shutdown::{Shutdown, Trigger, shutdown};
pub use tls::server_config;

/// Handshakes that go on at the same time.
pub const MAX_HANDSHAKES: usize = 512;
/// Connections without a certificate: people, programs, agents that enrol.
pub const MAX_ANONYMOUS: usize = 1024;
/// Failed handshakes that one address may have.
pub const HANDSHAKE_FAILURES: Allowance = Allowance {
    burst: 60,
    interval: Duration::from_millis(500),
};
/// After an error of the listening socket, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
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
    sensor_places: Arc<Semaphore>,
    anonymous_places: Arc<Semaphore>,
    max_connections: usize,
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
            sensor_places: Arc::new(Semaphore::new(max_connections)),
            anonymous_places: Arc::new(Semaphore::new(MAX_ANONYMOUS)),
            max_connections,
        };
        Ok(Self {
            listener: TcpListener::bind(listen).await?,
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

    fn admit(&self, stream: TcpStream, address: SocketAddr, shutdown: &Shutdown) {
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
    /// Returns when no connection is left: all places are free.
    async fn ended(&self) {
        for (places, all) in [
            (&self.handshakes, MAX_HANDSHAKES),
            (&self.sensor_places, self.max_connections),
            (&self.anonymous_places, MAX_ANONYMOUS),
        ] {
            let all = u32::try_from(all).unwrap_or(u32::MAX);
            if let Ok(permits) = places.acquire_many(all).await {
                permits.forget();
            }
        }
    }
}
