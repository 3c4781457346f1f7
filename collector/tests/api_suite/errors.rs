use axum::body::Body;
use http::{Method, Request, StatusCode, header};

use super::site::{ANALYST, Site, VIEWER};

#[tokio::test]
async fn everything_wrong_with_a_request_is_said_at_once() {
    let site = Site::empty();
    let reply = site
        .get("/usage?colour=red&since=yesterday&limit=5000&limit=2&status=allowed&service=chatgtp&device=nobody")
        .await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    let problem = reply.json();
    let errors = problem["errors"].as_array().unwrap();
    let places: Vec<_> = errors
        .iter()
        .map(|error| error["at"].as_str().unwrap())
        .collect();
    for place in ["colour", "since", "limit", "status", "service", "device"] {
        assert!(places.contains(&place), "{place}: {problem:#}");
    }
    let text = reply.text;
    assert!(text.contains("known are: since, until"), "{text}");
    let like = text.split("like it are").nth(1).unwrap_or_default();
    assert!(like.contains("chatgpt"), "{text}");
    assert_eq!(problem["type"], "urn:gnomon:problem:invalid-request");
}

#[tokio::test]
async fn a_name_that_means_nothing_is_no_empty_answer() {
    let site = Site::filled();
    for ask in [
        "/usage?service=nothing",
        "/usage?device=nobody",
        "/findings?service=CHATGPT",
    ] {
        assert_eq!(site.get(ask).await.status, StatusCode::BAD_REQUEST, "{ask}");
    }
    assert_eq!(
        site.get("/services/nothing").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn ranges_must_make_sense() {
    let site = Site::empty();
    let reply = site.get("/usage?since=2026-02-01&until=2026-01-01").await;
    assert!(reply.text.contains("must be later than"), "{}", reply.text);
    let reply = site.get("/usage?since=2026-01-01T00:00:00+02:00").await;
    assert!(reply.text.contains("%2B"), "{}", reply.text);
    let reply = site
        .get("/usage?since=2026-01-01T00:00:00%2B02:00&until=2026-01-02")
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    let reply = site.get("/usage?unsanctioned=true&status=tolerated").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn other_paths_and_methods_are_problems_too() {
    let site = Site::empty();
    let reply = site.get("/nothing").await;
    assert_eq!(
        (reply.status, reply.kind.as_str()),
        (StatusCode::NOT_FOUND, "application/problem+json")
    );
    let reply = site.ask(Method::POST, "/usage", VIEWER, "").await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.kind, "application/problem+json");
    let huge = " ".repeat((4 << 20) + 1);
    let reply = site
        .ask(Method::POST, "/policies/import", ANALYST, &huge)
        .await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(reply.text.contains("longer than"), "{}", reply.text);
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/policies/import")
        .header(header::AUTHORIZATION, format!("Bearer {ANALYST}"))
        .body(Body::from(vec![0xff, 0xfe]))
        .unwrap();
    let reply = site.send(request).await;
    assert_eq!(
        (reply.status, reply.kind.as_str()),
        (StatusCode::BAD_REQUEST, "application/problem+json")
    );
}
