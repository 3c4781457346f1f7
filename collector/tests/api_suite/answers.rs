use std::collections::BTreeSet;

use http::Method;
use inventory::testing::{START, WINDOW};
use serde_json::{Value, json};

use super::site::{ANALYST, Site};

#[tokio::test]
async fn a_row_says_who_what_how_sure_how_much_and_whether_it_is_allowed() {
    let site = Site::filled();
    let rows = site
        .get("/usage?device=host-s-anna&service=chatgpt")
        .await
        .items();
    assert!(!rows.is_empty());
    for row in &rows {
        assert_eq!(row["service"]["name"], "ChatGPT");
        assert_eq!(row["service"]["vendor"], "OpenAI");
        assert_eq!(row["service"]["category"], "chat-assistant");
        assert_eq!(row["service"]["country"], "US");
        assert_eq!(row["device"]["name"], "host-s-anna");
        assert_eq!(row["device"]["managed"], true);
        assert_eq!(row["verdict"]["status"], "discovered");
        assert_eq!(row["verdict"]["unsanctioned"], true);
        assert!(row["stage"].is_string() && row["confidence"]["level"].is_string());
        assert!(!row["attribution"]["quality"].as_str().unwrap().is_empty());
    }
    let taps = site.get("/devices?device=02:00:00:00:00:01").await.items();
    assert_eq!(taps[0]["id"], "s-tap/mac:02:00:00:00:00:01");
    assert_eq!(
        (&taps[0]["managed"], &taps[0]["mac"]),
        (&json!(false), &json!("02:00:00:00:00:01"))
    );
    assert_eq!(taps[0]["addresses"], json!(["10.0.9.9"]));
}

async fn pages(site: &Site, path: &str, limit: usize) -> Vec<Value> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut items = Vec::new();
    let mut ask = format!("{path}{joint}limit={limit}");
    loop {
        let reply = site.get(&ask).await;
        let page = reply.items();
        assert!(page.len() <= limit);
        items.extend(page);
        match reply.json()["next"].as_str() {
            Some(next) => ask = format!("{path}{joint}limit={limit}&next={next}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn pages_hold_every_row_once_and_in_order() {
    let site = Site::filled();
    for path in [
        "/usage",
        "/findings?service=chatgpt",
        "/services",
        "/devices",
        "/coverage",
        "/sensors",
    ] {
        let whole = pages(&site, path, 1000).await;
        assert!(whole.len() > 2, "{path}");
        assert_eq!(pages(&site, path, 2).await, whole, "{path}");
    }
}

#[tokio::test]
async fn a_page_marker_is_good_for_its_question_only() {
    let site = Site::filled();
    let reply = site.get("/usage?limit=1").await.json();
    let next = reply["next"].as_str().unwrap();
    for ask in [
        format!("/usage?next={next}&service=chatgpt"),
        format!("/devices?next={next}"),
        "/usage?next=AAAA".to_owned(),
    ] {
        let reply = site.get(&ask).await;
        assert_eq!(reply.status, 400, "{ask}");
        assert!(reply.text.contains("page marker"), "{}", reply.text);
    }
    // The length of pages may change on the way.
    assert_eq!(
        site.get(&format!("/usage?limit=5&next={next}"))
            .await
            .items()
            .len(),
        5
    );
}

#[tokio::test]
async fn filters_narrow_and_combine() {
    let site = Site::filled();
    let all = site.get("/usage?limit=1000").await.items().len();
    let one = site
        .get("/usage?limit=1000&service=chatgpt")
        .await
        .items()
        .len();
    let two = site
        .get("/usage?limit=1000&service=chatgpt&service=openai-api")
        .await
        .items()
        .len();
    assert!(0 < one && one < two && two < all);
    let unknown = site.get("/usage?limit=1000&user=").await.items();
    assert!(unknown.len() < all && unknown.iter().all(|row| row["user"].is_null()));
    let until = START.saturating_add(WINDOW);
    let early = site
        .get(&format!("/findings?limit=1000&until={until}"))
        .await
        .items();
    let windows: BTreeSet<_> = early
        .iter()
        .map(|row| row["window_start"].to_string())
        .collect();
    assert_eq!(windows.len(), 1);
    assert!(
        site.get(&format!("/usage?since={}", super::site::now()))
            .await
            .items()
            .is_empty()
    );
}

#[tokio::test]
async fn unsanctioned_leaves_out_what_was_sanctioned() {
    let site = Site::filled();
    let body = r#"{"status":"sanctioned","device":"host-s-anna"}"#;
    let reply = site
        .ask(Method::PUT, "/policies/chatgpt", ANALYST, body)
        .await;
    assert_eq!(reply.json()["items"][0]["scope"]["device"], "s-anna");
    let open = site
        .get("/usage?unsanctioned=true&service=chatgpt&limit=1000")
        .await
        .items();
    assert!(!open.is_empty() && open.iter().all(|row| row["device"]["id"] != "s-anna"));
    let allowed = site
        .get("/usage?status=sanctioned&limit=1000")
        .await
        .items();
    assert!(!allowed.is_empty());
    for row in allowed {
        assert_eq!(row["device"]["id"], "s-anna");
        assert_eq!(row["verdict"]["decision"]["decided_by"], "user anna");
        // It was used before that was decided.
        assert_eq!(row["status_then"], "discovered");
    }
    let service = site.get("/services/chatgpt").await.items();
    assert_eq!(service[0]["verdict"]["status"], "discovered");
    assert!(service[0]["statuses"]["sanctioned"].as_u64().unwrap() > 0);
    assert_eq!(service[0]["provenance"]["verdict"], "unknown");
}

#[tokio::test]
async fn every_answer_says_what_was_not_seen() {
    let site = Site::filled();
    for path in [
        "/services",
        "/services/chatgpt",
        "/devices",
        "/usage",
        "/findings",
        "/coverage",
    ] {
        let coverage = &site.get(path).await.json()["coverage"];
        assert_eq!(coverage["sensors"]["total"], 3, "{path}");
        assert_eq!(coverage["sensors"]["silent"], 1);
        assert_eq!(coverage["traffic"]["hidden_share"], 0.04);
        assert_eq!(coverage["traffic"]["frames_dropped"], 6);
        let notes = coverage["notes"].to_string();
        assert!(notes.contains("1 of 3 sensors silent"), "{notes}");
        assert!(notes.contains("6 packets were dropped"), "{notes}");
    }
    let late = site
        .get(&format!("/usage?since={}", super::site::now()))
        .await
        .json();
    assert!(
        late["coverage"]["notes"]
            .to_string()
            .contains("no data, not that no AI")
    );
    let empty = Site::empty().get("/usage").await.json();
    assert_eq!(empty["items"], json!([]));
    assert!(
        empty["coverage"]["notes"]
            .to_string()
            .contains("no sensor is enrolled")
    );
}

#[tokio::test]
async fn a_service_that_nobody_used_is_an_answer_too() {
    let site = Site::filled();
    let service = &site.get("/services/deepl").await.items()[0];
    assert_eq!(
        (&service["id"], &service["stage"]),
        (&json!("deepl"), &Value::Null)
    );
    assert_eq!(service["devices"], 0);
    assert_eq!(service["provenance"]["use"], "unknown");
    assert!(
        !service["catalogue"]["sources"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
