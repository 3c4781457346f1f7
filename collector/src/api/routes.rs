//! Which path leads where.

use axum::Router;

use super::ApiState;

pub(super) fn router(state: ApiState) -> Router {
    Router::new().with_state(state)
}
