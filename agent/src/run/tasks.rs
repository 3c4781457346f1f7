//! What goes on beside the pipeline while the agent runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::catalogue::Running;
use crate::health::Health;
use crate::pipeline::Outbox;
use crate::service::Manager;
use crate::state::waiting::Waiting;
use crate::state::{Audience, StateDir, status};
use crate::stop::Stop;
use crate::{signals, text};

/// Turns the system's order to stop into ours.
pub(super) async fn obey(stop: Arc<Stop>) {
    if let Err(error) = signals::stop().await {
        tracing::error!(%error, "cannot listen for the order to stop");
        std::future::pending::<()>().await;
    }
    stop.tell();
}

/// What whoever uses the machine may read about the agent.
pub(super) struct Published {
    pub(super) state: StateDir,
    pub(super) health: Arc<Health>,
    pub(super) outbox: Outbox,
    pub(super) catalogue: Arc<Running>,
    pub(super) audience: Audience,
}

impl Published {
    /// Rewrites what waits to be reported, if it is not what it was when `last` was returned.
    fn show_waiting(&self, last: Option<[u64; 2]>) -> Option<[u64; 2]> {
        let stats = self.outbox.stats();
        let now = [stats.next_sequence.get(), stats.acked.get()];
        if last == Some(now) {
            return last;
        }
        let written =
            (self.outbox.peek().map_err(std::io::Error::other)).and_then(|(records, pending)| {
                Waiting::new(&records, pending, &self.catalogue.current())
                    .write(&self.state, self.audience)
            });
        match written {
            Ok(()) => Some(now),
            Err(error) => {
                tracing::debug!(%error, "what waits cannot be shown");
                last
            }
        }
    }
}

/// Rewrites the status, and what waits to be reported.
pub(super) async fn keep_status(published: Published) {
    let published = Arc::new(published);
    let mut failed = false;
    let mut waiting = None;
    let (mut interval, longest) = status::INTERVALS;
    loop {
        // One piece of work on another thread, since each wakes two.
        let shown = Arc::clone(&published);
        let written = tokio::task::spawn_blocking(move || {
            let waiting = shown.show_waiting(waiting);
            let snapshot = shown.health.snapshot(text::now());
            (
                waiting,
                status::write(&shown.state, &snapshot, shown.audience),
            )
        })
        .await
        .map(|(now_waiting, written)| {
            waiting = now_waiting;
            written
        });
        match written {
            Ok(Err(error)) if !failed => {
                tracing::warn!(%error, "the status cannot be written");
                failed = true;
            }
            Ok(Ok(())) => failed = false,
            _ => {}
        }
        tokio::time::sleep(interval).await;
        interval = interval.mul_f64(1.2).min(longest);
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
