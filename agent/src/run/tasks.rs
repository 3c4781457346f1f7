//! What goes on beside the pipeline while the agent runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::health::Health;
use crate::service::Manager;
use crate::state::{Audience, StateDir, status};
use crate::{signals, text};

/// Turns the system's order to stop into ours.
pub(super) async fn obey(stop: Arc<AtomicBool>) {
    if let Err(error) = signals::stop().await {
        tracing::error!(%error, "cannot listen for the order to stop");
        std::future::pending::<()>().await;
    }
    stop.store(true, Ordering::Relaxed);
}

/// Rewrites the status.
pub(super) async fn keep_status(state: StateDir, health: Arc<Health>, audience: Audience) {
    let mut failed = false;
    loop {
        let (state, snapshot) = (state.clone(), health.snapshot(text::now()));
        let written =
            tokio::task::spawn_blocking(move || status::write(&state, &snapshot, audience)).await;
        match written {
            Ok(Err(error)) if !failed => {
                tracing::warn!(%error, "the status cannot be written");
                failed = true;
            }
            Ok(Ok(())) => failed = false,
            _ => {}
        }
        tokio::time::sleep(status::INTERVAL).await;
    }
}

/// Tells the service manager that the agent is alive as long as its keeper goes round.
pub(super) async fn watch(manager: Arc<Manager>, pulse: Arc<AtomicU64>, interval: Duration) {
    let mut last = pulse.load(Ordering::Relaxed);
    loop {
        manager.alive();
        tokio::time::sleep(interval).await;
        let now = pulse.load(Ordering::Relaxed);
        if now == last {
            tracing::error!("the pipeline does not move; the service manager will restart it");
            std::future::pending::<()>().await;
        }
        last = now;
    }
}
