use std::fs;

use super::server::Server;
use crate::api_suite::site::{Site, VIEWER};

#[test]
fn decides_lists_and_takes_back() {
    let server = Server::start(Site::filled());
    let none = server.gnomon(&["policy", "list"]).ok();
    assert!(none.starts_with("Nothing is decided yet"), "{none}");
    let out = server
        .gnomon(&[
            "policy",
            "set",
            "azure-openai",
            "under-review",
            "--tenant",
            "contoso-prod",
            "--expires",
            "90d",
            "--reason",
            "in talks",
        ])
        .ok();
    assert!(
        out.contains("is under review for tenant contoso-prod until 20"),
        "{out}"
    );
    let json = server
        .gnomon(&["policy", "list", "--format", "json"])
        .json();
    assert_eq!(json["items"][0]["status"], "under_review");
    assert_eq!(json["items"][0]["reason"], "in talks");
    let usage = server
        .gnomon(&["usage", "--status", "under_review", "--format", "json"])
        .json();
    let rows = usage["items"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["tenant"] == "contoso-prod"));

    let wrong = server.gnomon(&["policy", "remove", "azure-openai"]);
    assert!(
        wrong
            .err
            .contains("nothing is decided about azure-openai for everybody"),
        "{}",
        wrong.err
    );
    server
        .gnomon(&[
            "policy",
            "remove",
            "azure-openai",
            "--tenant",
            "contoso-prod",
        ])
        .ok();
    assert!(
        server
            .gnomon(&["policy", "list"])
            .ok()
            .starts_with("Nothing is decided yet")
    );
}

#[test]
fn names_of_devices_are_looked_up() {
    let server = Server::start(Site::filled());
    let set =
        |device| server.gnomon(&["policy", "set", "chatgpt", "tolerated", "--device", device]);
    assert!(set("HOST-s-anna").ok().contains("for device s-anna"));
    let unclear = set("printer-2");
    assert_eq!(unclear.code, Some(2));
    assert!(
        unclear.err.contains("name one by its id: s-"),
        "{}",
        unclear.err
    );
    server
        .gnomon(&["policy", "remove", "chatgpt", "--device", "host-s-anna"])
        .ok();
}

#[test]
fn a_policy_travels_as_a_file() {
    let server = Server::start(Site::filled());
    server
        .gnomon(&[
            "policy",
            "set",
            "chatgpt",
            "prohibited",
            "--reason",
            "no contract",
        ])
        .ok();
    server
        .gnomon(&[
            "policy",
            "set",
            "openai-api",
            "sanctioned",
            "--user",
            "u-7f3a",
        ])
        .ok();
    let file = server.path("policy.toml");
    fs::write(&file, server.gnomon(&["policy", "export"]).ok()).unwrap();
    let file = file.to_str().unwrap();
    let other = Server::start(Site::empty());
    let out = other.gnomon(&["policy", "import", file]).ok();
    assert_eq!(out, "2 decisions set, 0 unchanged, 0 ended.\n");
    let out = other
        .gnomon(&["policy", "import", file, "--replace", "--format", "json"])
        .json();
    assert_eq!(out["items"][0]["unchanged"], 2);
    assert_eq!(
        other
            .gnomon(&["policy", "export"])
            .ok()
            .matches("[[decision]]")
            .count(),
        2
    );

    let bad = other.path("bad.toml");
    fs::write(
        &bad,
        "format = 1\n[[decision]]\nservice = \"x\"\nstatus = \"y\"\n",
    )
    .unwrap();
    let refused = other.gnomon(&["policy", "import", bad.to_str().unwrap()]);
    assert_eq!(refused.code, Some(2));
    for line in ["line 3: ", "line 4: "] {
        assert!(refused.err.contains(line), "{}", refused.err);
    }
    assert_eq!(
        other.gnomon(&["policy", "import", "/nowhere"]).code,
        Some(2)
    );
}

#[test]
fn a_viewer_is_told_whom_to_ask() {
    let server = Server::start(Site::filled());
    fs::write(server.path("token"), VIEWER).unwrap();
    server.gnomon(&["policy", "list"]).ok();
    let refused = server.gnomon(&["policy", "set", "chatgpt", "tolerated"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("Ask the collector's administrator"),
        "{}",
        refused.err
    );
}
