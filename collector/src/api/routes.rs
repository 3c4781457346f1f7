//! Which path leads where, and what holds for all of them.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::{HeaderValue, StatusCode, header};

use super::answer::Site;
use super::problem::Problem;
use super::{
    BASE, coverage, devices, findings, openapi, policies, sensors, services, unmask, usage,
};

/// Longest body that is read: a policy file.
const MAX_BODY: usize = 4 << 20;

/// One thing that can be asked or done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path below [`BASE`].
    pub path: &'static str,
    /// Query parameters it knows.
    pub params: &'static [&'static [&'static str]],
    /// It takes no token.
    pub open: bool,
}

const fn route(
    method: &'static str,
    path: &'static str,
    params: &'static [&'static [&'static str]],
) -> Route {
    Route {
        method,
        path,
        params,
        open: false,
    }
}

/// Every route; the API's description and its tests are held against this list.
pub const ROUTES: &[Route] = &[
    route("GET", services::PATH, services::PARAMS),
    route("GET", services::ONE_PATH, services::ONE_PARAMS),
    route("GET", devices::PATH, devices::PARAMS),
    route("GET", usage::PATH, usage::PARAMS),
    route("GET", findings::PATH, findings::PARAMS),
    route("GET", coverage::PATH, coverage::PARAMS),
    route("GET", sensors::PATH, sensors::PARAMS),
    route("GET", policies::PATH, policies::PARAMS),
    route("PUT", policies::ONE_PATH, policies::SET_PARAMS),
    route("DELETE", policies::ONE_PATH, policies::REMOVE_PARAMS),
    route("GET", policies::EXPORT_PATH, policies::EXPORT_PARAMS),
    route("POST", policies::IMPORT_PATH, policies::IMPORT_PARAMS),
    route("POST", unmask::PATH, unmask::PARAMS),
    route("POST", unmask::OPENED_PATH, unmask::OPENED_PARAMS),
    Route {
        open: true,
        ..route("GET", "/openapi.json", &[])
    },
];

pub(super) fn router(site: Site) -> Router {
    let api = Router::new()
        .route(services::PATH, get(services::list))
        .route(services::ONE_PATH, get(services::one))
        .route(devices::PATH, get(devices::list))
        .route(usage::PATH, get(usage::list))
        .route(findings::PATH, get(findings::list))
        .route(coverage::PATH, get(coverage::list))
        .route(sensors::PATH, get(sensors::list))
        .route(policies::PATH, get(policies::list))
        .route(
            policies::ONE_PATH,
            put(policies::set).delete(policies::remove),
        )
        .route(policies::EXPORT_PATH, get(policies::export))
        .route(policies::IMPORT_PATH, post(policies::import))
        .route(unmask::PATH, post(unmask::ask))
        .route(unmask::OPENED_PATH, post(unmask::opened))
        .route("/openapi.json", get(openapi::serve));
    Router::new()
        .nest(BASE, api)
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(finish))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(site)
}

async fn nowhere() -> Problem {
    Problem::not_found(format!(
        "no such path; {BASE}/openapi.json describes those there are"
    ))
}

async fn wrong_method() -> Problem {
    let detail = format!("this path has no such method; see {BASE}/openapi.json");
    let title = "Method not allowed";
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        title,
        detail,
    )
}

/// Nobody on the way keeps an answer, and no error leaves in another shape.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let is = |kind: &str| {
        let value = response.headers().get(header::CONTENT_TYPE);
        value.is_some_and(|value| value.as_bytes().starts_with(kind.as_bytes()))
    };
    if (status.is_client_error() || status.is_server_error()) && !is("application/problem+json") {
        response = other_problem(status).into_response();
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// What the framework refused by itself.
fn other_problem(status: StatusCode) -> Problem {
    let title = status.canonical_reason().unwrap_or("The request failed");
    let detail = if status == StatusCode::PAYLOAD_TOO_LARGE {
        format!("the body is longer than {MAX_BODY} bytes")
    } else {
        "the request could not be read".to_owned()
    };
    Problem::new(status, "invalid-request", title, detail)
}
