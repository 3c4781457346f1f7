//! Tells when something in a folder may have changed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{Receiver, channel};

/// Changes that come together are looked at together.
const SETTLE: Duration = Duration::from_millis(200);
/// A look is taken this often all the same: some file systems tell nothing.
const LOOK_INTERVAL: Duration = Duration::from_secs(10);

/// Waits for changes in folders.
#[derive(Debug)]
pub(super) struct Changes {
    told: Receiver<()>,
    watcher: Option<RecommendedWatcher>,
    not_watched: Vec<PathBuf>,
}

impl Changes {
    pub(super) fn of<'p>(folders: impl Iterator<Item = &'p Path>) -> Self {
        let (tell, told) = channel(1);
        let watcher = notify::recommended_watcher(move |_| {
            // One that waits says everything; more would say the same.
            tell.try_send(()).unwrap_or_default();
        });
        let watcher = watcher
            .inspect_err(|error| tracing::warn!(%error, "changed files are noticed late"))
            .ok();
        let mut changes = Self {
            told,
            watcher,
            not_watched: folders.map(Path::to_owned).collect(),
        };
        changes.watch();
        changes
    }

    /// Returns when something may have changed.
    pub(super) async fn next(&mut self) {
        // Without a watcher the channel has ended; what is left is the look now and then.
        let told = async {
            if self.told.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        drop(tokio::time::timeout(LOOK_INTERVAL, told).await);
        tokio::time::sleep(SETTLE).await;
        self.told.try_recv().unwrap_or_default();
        self.watch();
    }

    /// Watches the folders that could not be watched so far, such as one that is made later.
    fn watch(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            self.not_watched
                .retain(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).is_err());
        }
    }
}
