use std::process::Stdio;

use inventory::SightingKey;
use inventory::testing::{self, content};
use serde_json::Value;

use super::server::Server;
use crate::api_suite::site::{Site, now};

#[test]
fn json_is_the_apis_object() {
    let server = Server::start(Site::filled());
    for command in [
        "services", "devices", "usage", "findings", "coverage", "sensors",
    ] {
        let answer = server.gnomon(&[command, "--format", "json"]).json();
        let names: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(names, ["coverage", "items", "next"], "{command}");
        assert!(!answer["items"].as_array().unwrap().is_empty(), "{command}");
        assert!(answer["next"].is_null());
        assert_eq!(answer["coverage"]["sensors"]["total"], 3);
    }
    let text = server.gnomon(&["services", "--format", "json"]).ok();
    let place = |name: &str| text.find(&format!("\n  \"{name}\"")).unwrap();
    assert!(place("items") < place("coverage") && place("coverage") < place("next"));
}

#[test]
fn all_pages_are_fetched_and_a_limit_is_kept() {
    let server = Server::start(Site::filled());
    let all = server.gnomon(&["findings", "--format", "json"]).json();
    let all = all["items"].as_array().unwrap();
    assert!(all.len() > 200);
    let first = server.gnomon(&["findings", "--format", "json", "--limit", "7"]);
    assert!(first.err.contains("the first 7 rows"), "{}", first.err);
    let first = first.json();
    assert_eq!(first["items"].as_array().unwrap()[..], all[..7]);
    let next = first["next"].as_str().unwrap();
    let rest = server
        .gnomon(&["findings", "--format", "json", "--next", next])
        .json();
    assert_eq!(rest["items"].as_array().unwrap()[..], all[7..]);
}

#[test]
fn unsanctioned_usage_reads_well() {
    let server = Server::start(Site::filled());
    server
        .gnomon(&["policy", "set", "chatgpt", "sanctioned"])
        .ok();
    server
        .gnomon(&["policy", "set", "openai-api", "prohibited"])
        .ok();
    let out = server.gnomon(&["usage", "--unsanctioned"]).ok();
    let lines: Vec<&str> = out.lines().collect();
    for title in [
        "VERDICT", "SERVICE", "ORIGIN", "DEVICE", "USER", "STAGE", "SURE", "SENT", "SINCE", "WHY",
    ] {
        assert!(lines[0].contains(title), "{title}: {}", lines[0]);
    }
    assert!(lines[1].trim_start().starts_with("prohibited"), "{out}");
    assert!(
        lines[1].contains("openai-api") && lines[1].contains("OpenAI, US"),
        "{out}"
    );
    assert!(
        !out.contains("chatgpt"),
        "what is sanctioned is left out: {out}"
    );
    let summary = out
        .lines()
        .find(|line| line.contains(" uses of 3 services on "))
        .unwrap();
    assert!(
        summary.contains("unsanctioned (") && summary.contains(" prohibited, "),
        "{summary}"
    );
    assert!(
        out.contains("Decide with: gnomon policy set SERVICE"),
        "{out}"
    );
    assert!(
        out.contains("User or process unknown: seen from the network."),
        "{out}"
    );
    assert!(
        out.contains("Does not prove: that a prompt was sent."),
        "{out}"
    );
    let coverage = out.lines().last().unwrap();
    assert!(coverage.starts_with("Coverage: "), "{out}");
    for word in [
        "1 silent (host-s-ben since ",
        "600 flows, 4.0 % with hidden names",
        "6 packets dropped",
    ] {
        assert!(coverage.contains(word), "{word}: {coverage}");
    }
    assert!(!out.contains('\u{1b}'), "no colours where no terminal is");
}

#[test]
fn an_empty_answer_is_not_shown_as_no_ai() {
    let server = Server::start(Site::filled());
    let since = now().to_string();
    let out = server.gnomon(&["usage", "--since", &since]).ok();
    assert!(out.starts_with("No use of an AI service matches."), "{out}");
    assert!(out.contains("no traffic seen in this range"), "{out}");
    let empty = Server::start(Site::empty());
    let out = empty.gnomon(&["services"]).ok();
    assert!(
        out.contains("no sensor is enrolled") && out.contains("token create"),
        "{out}"
    );
    let csv = empty.gnomon(&["usage", "--format", "csv"]);
    assert!(
        csv.err.contains("coverage: no sensor is enrolled"),
        "{}",
        csv.err
    );
    assert_eq!(csv.out.lines().count(), 1);
}

/// One use by a program and a user whose names want to do harm.
fn hostile() -> Site {
    let site = Site::filled();
    let [anna, ..] = testing::sensors();
    let (_, sighting) = testing::sightings(5, 1, 1).remove(0);
    let key = SightingKey {
        device: inventory::DeviceIdentity::Enrolled,
        service: "deepl".to_owned(),
        process: Some("=cmd|' /C calc'!A0".to_owned()),
        user: Some("\u{1b}]0;owned\u{7}\u{202e}resu\n".to_owned()),
        ..sighting.key
    };
    site.store
        .record(&anna, &[content(key, 1)], &[], now())
        .unwrap();
    site
}

#[test]
fn names_from_the_network_do_no_harm() {
    let server = Server::start(hostile());
    let table = server.gnomon(&["usage", "--service", "deepl"]).ok();
    assert!(
        table.contains("\\u{1b}]0;owned\\u{7}\\u{202e}resu\\u{a}"),
        "{table}"
    );
    let csv = server
        .gnomon(&["usage", "--service", "deepl", "--format", "csv"])
        .ok();
    assert!(csv.contains(",'=cmd|' /C calc'!A0,"), "{csv}");
    let json = server
        .gnomon(&["usage", "--service", "deepl", "--format", "json"])
        .ok();
    for text in [&table, &csv, &json] {
        let bad = text
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(bad, None);
    }
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        value["items"][0]["user"],
        "\u{1b}]0;owned\u{7}\u{202e}resu\n"
    );
}

#[test]
fn csv_has_a_cell_for_every_column() {
    let server = Server::start(Site::filled());
    server
        .gnomon(&[
            "policy",
            "set",
            "chatgpt",
            "tolerated",
            "--reason",
            "a, \"b\"",
        ])
        .ok();
    for command in [
        &["services"][..],
        &["devices"],
        &["usage"],
        &["findings"],
        &["coverage"],
        &["sensors"],
        &["policy", "list"],
    ] {
        let csv = server
            .gnomon(&[command, &["--format", "csv"]].concat())
            .ok();
        let mut reader = csv::ReaderBuilder::new()
            .flexible(false)
            .from_reader(csv.as_bytes());
        let width = reader.headers().unwrap().len();
        assert!(width > 8, "{command:?}");
        let mut rows = 0;
        for record in reader.records() {
            assert_eq!(record.unwrap().len(), width, "{command:?}");
            rows += 1;
        }
        assert!(rows > 0, "{command:?}");
    }
}

#[test]
fn every_table_prints() {
    let server = Server::start(Site::filled());
    server
        .gnomon(&[
            "policy",
            "set",
            "chatgpt",
            "tolerated",
            "--device",
            "s-anna",
        ])
        .ok();
    for (command, words) in [
        (
            &["services"][..],
            &[
                "chatgpt",
                "VENDOR",
                "The verdict is everybody's; 1 service has",
            ][..],
        ),
        (&["devices"], &["host-s-anna", "UNSANCTIONED", "AGENT"]),
        (&["findings"], &["EVIDENCE", "tls_sni host0.example"]),
        (
            &["coverage"],
            &[
                "host-s-tap",
                "HIDDEN",
                "is silent since 2026-01-01 00:00Z",
                "CLOCK",
            ],
        ),
        (&["sensors"], &["eth0", "no process table", "2 min"]),
        (
            &["policy", "list"],
            &["device s-anna", "for good", "user anna"],
        ),
    ] {
        let out = server.gnomon(command).ok();
        for word in words.iter().filter(|word| **word != "2 min") {
            assert!(out.contains(word), "{word}: {out}");
        }
    }
}

#[test]
fn whoever_stops_reading_is_no_failure() {
    let server = Server::start(Site::filled());
    let mut child = server
        .command()
        .env("GNOMON_COLLECTOR", format!("https://{}", server.address))
        .env("GNOMON_CA", server.path("ca.pem"))
        .env("GNOMON_TOKEN_FILE", server.path("token"))
        .args(["findings", "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
