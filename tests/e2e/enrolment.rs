//! Who may report, and as whom.

use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Site, wait_until, workspace};

#[test]
fn a_token_admits_once() -> Result<()> {
    let site = Site::start()?;
    let token = site.token()?;
    let agent = site.enrol("first", None, "")?;
    agent.command(&["enroll", "--force", &token])?.success()?;
    let again = agent.command(&["enroll", "--force", &token])?;
    assert_eq!(again.status.code(), Some(1), "{}", again.stderr);
    assert!(again.stderr.contains("used"), "{}", again.stderr);
    Ok(())
}

#[test]
fn damaged_and_foreign_tokens_are_refused_in_plain_words() -> Result<()> {
    let site = Site::start()?;
    let other = Site::start()?;
    let agent = site.enrol("agent", None, "")?;
    let token = site.token()?;
    let mut cut = token;
    cut.truncate(cut.len() - 9);
    for damaged in ["gnm1_", "nonsense", &cut] {
        let refused = agent.command(&["enroll", "--force", damaged])?;
        assert!(
            matches!(refused.status.code(), Some(1 | 2)),
            "{}",
            refused.stderr
        );
        assert!(refused.stderr.contains("token"), "{}", refused.stderr);
    }
    // The address of one collector with the fingerprint of another: somebody is in between.
    let mixed = other
        .admin(&["token", "create", "--address", site.collector.address()])?
        .success()?;
    let refused = agent.command(&["enroll", "--force", mixed.stdout.trim()])?;
    assert_eq!(refused.status.code(), Some(1), "{}", refused.stderr);
    Ok(())
}

#[test]
fn a_revoked_sensor_is_refused_and_keeps_its_data() -> Result<()> {
    let site = Site::start()?;
    let agent = site.enrol("agent", None, "")?;
    let sensors = site
        .admin(&["sensor", "list", "--format", "json"])?
        .success()?;
    let sensors: serde_json::Value = serde_json::from_str(&sensors.stdout)?;
    let id = sensors["items"][0]["sensor"]
        .as_str()
        .or(sensors["items"][0]["id"].as_str())
        .context("the sensor's id")?
        .to_owned();
    site.admin(&["sensor", "revoke", &id])?.success()?;
    let demo = workspace().join("tests/pcaps/demo/two_people.pcap");
    let refused = agent.command(&[
        "run",
        "--replay",
        &demo.to_string_lossy(),
        "--wait-timeout",
        "5",
    ])?;
    assert_eq!(refused.status.code(), Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("revoked"), "{}", refused.stderr);
    assert_eq!(site.query(&["findings"])?["items"], serde_json::json!([]));

    // Enrolled anew, what the queue kept is delivered.
    agent
        .command(&["enroll", "--force", &site.token()?])?
        .success()?;
    agent.replay(&demo)?;
    wait_until("the findings arrive", Duration::from_secs(20), || {
        Ok(site.query(&["findings"])?["items"]
            .as_array()
            .is_some_and(|items| items.len() >= 5))
    })
}
