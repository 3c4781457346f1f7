//! The one command of the README, on a capture.

use std::process::Command;

use anyhow::Result;
use e2e::{left_out, run, shared, workspace};
use serde_json::Value;

/// It builds in release mode, which takes minutes: only where the test command says that there is time.
#[test]
fn the_quickstart_prints_the_services_of_a_capture() -> Result<()> {
    if std::env::var_os("GNOMON_TEST_QUICKSTART").is_none() {
        left_out(
            "the quickstart",
            "GNOMON_TEST_QUICKSTART is not set (tests/run.sh sets it)",
        );
        return Ok(());
    }
    let capture = match shared() {
        Some(shared) => shared.join("corpus/captures/local__ai_curl_tls13_openai_anthropic.pcap"),
        None => workspace().join("tests/pcaps/tls/curl_api_calls.pcap"),
    };
    let mut command = Command::new(workspace().join("packaging/quickstart.sh"));
    command
        .arg("--replay")
        .arg(capture)
        .args(["--once", "--json", "--no-install"]);
    // A build inside a build: what cargo tells this test about itself would make it compile everything anew.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
            .iter()
            .any(|start| name.starts_with(start))
        {
            command.env_remove(&*name);
        }
    }
    let output = run(&mut command)?.success()?;
    let answer: Value = serde_json::from_str(&output.stdout)?;
    for service in ["openai-api", "anthropic-api"] {
        let item = answer["items"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|item| item["id"] == service);
        let evidence = item
            .and_then(|item| item["evidence"].as_array())
            .map_or(0, Vec::len);
        assert!(evidence > 0, "{service}: {answer:#}");
    }
    Ok(())
}
