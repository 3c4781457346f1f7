//! REST, `/api/v1`: what `gnomon` and other clients ask.

mod routes;

use std::sync::Arc;

use axum::Router;
use signatures::Catalogue;
use store::Store;

/// What the API answers from.
#[derive(Clone)]
pub struct ApiState {
    /// The inventory.
    pub store: Arc<dyn Store>,
    /// Names of services, and what is known about them.
    pub catalogue: Arc<Catalogue>,
    /// The collector's clock.
    pub now: fn() -> inventory::Timestamp,
}

/// All routes of the API, authentication included.
#[must_use]
pub fn router(state: ApiState) -> Router {
    routes::router(state)
}
