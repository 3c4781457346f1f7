//! Live capture in network namespaces, with real clients and servers.

use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Process, SERVER, quic_post, run, wait_until};
use serde_json::Value;

use crate::stage::{ENDPOINT, Stage, start};

#[test]
fn live_traffic_of_real_clients_gives_exactly_the_services_they_used() -> Result<()> {
    let Some(stage) = Stage::set("live capture with real clients")? else {
        return Ok(());
    };
    let agent = stage
        .site
        .enrol("agent", Some(&stage.lab.client), ENDPOINT)?;
    let mut process = start(&agent, &stage.lab.client)?;

    stage.curl(&[
        "https://api.openai.com/bytes/60000",
        "--data-binary",
        &"x".repeat(9000),
    ])?;
    stage.curl(&["https://www.example.org/bytes/60000"])?;
    stage.curl(&[
        "https://api.anthropic.com:8444/bytes/60000",
        "--data-binary",
        &"x".repeat(9000),
    ])?;
    let fetched = quic_post(
        &stage.python,
        &stage.lab.client,
        &stage.pki,
        SERVER,
        "claude.ai",
        "/bytes/90000",
    )?
    .success()?;
    assert_eq!(fetched.stdout.trim(), "90000");
    let mut hello = stage.lab.client.command("openssl");
    hello.args([
        "s_client",
        "-connect",
        &format!("{SERVER}:443"),
        "-servername",
        "chatgpt.com",
    ]);
    let mut hello = Process::start(&mut hello, &stage.site.path("."), "openssl")?;
    wait_until("the handshake is over", Duration::from_secs(10), || {
        Ok(hello.stdout().contains("SSL-Session") || hello.stdout().contains("Verification"))
    })?;
    hello.kill()?;
    let mut ask = stage.lab.client.command("getent");
    run(ask.args(["ahostsv4", "api.mistral.ai"]))?.success()?;

    let expected = [
        ("anthropic-api", "used"),
        ("chatgpt", "contacted"),
        ("claude", "used"),
        ("mistral", "resolved"),
        ("openai-api", "used"),
    ];
    let seen = wait_until(
        "the inventory shows what was used",
        Duration::from_secs(30),
        || {
            let found = stage.services()?;
            Ok(found.len() >= expected.len()
                && found.iter().filter(|(_, stage)| stage == "used").count() >= 3)
        },
    );
    let found = stage.services()?;
    seen.with_context(|| format!("found {found:?}; {}", process.stderr()))?;
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((service, stage), (expected_service, expected_stage)) in found.iter().zip(expected) {
        assert!(service.starts_with(expected_service), "{found:?}");
        assert_eq!(stage, expected_stage, "{found:?}");
    }
    let devices = stage.site.query(&["devices"])?;
    assert_eq!(
        devices["items"].as_array().map(Vec::len),
        Some(1),
        "{devices:#}"
    );
    let status = process.terminate(Duration::from_secs(20))?;
    assert!(status.success(), "{}", process.stderr());
    Ok(())
}

#[test]
fn an_interface_that_goes_away_and_comes_back_is_picked_up_again() -> Result<()> {
    let Some(stage) = Stage::set("an interface that goes away")? else {
        return Ok(());
    };
    let lines = "mode = \"tap\"\n[capture]\ninterfaces = [\"eth0\", \"spare0\"]\n[report]\ninterval = \"1s\"\n";
    let agent = stage.site.enrol("agent", Some(&stage.lab.client), lines)?;
    stage.lab.client.ip(&[
        "link", "add", "spare0", "type", "veth", "peer", "name", "spare1",
    ])?;
    stage.lab.client.ip(&["link", "set", "spare0", "up"])?;
    stage.lab.client.ip(&["link", "set", "spare1", "up"])?;
    let mut process = start(&agent, &stage.lab.client)?;
    let capturing = |interface: &str| -> Result<bool> {
        let status = agent.command(&["status", "--format", "json"])?;
        let status: Value = serde_json::from_str(&status.stdout)?;
        Ok(status["interfaces"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|entry| entry["name"] == interface && entry["capturing"] == true))
    };
    stage.lab.client.ip(&["link", "delete", "spare0"])?;
    wait_until("the loss is noticed", Duration::from_secs(20), || {
        Ok(!capturing("spare0")?)
    })?;
    assert!(capturing("eth0")?, "the other interface was lost too");
    stage.lab.client.ip(&[
        "link", "add", "spare0", "type", "veth", "peer", "name", "spare1",
    ])?;
    stage.lab.client.ip(&["link", "set", "spare0", "up"])?;
    stage.lab.client.ip(&["link", "set", "spare1", "up"])?;
    wait_until("it is picked up again", Duration::from_secs(40), || {
        capturing("spare0")
    })?;
    stage.curl(&["https://api.openai.com/bytes/1000"])?;
    wait_until("findings go on", Duration::from_secs(20), || {
        Ok(!stage.services()?.is_empty())
    })?;
    assert!(
        process.terminate(Duration::from_secs(20))?.success(),
        "{}",
        process.stderr()
    );
    Ok(())
}

#[test]
fn without_the_capability_the_agent_says_which_one_is_missing() -> Result<()> {
    let Some(stage) = Stage::set("capture without the capability")? else {
        return Ok(());
    };
    let agent = stage
        .site
        .enrol("agent", Some(&stage.lab.client), ENDPOINT)?;
    let mut command = stage.lab.client.command("setpriv");
    command.args(["--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]);
    command.arg(e2e::program("gnomon-agent")?);
    command.args(["run", "--config"]);
    command.arg(agent.folder().join("agent.toml"));
    let mut process = Process::start(&mut command, agent.folder(), "incapable")?;
    wait_until("it says what is missing", Duration::from_secs(20), || {
        Ok(process.stderr().contains("CAP_NET_RAW"))
    })
    .with_context(|| process.stderr())?;
    process.kill()
}
