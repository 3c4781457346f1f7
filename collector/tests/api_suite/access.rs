use axum::body::Body;
use collector::api::ROUTES;
use http::{Method, Request, StatusCode, header};

use super::site::{ANALYST, Site, VIEWER};

fn concrete(path: &str) -> String {
    path.replace("{id}", "chatgpt")
        .replace("{service}", "chatgpt")
}

#[tokio::test]
async fn every_route_but_the_description_wants_a_token() {
    let site = Site::empty();
    for route in ROUTES {
        let method: Method = route.method.parse().unwrap();
        let request = |authorization: Option<&str>| {
            let mut request = Request::builder()
                .method(method.clone())
                .uri(format!("/api/v1{}", concrete(route.path)));
            if let Some(value) = authorization {
                request = request.header(header::AUTHORIZATION, value);
            }
            request.body(Body::empty()).unwrap()
        };
        for wrong in [
            None,
            Some("Bearer"),
            Some("Bearer "),
            Some("Basic Z251"),
            Some("Bearer gnu1_guess"),
        ] {
            let reply = site.send(request(wrong)).await;
            if route.open {
                assert_eq!(reply.status, StatusCode::OK);
            } else {
                assert_eq!(
                    reply.status,
                    StatusCode::UNAUTHORIZED,
                    "{route:?} {wrong:?}"
                );
                assert_eq!(reply.kind, "application/problem+json");
            }
        }
    }
    let long = format!("Bearer {}", "x".repeat(100_000));
    let request = Request::builder()
        .uri("/api/v1/usage")
        .header(header::AUTHORIZATION, long);
    let reply = site.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_decide() {
    let site = Site::filled();
    let body = r#"{"status":"sanctioned"}"#;
    for (method, path) in [
        (Method::PUT, "/policies/chatgpt"),
        (Method::DELETE, "/policies/chatgpt"),
        (Method::POST, "/policies/import"),
    ] {
        let reply = site.ask(method, path, VIEWER, body).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
        assert!(
            reply.text.contains("vera has the role viewer"),
            "{}",
            reply.text
        );
    }
    assert!(site.store.policy().unwrap().in_force().next().is_none());
    assert_eq!(site.get("/policies").await.status, StatusCode::OK);
    let reply = site
        .ask(Method::PUT, "/policies/chatgpt", ANALYST, body)
        .await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn a_removed_user_is_refused_at_once() {
    let site = Site::empty();
    assert_eq!(site.get("/usage").await.status, StatusCode::OK);
    site.store
        .remove_user("vera", "test", super::site::now())
        .unwrap();
    assert_eq!(site.get("/usage").await.status, StatusCode::UNAUTHORIZED);
}
