//! From a request to its answer: one blocking piece of work on the inventory, counted, so that
//! many askers at once wait instead of taking all threads.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use inventory::{Range, RiskModel, Timestamp};
use serde::Serialize;
use signatures::Catalogue;
use store::Store;
use tokio::sync::Semaphore;

use super::ApiState;
use super::coverage;
use super::problem::Problem;
use super::views::{CoverageView, SENSORS_IN_ANSWER};

/// Pieces of work on the inventory at once; more wait.
const MAX_AT_ONCE: usize = 16;

/// What handlers share.
#[derive(Clone)]
pub(super) struct Site {
    state: ApiState,
    at_once: Arc<Semaphore>,
}

/// What one piece of work needs.
pub(super) struct Desk {
    pub(super) store: Arc<dyn Store>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) risk: Arc<RiskModel>,
    pub(super) now: Timestamp,
}

impl Site {
    pub(super) fn new(state: ApiState) -> Self {
        Self {
            state,
            at_once: Arc::new(Semaphore::new(MAX_AT_ONCE)),
        }
    }

    /// Does a piece of work where blocking is allowed.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let closed = |_| Problem::unavailable("the collector is shutting down");
        let permit = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(closed)?;
        let desk = Desk {
            store: Arc::clone(&self.state.store),
            catalogue: self.state.catalogue.catalogue(),
            risk: Arc::clone(&self.state.risk),
            now: (self.state.now)(),
        };
        let work = tokio::task::spawn_blocking(move || {
            let result = work(&desk);
            drop(permit);
            result
        });
        let failed = |_| Problem::internal("the collector could not finish; its log says why");
        work.await.map_err(failed)?
    }
}

impl Desk {
    /// The coverage of a range, short enough to go with every answer.
    pub(super) fn coverage(&self, range: Range) -> Result<CoverageView, Problem> {
        let coverage = self.store.coverage(range, self.now)?;
        Ok(coverage::view(&coverage, SENSORS_IN_ANSWER))
    }
}

/// The one shape of answers that list something.
#[derive(Debug, Serialize)]
pub(super) struct Answer<T> {
    pub(super) items: Vec<T>,
    pub(super) coverage: CoverageView,
    pub(super) next: Option<String>,
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}
