//! Agents whose kernel keeps packets back find the same as one that reads every packet, at the same time, on
//! the same traffic.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{Agent, Process, SERVER, quic_post, run, wait_until};
use serde_json::Value;

use crate::stage::{Stage, start};

const FILTERS: [&str; 3] = ["off", "ebpf", "classic"];

fn lines(filter: &str) -> String {
    format!(
        "mode = \"endpoint\"\n[capture]\nfilter = \"{filter}\"\ninterfaces = [\"eth0\", \"lo\"]\n\
         [report]\ninterval = \"1s\"\n"
    )
}

/// Service and side, and of all its rows the stage, the connections and the bytes both ways.
type Found = BTreeMap<(String, String), (String, u64, u64, u64)>;

fn found(agent: &Agent) -> Result<Found> {
    let shown = agent
        .command(&["show", "--format", "json"])?
        .success()?
        .stdout;
    let shown: Value = serde_json::from_str(&shown)?;
    let mut found = Found::new();
    for item in shown["items"].as_array().context("items")? {
        let word = |name: &str| item[name].as_str().unwrap_or("?").to_owned();
        let figure = |name: &str| item[name].as_u64().unwrap_or_default();
        let sum =
            found
                .entry((word("service"), word("surface")))
                .or_insert((word("stage"), 0, 0, 0));
        sum.1 += figure("flow_count");
        sum.2 += figure("bytes_out");
        sum.3 += figure("bytes_in");
    }
    Ok(found)
}

/// What many clients do: uploads and downloads, large and small, over TCP and QUIC, and look-ups alone.
fn make_traffic(stage: &Stage) -> Result<()> {
    let body = |length: usize| "x".repeat(length);
    for (url, upload) in [
        ("https://api.openai.com/bytes/3000000", 9_000),
        ("https://api.anthropic.com:8444/bytes/60000", 120_000),
        ("https://api.openai.com/bytes/10", 10),
        ("https://www.example.org/bytes/5000000", 10),
        ("https://www.perplexity.ai/bytes/700000", 120_000),
        ("https://chatgpt.com/bytes/15000", 2_500),
    ] {
        stage.curl(&[url, "--data-binary", &body(upload)])?;
    }
    for path in ["/bytes/90000", "/bytes/2000000"] {
        let fetched = quic_post(
            &stage.python,
            &stage.lab.client,
            &stage.pki,
            SERVER,
            "claude.ai",
            path,
        )?;
        fetched.success()?;
    }
    // Two requests over one connection in the clear, the second behind a long answer and a long body.
    let local = format!("http://{SERVER}:11434");
    stage.curl(&[
        &format!("{local}/bytes/900000"),
        "-o",
        "/dev/null",
        "--data-binary",
        &body(120_000),
        "--next",
        "-sS",
        "-o",
        "/dev/null",
        &format!("{local}/api/generate"),
        "--data-binary",
        "{}",
    ])?;
    let mut ask = stage.lab.client.command("getent");
    run(ask.args(["ahostsv4", "api.mistral.ai"]))?.success()?;
    Ok(())
}

fn filter_of(agent: &Agent) -> Result<(Vec<String>, u64)> {
    let status = agent.command(&["status", "--format", "json"])?;
    let status: Value = serde_json::from_str(&status.stdout)?;
    let interfaces = status["interfaces"].as_array().context("interfaces")?;
    let words = interfaces
        .iter()
        .map(|interface| interface["filter"].as_str().unwrap_or("?").to_owned());
    let kept_back = interfaces
        .iter()
        .filter_map(|interface| interface["bytes_filtered"].as_u64());
    Ok((words.collect(), kept_back.sum()))
}

#[test]
fn what_is_kept_in_the_kernel_changes_no_finding() -> Result<()> {
    let Some(stage) = Stage::set("filters in the kernel")? else {
        return Ok(());
    };
    let mut agents: Vec<(Agent, Process)> = Vec::new();
    for filter in FILTERS {
        let agent = stage
            .site
            .enrol(filter, Some(&stage.lab.client), &lines(filter))?;
        let process = start(&agent, &stage.lab.client)?;
        agents.push((agent, process));
    }
    for ((agent, _), filter) in agents.iter().zip(FILTERS) {
        assert_eq!(filter_of(agent)?.0, [filter, filter]);
    }
    make_traffic(&stage)?;
    wait_until("packets were kept back", Duration::from_secs(10), || {
        let (agent, _) = agents.get(1).context("the second agent")?;
        Ok(filter_of(agent)?.1 > 5_000_000)
    })?;
    let mut all = Vec::new();
    for (agent, process) in &mut agents {
        let ended = process.terminate(Duration::from_secs(20))?;
        ensure!(ended.success(), "{}", process.stderr());
        all.push(found(agent)?);
    }
    let (whole, filtered) = all.split_first().context("three agents")?;
    assert!(whole.len() >= 6, "{whole:#?}");
    for (filtered, name) in filtered.iter().zip(&FILTERS[1..]) {
        assert_eq!(filtered, whole, "{name}");
    }
    Ok(())
}
