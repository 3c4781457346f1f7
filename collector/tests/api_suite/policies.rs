use http::{Method, StatusCode};
use serde_json::json;

use super::site::{ANALYST, Site};

async fn put(site: &Site, service: &str, body: &str) -> super::site::Reply {
    site.ask(Method::PUT, &format!("/policies/{service}"), ANALYST, body)
        .await
}

#[tokio::test]
async fn a_decision_is_set_listed_and_removed() {
    let site = Site::filled();
    let body = r#"{"status":"tolerated","reason":"trial","expires":"2030-01-01"}"#;
    let set = put(&site, "chatgpt", body).await.items();
    assert_eq!(set[0]["decided_by"], "user anna");
    assert_eq!(set[0]["expires"], "2030-01-01T00:00:00Z");
    let again = put(&site, "chatgpt", body).await.items();
    assert_eq!(set, again);
    put(
        &site,
        "chatgpt",
        r#"{"status":"prohibited","user":"u-7f3a"}"#,
    )
    .await
    .items();
    let list = site.get("/policies").await.items();
    let statuses: Vec<_> = list
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["tolerated", "prohibited"]);
    let page = site.get("/policies?limit=1").await.json();
    let next = page["next"].as_str().unwrap();
    let rest = site.get(&format!("/policies?limit=1&next={next}")).await;
    assert_eq!(
        rest.items()[0]["scope"],
        json!({"device": null, "user": "u-7f3a", "tenant": null})
    );
    assert!(rest.json()["next"].is_null());

    let remove = |path: &'static str| site.ask(Method::DELETE, path, ANALYST, "");
    assert_eq!(
        remove("/policies/chatgpt?user=u-7f3a").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        remove("/policies/chatgpt?user=u-7f3a").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        remove("/policies/chatgpt").await.status,
        StatusCode::NO_CONTENT
    );
    let log = site.store.audit_log(0, 100).unwrap();
    let actors: Vec<_> = log
        .iter()
        .filter(|one| one.action.starts_with("policy"))
        .map(|one| &one.actor)
        .collect();
    assert_eq!(actors, ["user anna"; 4]);
}

#[tokio::test]
async fn a_decision_that_cannot_be_meant_is_refused() {
    let site = Site::filled();
    for (body, hint) in [
        ("", "no decision in JSON"),
        (r#"{"status":"allowed"}"#, "sanctioned"),
        (r#"{"status":"discovered"}"#, "remove the decision"),
        (r#"{"status":"tolerated","colour":1}"#, "colour"),
        (
            r#"{"status":"tolerated","expires":"2020-01-01"}"#,
            "is past",
        ),
        (
            r#"{"status":"tolerated","expires":"soon"}"#,
            "is not a time",
        ),
        (
            r#"{"status":"tolerated","device":"nobody"}"#,
            "no device is known",
        ),
        (
            r#"{"status":"tolerated","device":"printer-2"}"#,
            "name one by its id",
        ),
        (r#"{"status":"tolerated","user":""}"#, "is empty"),
    ] {
        let reply = put(&site, "chatgpt", body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(reply.text.contains(hint), "{body}: {}", reply.text);
    }
    let reply = put(&site, "nothing", r#"{"status":"tolerated"}"#).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(site.store.policy().unwrap().in_force().next().is_none());
}

#[tokio::test]
async fn an_export_imports_elsewhere() {
    let site = Site::filled();
    put(
        &site,
        "chatgpt",
        r#"{"status":"prohibited","reason":"a \"quoted\" reason"}"#,
    )
    .await;
    put(
        &site,
        "openai-api",
        r#"{"status":"sanctioned","tenant":"contoso-prod"}"#,
    )
    .await;
    let export = site.get("/policies/export").await;
    assert_eq!(export.kind, "application/toml");
    let other = Site::empty();
    let import = |mode: &'static str, text: String| {
        let other = &other;
        async move {
            other
                .ask(
                    Method::POST,
                    &format!("/policies/import{mode}"),
                    ANALYST,
                    &text,
                )
                .await
        }
    };
    let first = import("", export.text.clone()).await.items();
    assert_eq!(first, [json!({"set": 2, "unchanged": 0, "removed": 0})]);
    let again = import("?mode=replace", export.text).await.items();
    assert_eq!(again, [json!({"set": 0, "unchanged": 2, "removed": 0})]);
    let emptied = import("?mode=replace", "format = 1".to_owned())
        .await
        .items();
    assert_eq!(emptied, [json!({"set": 0, "unchanged": 0, "removed": 2})]);
    let log = site.store.audit_log(0, 100).unwrap();
    assert!(
        log.iter()
            .any(|one| one.action == "exported" && one.actor == "user vera")
    );
}

#[tokio::test]
async fn a_bad_file_changes_nothing_and_says_every_line() {
    let site = Site::filled();
    let file = "format = 1\n[[decision]]\nservice = \"chatgpt\"\nstatus = \"prohibited\"\n\
                [[decision]]\nservice = \"nothing\"\nstatus = \"maybe\"\n";
    let reply = site
        .ask(Method::POST, "/policies/import", ANALYST, file)
        .await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    let errors = reply.json()["errors"].clone();
    let places: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["at"].clone())
        .collect();
    assert_eq!(places, ["line 6", "line 7"]);
    let mode = site
        .ask(Method::POST, "/policies/import?mode=add", ANALYST, file)
        .await;
    assert_eq!(mode.status, StatusCode::BAD_REQUEST);
    assert!(site.store.policy().unwrap().in_force().next().is_none());
}
