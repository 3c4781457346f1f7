//! What tests of live capture stand on: two namespaces, real servers, a collector, and how to start an agent.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Agent, Lab, Namespace, Output, Pki, Process, SERVER, Site, SiteOptions, left_out, peers_python,
    run, serve_peers, wait_until,
};
use serde_json::Value;

const NAMES: [&str; 8] = [
    "api.openai.com",
    "chatgpt.com",
    "api.anthropic.com",
    "claude.ai",
    "www.perplexity.ai",
    "api.mistral.ai",
    "www.example.org",
    "intranet.example.com",
];

/// Everything a live test stands on. Fields are dropped in this order: processes before the namespaces they run in.
pub(crate) struct Stage {
    _peers: Process,
    pub(crate) site: Site,
    pub(crate) pki: Pki,
    pub(crate) lab: Lab,
    pub(crate) python: PathBuf,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// `None`, and a line that says why, where this machine cannot do it.
    pub(crate) fn set(what: &str) -> Result<Option<Self>> {
        Self::set_with(what, "")
    }

    /// The same with more lines for the collector's configuration.
    pub(crate) fn set_with(what: &str, lines: &str) -> Result<Option<Self>> {
        if let Err(why) = Lab::possible() {
            left_out(what, &why);
            return Ok(None);
        }
        let Some(python) = peers_python() else {
            left_out(what, "no Python with aioquic; tests/run.sh sets one up");
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let lab = Lab::create(folder.path())?;
        let pki = Pki::create(folder.path(), &NAMES)?;
        let peers = serve_peers(&python, &lab.server, SERVER, &pki, folder.path())?;
        let site = Site::start_with(SiteOptions {
            listen: Some(format!("{SERVER}:8443")),
            namespace: Some(lab.server.name().to_owned()),
            collector_configuration: lines.to_owned(),
            ..SiteOptions::default()
        })?;
        Ok(Some(Self {
            _peers: peers,
            site,
            pki,
            lab,
            python,
            _folder: folder,
        }))
    }

    pub(crate) fn curl(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = self.lab.client.command("curl");
        command.args(["-sS", "-o", "/dev/null", "--max-time", "20", "--cacert"]);
        run(command.arg(self.pki.authority()).args(arguments))?.success()
    }

    pub(crate) fn services(&self) -> Result<Vec<(String, String)>> {
        let answer = self.site.query(&["usage"])?;
        let mut found: Vec<_> = answer["items"]
            .as_array()
            .context("items")?
            .iter()
            .map(|item| (word(&item["service"]["id"]), word(&item["stage"])))
            .collect();
        found.sort();
        found.dedup();
        Ok(found)
    }
}

pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}

pub(crate) const ENDPOINT: &str =
    "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n[presence]\nenabled = false\n";

pub(crate) fn start(agent: &Agent, namespace: &Namespace) -> Result<Process> {
    let mut process = agent.start(&["run"])?;
    wait_until("the agent captures", Duration::from_secs(20), || {
        ensure!(
            process.ended()?.is_none(),
            "the agent ended: {}",
            process.stderr()
        );
        let status = agent.command(&["status", "--format", "json"])?;
        let status: Value = serde_json::from_str(&status.stdout)?;
        Ok(status["interfaces"].as_array().is_some_and(|all| {
            !all.is_empty() && all.iter().all(|interface| interface["capturing"] == true)
        }))
    })
    .with_context(|| format!("in {}: {}", namespace.name(), process.stderr()))?;
    Ok(process)
}
