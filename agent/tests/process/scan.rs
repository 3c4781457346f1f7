//! `scan` on captures that these tests make.

use crate::support::agent::{Agent, text};
use crate::support::capture::Capture;

#[test]
fn a_service_is_found_with_its_evidence() {
    let agent = Agent::new();
    let capture = Capture::default()
        .dns_query(40_000, "api.openai.com")
        .tls(40_001, "api.openai.com");
    let path = agent.write("office.pcap", capture.pcap());
    let ended = agent
        .run(&["scan", "--format", "json", text(&path)])
        .succeeded();
    let answer = ended.json();
    assert_eq!(answer["next"], serde_json::Value::Null);
    let item = &answer["items"][0];
    assert!(
        item["service"]
            .as_str()
            .is_some_and(|id| id.contains("openai")),
        "{answer:#}"
    );
    assert_eq!(item["device_address"], "10.0.0.2");
    assert_eq!(item["flow_count"], 1);
    assert_eq!(item["stage"], "used");
    assert!(
        item["bytes_in"]
            .as_u64()
            .is_some_and(|bytes| bytes >= 20_000),
        "{item:#}"
    );
    assert!(
        item["first_seen"]
            .as_str()
            .is_some_and(|time| time.starts_with("2026-01-02T03"))
    );
    let evidence = item["evidence"].as_array().expect("a list");
    let kinds: Vec<&str> = evidence
        .iter()
        .filter_map(|item| item["kind"].as_str())
        .collect();
    assert!(
        kinds.contains(&"tls_sni") && kinds.contains(&"dns_query"),
        "{item:#}"
    );
    assert_eq!(
        answer["coverage"]["frames"],
        answer["coverage"]["captures"][0]["frames"]
    );
    assert_eq!(
        answer["coverage"]["captures"][0]["damage"],
        serde_json::Value::Null
    );

    let table = agent.run(&["scan", text(&path)]).succeeded();
    assert!(table.stdout.contains("SERVICE") && table.stdout.contains("api.openai.com"));
    assert!(
        table.stderr.contains("1 AI service found"),
        "{}",
        table.stderr
    );
    let csv = agent
        .run(&["scan", "--format", "csv", text(&path)])
        .succeeded();
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].split(',').count(), 23);
}

#[test]
fn nothing_found_says_what_was_looked_at() {
    let agent = Agent::new();
    let path = agent.write(
        "quiet.pcap",
        Capture::default().tls(1, "www.example.org").pcap(),
    );
    let ended = agent.run(&["scan", text(&path)]).succeeded();
    assert_eq!(ended.stdout, "");
    assert!(
        ended.stderr.contains("no AI services found in 1 flow"),
        "{}",
        ended.stderr
    );
    let answer = agent
        .run(&["scan", "--format", "json", text(&path)])
        .succeeded()
        .json();
    assert_eq!(answer["items"], serde_json::json!([]));
    assert_eq!(answer["coverage"]["flows_named"], 1);
}

#[test]
fn one_conversation_in_two_captures_counts_once() {
    let agent = Agent::new();
    let capture = Capture::default().tls(40_001, "api.openai.com").pcap();
    let (one, two) = (
        agent.write("one.pcap", &capture),
        agent.write("two.pcap", &capture),
    );
    let answer = agent
        .run(&["scan", "--format", "json", text(&one), text(&two)])
        .succeeded();
    assert_eq!(answer.json()["items"][0]["flow_count"], 1);
}

#[test]
fn a_file_that_is_no_capture_fails() {
    let agent = Agent::new();
    let bad = agent.write("notes.txt", "not a capture");
    agent.run(&["scan", text(&bad)]).failed_with(1, "notes.txt");
}

const OWN: &str = r#"
last_checked = "2026-11-21"

[[service]]
id = "own-gateway"
name = "Our gateway"
vendor = "Ourselves"
category = "gateway"
sources = ["the network team"]

[service.examples]
match = ["llm.corp.example"]
near_miss = ["corp.example"]

[[service.names]]
surface = "api"
suffix = ["llm.corp.example"]
confidence = "vendor-doc"
sources = ["the network team"]
"#;

#[test]
fn another_catalogue_can_be_looked_with() {
    use signatures::bundle::{SecretKey, build, sign};

    let agent = Agent::new();
    let capture = Capture::default()
        .tls(40_000, "api.openai.com")
        .tls(40_001, "eu.llm.corp.example");
    let capture = agent.write("office.pcap", capture.pcap());
    let services = |arguments: &[&str]| {
        let ended = agent.run(&[&["scan", "--format", "json", text(&capture)], arguments].concat());
        let answer = ended.succeeded().json();
        let items = answer["items"].as_array().expect("a list").clone();
        let names = items.into_iter().map(|item| item["service_name"].clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(services(&[]), ["OpenAI API platform"]);

    let file = agent.write("own.toml", OWN);
    assert_eq!(services(&["--catalogue", text(&file)]), ["Our gateway"]);
    let key = SecretKey::from_seed([9; 32]).expect("a key");
    let files = [("own.toml".to_owned(), OWN.to_owned())];
    let bundle = build(&files, 7, "2026-11-21T00:00:00Z").expect("a bundle");
    let bundle = sign(&bundle, &key).expect("signed");
    let path = agent.write("own.gnomcat", &bundle);
    let arguments = ["--catalogue", text(&path)];
    assert_eq!(services(&arguments), ["Our gateway"]);
    let said = agent.run(&["scan", text(&capture), arguments[0], arguments[1]]);
    let said = said.succeeded().stderr;
    assert!(
        said.contains("catalogue: 2026.11.21+") && said.contains("own.gnomcat"),
        "{said}"
    );
    assert!(said.contains("there is no key"), "{said}");

    // What the agent keeps is what it looks with, and a bundle that somebody else signed is refused.
    let state = agent.state().join("catalogue");
    std::fs::create_dir_all(&state).expect("made");
    std::fs::write(state.join("key.pub"), key.public_key().to_file()).expect("written");
    std::fs::write(state.join("current.gnomcat"), &bundle).expect("written");
    assert_eq!(services(&[]), ["Our gateway"]);
    let stranger = SecretKey::from_seed([8; 32]).expect("a key");
    let other = agent.write("other.gnomcat", sign(&bundle, &stranger).expect("signed"));
    let ended = agent.run(&["scan", text(&capture), "--catalogue", text(&other)]);
    assert!(ended.stderr.contains("trusted is"), "{}", ended.stderr);
    let bad = agent.write(
        "bad.toml",
        OWN.replace("gateway\"\nsources", "way\"\nsources"),
    );
    let ended = agent.run(&["scan", text(&capture), "--catalogue", text(&bad)]);
    assert!(ended.stderr.contains("bad.toml:8"), "{}", ended.stderr);
}
