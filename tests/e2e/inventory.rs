//! A capture goes through the agent, gRPC and the store, and an analyst asks and decides.

use anyhow::{Context as _, Result};
use e2e::{Site, rewrite, workspace};
use serde_json::Value;

/// The ids of the services in an answer, in order.
fn services(answer: &Value) -> Vec<&str> {
    let mut found: Vec<_> = answer["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["service"]["id"].as_str().or(item["id"].as_str()))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn demo() -> std::path::PathBuf {
    workspace().join("tests/pcaps/demo/two_people.pcap")
}

#[test]
fn a_capture_becomes_an_inventory_with_evidence_and_verdicts() -> Result<()> {
    let site = Site::start()?;
    let agent = site.enrol("agent", None, "")?;
    agent.replay(&demo())?;

    let found = site.query(&["services"])?;
    let expected = [
        "chatgpt",
        "claude",
        "huggingface",
        "mistral",
        "openai-api",
        "perplexity",
    ];
    assert_eq!(services(&found), expected);
    for item in found["items"].as_array().context("items")? {
        let evidence = item["evidence"].as_array().context("evidence")?;
        assert!(!evidence.is_empty(), "no evidence: {item}");
        assert_eq!(item["verdict"]["status"], "discovered", "{item}");
    }
    assert!(found["coverage"].is_object());
    assert_eq!(found["next"], Value::Null);

    let devices = site.query(&["devices"])?;
    assert_eq!(
        devices["items"].as_array().map(Vec::len),
        Some(2),
        "{devices:#}"
    );

    site.cli(&[
        "policy",
        "set",
        "openai-api",
        "sanctioned",
        "--reason",
        "contract",
    ])?
    .success()?;
    let open = site.query(&["usage", "--unsanctioned"])?;
    assert!(!services(&open).contains(&"openai-api"), "{open:#}");
    let all = site.query(&["usage", "--service", "openai-api"])?;
    assert_eq!(
        all["items"][0]["verdict"]["status"], "sanctioned",
        "{all:#}"
    );
    assert_eq!(all["items"][0]["stage"], "used", "{all:#}");

    let before = ["services", "devices", "usage", "findings", "coverage"]
        .map(|command| site.query(&[command]).map(steady));
    agent.replay(&demo())?;
    for (command, before) in ["services", "devices", "usage", "findings", "coverage"]
        .iter()
        .zip(before)
    {
        assert_eq!(
            before?,
            steady(site.query(&[command])?),
            "{command} changed by a second replay"
        );
    }
    Ok(())
}

/// What an answer says of a sensor at the moment of asking.
const OF_THE_MOMENT: [&str; 6] = [
    "clock_offset_ms",
    "degradations",
    "last_heartbeat",
    "last_seen",
    "silent_since",
    "state",
];

/// An answer without what belongs to the moment of asking.
pub(crate) fn steady(mut answer: Value) -> Value {
    rewrite(&mut answer, &|value| {
        let Some(fields) = value.as_object_mut() else {
            return;
        };
        // How many sensors are reporting just now.
        fields.remove("sensors");
        if fields.contains_key("hostname") {
            fields.retain(|name, _| !OF_THE_MOMENT.contains(&name.as_str()));
        }
    });
    answer
}

#[test]
fn the_policy_survives_an_export_and_an_import() -> Result<()> {
    let first = Site::start()?;
    first
        .cli(&[
            "policy",
            "set",
            "claude",
            "prohibited",
            "--reason",
            "not assessed",
        ])?
        .success()?;
    let exported = first.cli(&["policy", "export"])?.success()?.stdout;
    // Who decided when is written as a comment; an import is a decision of its own.
    let decisions = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    let second = Site::start()?;
    let file = second.path("policy");
    std::fs::write(&file, &exported)?;
    second
        .cli(&["policy", "import", &file.to_string_lossy()])?
        .success()?;
    let list = second.query(&["policy", "list"])?;
    assert_eq!(services(&list), ["claude"], "{list:#}");
    let again = second.cli(&["policy", "export"])?.success()?.stdout;
    assert_eq!(decisions(&again), decisions(&exported));
    Ok(())
}

#[test]
fn an_answer_without_rows_says_what_was_watched() -> Result<()> {
    let site = Site::start()?;
    let empty = site.query(&["usage"])?;
    assert_eq!(empty["items"], serde_json::json!([]));
    assert!(empty["coverage"].is_object(), "{empty}");
    let table = site.cli(&["usage", "--unsanctioned"])?.success()?;
    assert!(
        !(table.stdout + &table.stderr).trim().is_empty(),
        "silence is not an answer"
    );
    Ok(())
}
