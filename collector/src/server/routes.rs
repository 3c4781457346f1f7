//! gRPC and REST behind one port: a request whose content type is gRPC's goes
//! there, everything else to the REST API.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tower::Service;

use super::peer::Peer;

/// A REST answer takes no longer than this to begin.
const REST_TIMEOUT: Duration = Duration::from_secs(60);

/// What is behind the port.
#[derive(Clone, Debug)]
pub struct Routes {
    grpc: Router,
    rest: Router,
}

impl Routes {
    /// Of the gRPC services and the REST API.
    #[must_use]
    pub fn new(grpc: tonic::service::Routes, rest: Router) -> Self {
        // Alive, and nothing more: it needs no token.
        let rest = rest.route("/healthz", get(async || "ok\n"));
        Self {
            grpc: grpc.prepare().into_axum_router(),
            rest,
        }
    }

    /// Answers one request of `peer`.
    ///
    /// # Errors
    ///
    /// Never: what goes wrong is an answer, too.
    pub async fn answer(
        mut self,
        peer: Peer,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(peer);
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let is_grpc =
            content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
        let request = Request::from_parts(parts, Body::new(body));
        if is_grpc {
            return self.grpc.call(request).await;
        }
        match tokio::time::timeout(REST_TIMEOUT, self.rest.call(request)).await {
            Ok(response) => response,
            Err(_) => Ok((StatusCode::SERVICE_UNAVAILABLE, "took too long\n").into_response()),
        }
    }
}
