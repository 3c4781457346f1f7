//! `GET /openapi.json`: the description of this API, kept as a file so that a change is reviewed.

use axum::response::{IntoResponse, Response};
use http::header;

/// The document, as served.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");

/// Serves the document; it tells nothing about anybody and needs no token.
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
