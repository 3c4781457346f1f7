//! REST, `/api/v1`: what `gnomon` and other clients ask of the inventory.
//!
//! Every answer that lists something is one object, `{"items":[...],"coverage":{...},"next":null}`.
//! `items` are rows in a stable order, `coverage` says what the sensors saw and could not see in
//! the range asked for, and `next` is `null` on the last page, else the value of the parameter
//! `next` for the page that follows. Times are RFC 3339 in UTC. Errors are problem details
//! (RFC 9457). A parameter that a path does not know is refused, never ignored.
//!
//! The whole of it is described in `openapi.json`, which is served as `/api/v1/openapi.json` and
//! held against the routes and their answers by tests.

mod access;
mod answer;
mod catalogue;
mod coverage;
mod cursor;
mod devices;
mod findings;
mod openapi;
mod params;
mod policies;
mod problem;
mod routes;
mod sensors;
mod services;
mod unmask;
mod usage;
pub mod views;

use std::fmt;
use std::sync::Arc;

use crate::catalogue::Live;
use axum::Router;
use inventory::{RiskModel, Timestamp};
use store::Store;

pub use problem::{Detail, Problem};
pub use routes::{ROUTES, Route};

/// Where all paths of this version begin.
pub const BASE: &str = "/api/v1";

/// What the API answers from.
#[derive(Clone)]
pub struct ApiState {
    /// The inventory.
    pub store: Arc<dyn Store>,
    /// Names of services, and what is known about them.
    pub catalogue: Arc<Live>,
    /// How risk scores are made.
    pub risk: Arc<RiskModel>,
    /// The collector's clock.
    pub now: fn() -> Timestamp,
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState")
            .field("catalogue", &self.catalogue.catalogue().version())
            .finish_non_exhaustive()
    }
}

/// All routes of the API, who may use them included.
pub fn router(state: ApiState) -> Router {
    routes::router(answer::Site::new(state))
}
