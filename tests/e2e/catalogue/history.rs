//! What a newer catalogue makes of what was kept.

use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Site, wait_until, workspace};
use serde_json::Value;

use super::fleet::{admin, shown};

/// OpenAI's programming interface as a product of its own, in a catalogue that is newer than any the agents have.
const SPLIT: &str = "\
last_checked = \"2099-12-31\"
[[service]]
id = \"openai-next\"
name = \"Split\"
vendor = \"Example\"
category = \"model-api\"
sources = [\"this test\"]
[service.examples]
match = [\"api.openai.com\"]
near_miss = [\"openai.com\"]
[[service.names]]
surface = \"api\"
suffix = [\"api.openai.com\"]
confidence = \"vendor-doc\"
sources = [\"this test\"]
";

#[test]
fn a_bundle_corrects_the_history_that_was_kept_and_marks_it() -> Result<()> {
    let site = Site::start()?;
    let agent = site.enrol("agent", None, "")?;
    agent.replay(&workspace().join("tests/pcaps/demo/two_people.pcap"))?;
    let before = site.query(&["usage"])?;
    let of = |answer: &Value, service: &str| -> usize {
        let items = answer["items"].as_array().into_iter().flatten();
        items
            .filter(|item| item["service"]["id"] == service)
            .count()
    };
    assert!(of(&before, "openai-api") > 0 && of(&before, "claude") > 0);

    let folder = tempfile::tempdir()?;
    let path = |name: &str| shown(&folder.path().join(name));
    std::fs::write(folder.path().join("split.toml"), SPLIT)?;
    admin(&site, &["keygen", &path("key")])?;
    admin(&site, &["trust", &path("key.pub")])?;
    let diff = site.admin(&[
        "catalogue",
        "diff",
        &shown(&workspace().join("signatures/catalogue/openai.toml")),
        &path("split.toml"),
    ])?;
    let told = diff.success()?;
    assert!(
        told.stdout.contains("belong to openai-next"),
        "{}",
        told.stdout
    );
    assert!(told.stderr.contains("never kept"), "{}", told.stderr);
    admin(
        &site,
        &[
            "build",
            "--key",
            &path("key"),
            "--out",
            &path("new"),
            &path("split.toml"),
        ],
    )?;
    admin(&site, &["publish", &path("new")])?;
    wait_until("the history is corrected", Duration::from_secs(20), || {
        let usage = site.query(&["usage"])?;
        Ok(of(&usage, "openai-next") > 0 && of(&usage, "openai-api") == 0)
    })?;
    let after = site.query(&["usage"])?;
    let all = |answer: &Value| answer["items"].as_array().map_or(0, Vec::len);
    assert_eq!(
        all(&after),
        all(&before),
        "nothing appears and nothing is lost"
    );
    assert_eq!(
        of(&after, "claude"),
        of(&before, "claude"),
        "what the bundle does not know stays"
    );
    let findings = site.query(&["findings", "--service", "openai-next"])?;
    for finding in findings["items"].as_array().context("items")? {
        assert_eq!(finding["re_evaluated"]["outcome"], "moved", "{finding:#}");
        assert_eq!(finding["re_evaluated"]["reported_service"], "openai-api");
    }
    Ok(())
}
