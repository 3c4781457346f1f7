//! Watches the folder of local catalogue files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::channel;

use super::Running;

/// Changes that come together are looked at together.
const SETTLE: Duration = Duration::from_millis(200);
/// A look is taken this often all the same: some file systems tell nothing, and a folder may be made later.
const LOOK_INTERVAL: Duration = Duration::from_secs(10);

/// Takes local files in whenever they change, until the task is dropped.
pub(crate) async fn watch(running: Arc<Running>) {
    let Some(folder) = running.local_folder().map(Path::to_owned) else {
        return;
    };
    let (tell, mut told) = channel(1);
    let mut watcher = notify::recommended_watcher(move |_| {
        // One that waits says everything; more would say the same.
        tell.try_send(()).unwrap_or_default();
    })
    .inspect_err(|error| tracing::warn!(%error, "changed catalogue files are noticed late"))
    .ok();
    let mut watched = false;
    loop {
        watched = watched || starts(watcher.as_mut(), &folder);
        let change = async {
            if told.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        drop(tokio::time::timeout(LOOK_INTERVAL, change).await);
        tokio::time::sleep(SETTLE).await;
        while told.try_recv().is_ok() {}
        let running = Arc::clone(&running);
        let done = tokio::task::spawn_blocking(move || running.reload_local()).await;
        if done.is_err() {
            tracing::error!("looking at the local catalogue files failed");
        }
    }
}

fn starts(watcher: Option<&mut RecommendedWatcher>, folder: &Path) -> bool {
    watcher.is_some_and(|watcher| watcher.watch(folder, RecursiveMode::NonRecursive).is_ok())
}
