//! The running program: opens what it needs, wires it, and ends it in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use store::{Sqlite, Store};
use tonic::service::Routes as GrpcRoutes;

use crate::api::{self, ApiState};
use crate::catalogue::{Live, Shelf, history};
use crate::clock;
use crate::config::Config;
use crate::enrol::{Authority, Enrolment, create_private_folder};
use crate::ingest::Ingest;
use crate::ingest::aside::Aside;
use crate::privacy::Privacy;
use crate::server::certificate::ServerCertificate;
use crate::server::{self, Counters, Routes, Server, Shutdown};

/// How often the server's certificate is looked at, and the counters are logged.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// A collector that has its port, and serves when it is told to.
#[derive(Debug)]
pub struct Bound {
    server: Server,
    certificate: Arc<ServerCertificate>,
    counters: Arc<Counters>,
    live: Arc<Live>,
    store: Arc<dyn Store>,
    shutdown: Shutdown,
}

/// Opens the store, brings its tables up to date, and takes the port.
///
/// # Errors
///
/// When it cannot start, in words that say what to correct.
pub async fn bind(config: &Config, shutdown: Shutdown) -> Result<Bound> {
    let collector = Collector::open(config)?;
    let grpc = GrpcRoutes::new(collector.enrolment(config).into_server())
        .add_service(collector.ingest(config, shutdown.clone()).into_server());
    let rest = api::router(ApiState {
        store: Arc::clone(&collector.store),
        catalogue: Arc::clone(&collector.live),
        risk: Arc::new(config.risk.clone()),
        now: clock::now,
    });
    let tls = server::server_config(&collector.authority, Arc::clone(&collector.certificate))
        .context("set up TLS")?;
    let server = Server::bind(
        config.listen,
        config.max_connections,
        tls,
        Routes::new(grpc, rest),
        Arc::clone(&collector.counters),
    )
    .await
    .with_context(|| format!("listen on {}", config.listen))?;
    let Collector {
        certificate,
        counters,
        live,
        store,
        ..
    } = collector;
    Ok(Bound {
        server,
        certificate,
        counters,
        live,
        store,
        shutdown,
    })
}

impl Bound {
    /// Where it listens; tells the port when any was asked for.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.server.local_addr()
    }

    /// What it counts.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Serves until the shutdown is due and the connections have ended.
    pub async fn run(self) {
        let upkeep = tokio::spawn(upkeep(self.certificate, Arc::clone(&self.counters)));
        let watch = tokio::spawn(Arc::clone(&self.live).watch());
        let history = tokio::spawn(history::keep_up(self.live, self.store));
        self.server.run(self.shutdown).await;
        history.abort();
        watch.abort();
        upkeep.abort();
        log_counters(&self.counters);
    }
}

/// What the services are made of.
struct Collector {
    store: Arc<dyn Store>,
    authority: Arc<Authority>,
    certificate: Arc<ServerCertificate>,
    counters: Arc<Counters>,
    live: Arc<Live>,
    privacy: Arc<Privacy>,
}

impl Collector {
    fn open(config: &Config) -> Result<Self> {
        let data_dir = &config.data_dir;
        create_private_folder(data_dir)
            .with_context(|| format!("make the folder {}", data_dir.display()))?;
        let store = Sqlite::open(data_dir)
            .with_context(|| format!("open the inventory in {}", data_dir.display()))?;
        let authority = Arc::new(Authority::open(data_dir, clock::now())?);
        let certificate = ServerCertificate::open(
            Arc::clone(&authority),
            data_dir,
            &config.certificate_names(),
            clock::now(),
        )?;
        let privacy = Privacy::open(config)?;
        tracing::info!(users = privacy.in_words(), "privacy");
        Ok(Self {
            privacy: Arc::new(privacy),
            store: Arc::new(store),
            authority,
            certificate: Arc::new(certificate),
            counters: Arc::new(Counters::default()),
            live: Arc::new(Live::open(
                Shelf::new(data_dir),
                config.catalogue_local.as_deref(),
            )),
        })
    }

    fn enrolment(&self, config: &Config) -> Enrolment {
        Enrolment::new(
            Arc::clone(&self.store),
            Arc::clone(&self.authority),
            Arc::clone(&self.counters),
            config.certificate_lifetime,
            self.live.shelf().clone(),
            Arc::clone(&self.privacy),
            clock::now,
        )
    }

    fn ingest(&self, config: &Config, shutdown: Shutdown) -> Ingest {
        Ingest::new(
            Arc::clone(&self.store),
            Aside::new(&config.data_dir),
            Arc::clone(&self.counters),
            config.max_batch,
            clock::now,
            Arc::clone(&self.live),
            shutdown,
        )
        .with_privacy(Arc::clone(&self.privacy))
    }
}

/// Renews the server's certificate and logs the counters, for ever.
async fn upkeep(certificate: Arc<ServerCertificate>, counters: Arc<Counters>) {
    loop {
        tokio::time::sleep(UPKEEP_INTERVAL).await;
        log_counters(&counters);
        match certificate.renew_if_due(clock::now()) {
            Ok(true) => tracing::info!("the server certificate was renewed"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the server certificate cannot be renewed"),
        }
    }
}

fn log_counters(counters: &Counters) {
    let counted: Vec<String> = counters
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name}={count}"))
        .collect();
    tracing::info!(counters = counted.join(" "), "since the start");
}
