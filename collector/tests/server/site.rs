//! A collector inside the test's own process.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use collector::clock;
use collector::config::Config;
use collector::enrol::{Authority, Token};
use collector::serve;
use collector::server::{Counters, Trigger, shutdown};
use inventory::{PageRequest, Query, Sighting, Timestamp};
use store::{NewToken, Sqlite, Store};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// A running collector with its folder.
pub(crate) struct Site {
    folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) counters: Arc<Counters>,
    trigger: Trigger,
    serving: JoinHandle<()>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(tempfile::tempdir().unwrap(), |_| {}).await
    }

    /// Starts on a folder that may hold an inventory already.
    pub(crate) async fn start_with(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            data_dir: folder.path().to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            ..Config::default()
        };
        change(&mut config);
        let (trigger, shutdown) = shutdown();
        let bound = serve::bind(&config, shutdown).await.unwrap();
        let (address, counters) = (bound.address().unwrap(), Arc::clone(bound.counters()));
        let serving = tokio::spawn(bound.run());
        Self {
            folder,
            address,
            counters,
            trigger,
            serving,
        }
    }

    /// Stops it in order and gives its folder back.
    pub(crate) async fn stop(self) -> TempDir {
        self.trigger.fire();
        self.serving.await.unwrap();
        self.folder
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> Sqlite {
        Sqlite::open(self.folder()).unwrap()
    }

    pub(crate) fn authority(&self) -> Authority {
        Authority::open(self.folder(), clock::now()).unwrap()
    }

    /// A token that is good for an hour.
    pub(crate) fn token(&self) -> Token {
        self.token_until(clock::now().saturating_add(HOUR))
    }

    pub(crate) fn token_until(&self, expires_at: Timestamp) -> Token {
        let seconds = expires_at.as_nanos() / 1_000_000_000;
        let fingerprint = self.authority().fingerprint();
        let token = Token::generate(self.address.to_string(), fingerprint, seconds).unwrap();
        let new = NewToken {
            secret: token.hash(),
            label: String::new(),
            expires_at,
        };
        self.store()
            .create_token(&new, "test", clock::now())
            .unwrap();
        token
    }

    /// Everything that was sighted.
    pub(crate) fn sightings(&self) -> Vec<Sighting> {
        sightings(&self.store())
    }
}

/// Everything that was sighted, in order of service.
pub(crate) fn sightings(store: &impl Store) -> Vec<Sighting> {
    let (query, page) = (Query::default(), PageRequest::first(100_000));
    let found = store.findings(&query, &page, clock::now()).unwrap();
    assert_eq!(found.next, None);
    let mut sightings: Vec<_> = found
        .items
        .into_iter()
        .map(|found| found.sighting)
        .collect();
    sightings.sort_by(|one, two| one.key.cmp(&two.key));
    sightings
}
