//! One collector and its agents, as an administrator would set them up.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::program;
use crate::lab::Namespace;
use crate::process::{Output, Process, run, wait_until};

/// How long a program may take to start or to stop.
const START: Duration = Duration::from_secs(30);

/// What differs between sites.
#[derive(Clone, Debug, Default)]
pub struct SiteOptions {
    /// Where the collector listens; loopback with a free port when not given.
    pub listen: Option<String>,
    /// The namespace the collector and the analyst's CLI run in.
    pub namespace: Option<String>,
    /// More lines for the collector's configuration.
    pub collector_configuration: String,
    /// The collector's data folder, when it is not to be one inside the site's.
    pub data: Option<PathBuf>,
}

/// A collector with a fresh data folder, and everything that belongs to it.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    /// The collector.
    pub collector: Collector,
    options: SiteOptions,
}

/// A `gnomon-collector serve` and its files.
#[derive(Debug)]
pub struct Collector {
    configuration: PathBuf,
    data: PathBuf,
    address: String,
    process: Option<Process>,
}

/// An enrolled `gnomon-agent` and its files.
#[derive(Debug)]
pub struct Agent {
    folder: PathBuf,
    configuration: PathBuf,
    namespace: Option<String>,
}

fn command_in(namespace: Option<&str>, name: &str) -> Result<Command> {
    let path = program(name)?;
    let mut command = match namespace {
        Some(namespace) => {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", namespace]).arg(path);
            command
        }
        None => Command::new(path),
    };
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "GNOMON_TOKEN",
        "GNOMON_COLLECTOR",
        "GNOMON_CA",
    ] {
        command.env_remove(name);
    }
    Ok(command)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Site {
    /// Starts a collector on loopback.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start() -> Result<Self> {
        Self::start_with(SiteOptions::default())
    }

    /// Starts a collector with options.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_with(options: SiteOptions) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = match &options.listen {
            Some(listen) => listen.clone(),
            None => format!("127.0.0.1:{}", free_port()?),
        };
        let data = options
            .data
            .clone()
            .unwrap_or_else(|| folder.path().join("collector"));
        let configuration = folder.path().join("collector.toml");
        let host = address
            .rsplit_once(':')
            .map_or("127.0.0.1", |(host, _)| host);
        std::fs::write(
            &configuration,
            format!(
                "data_dir = {data:?}\nlisten = {address:?}\nnames = [{host:?}]\n{}",
                options.collector_configuration
            ),
        )?;
        let collector = Collector {
            configuration,
            data,
            address,
            process: None,
        };
        let mut site = Self {
            folder,
            collector,
            options,
        };
        let user = site
            .admin(&["user", "add", "test", "--role", "admin"])?
            .success()?;
        std::fs::write(site.path("token"), user.stdout.trim())?;
        site.start_collector()?;
        Ok(site)
    }

    /// A path in the site's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the collector, again after it was stopped.
    ///
    /// # Errors
    /// When it does not listen in time.
    pub fn start_collector(&mut self) -> Result<()> {
        let mut command = command_in(self.options.namespace.as_deref(), "gnomon-collector")?;
        command
            .arg("serve")
            .arg("--config")
            .arg(&self.collector.configuration);
        let mut process = Process::start(&mut command, self.folder.path(), "collector")?;
        let ready = wait_until("the collector serves", START, || {
            if let Some(status) = process.ended()? {
                anyhow::bail!("the collector ended with {status}");
            }
            Ok(self.cli(&["coverage"])?.status.success())
        });
        ready.with_context(|| process.stderr())?;
        self.collector.process = Some(process);
        Ok(())
    }

    /// Runs an administrator's command on the collector's data.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn admin(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = command_in(None, "gnomon-collector")?;
        command
            .args(arguments)
            .arg("--config")
            .arg(&self.collector.configuration);
        run(&mut command)
    }

    /// Runs the analyst's CLI.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn cli(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = command_in(self.options.namespace.as_deref(), "gnomon")?;
        command.args(arguments);
        command.env(
            "GNOMON_COLLECTOR",
            format!("https://{}", self.collector.address),
        );
        command.env("GNOMON_CA", self.collector.data.join("ca.pem"));
        command.env("GNOMON_TOKEN_FILE", self.path("token"));
        run(&mut command)
    }

    /// What the analyst's CLI answers, as JSON.
    ///
    /// # Errors
    /// When it fails, or does not print JSON.
    pub fn query(&self, arguments: &[&str]) -> Result<Value> {
        let mut all = arguments.to_vec();
        all.extend(["--format", "json"]);
        let output = self.cli(&all)?.success()?;
        serde_json::from_str(&output.stdout).with_context(|| output.stdout)
    }

    /// A new enrolment token.
    ///
    /// # Errors
    /// When the collector makes none.
    pub fn token(&self) -> Result<String> {
        let address = self.collector.address.clone();
        let output = self
            .admin(&["token", "create", "--address", &address])?
            .success()?;
        Ok(output.stdout.trim().to_owned())
    }

    /// Enrols an agent whose configuration has `lines` besides its folders.
    ///
    /// # Errors
    /// When it is not admitted.
    pub fn enrol(&self, name: &str, namespace: Option<&Namespace>, lines: &str) -> Result<Agent> {
        let folder = self.path(name);
        std::fs::create_dir_all(&folder)?;
        let agent = Agent {
            configuration: folder.join("agent.toml"),
            namespace: namespace.map(|namespace| namespace.name().to_owned()),
            folder,
        };
        agent.configure(lines)?;
        agent.command(&["enroll", &self.token()?])?.success()?;
        Ok(agent)
    }
}

impl Collector {
    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its process, while it runs.
    pub fn process(&mut self) -> Option<&mut Process> {
        self.process.as_mut()
    }

    /// Ends it as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> Result<()> {
        self.process
            .take()
            .context("the collector does not run")?
            .kill()
    }
}

impl Agent {
    /// Writes its configuration.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn configure(&self, lines: &str) -> Result<()> {
        let state = self.folder.join("state");
        let text = format!("state_dir = {state:?}\n{lines}\n");
        Ok(std::fs::write(&self.configuration, text)?)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn prepare(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = command_in(self.namespace.as_deref(), "gnomon-agent")?;
        command
            .args(arguments)
            .arg("--config")
            .arg(&self.configuration);
        Ok(command)
    }

    /// Runs one of its commands to the end.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn command(&self, arguments: &[&str]) -> Result<Output> {
        run(&mut self.prepare(arguments)?)
    }

    /// Starts one of its commands.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, arguments: &[&str]) -> Result<Process> {
        Process::start(&mut self.prepare(arguments)?, &self.folder, "agent")
    }

    /// Starts one of its commands with an environment variable.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_with(&self, arguments: &[&str], variable: (&str, &str)) -> Result<Process> {
        let mut command = self.prepare(arguments)?;
        command.env(variable.0, variable.1);
        Process::start(&mut command, &self.folder, "agent")
    }

    /// Feeds it a capture, until the collector has acknowledged everything.
    ///
    /// # Errors
    /// When it fails.
    pub fn replay(&self, capture: &Path) -> Result<Output> {
        self.command(&["run", "--replay", &capture.to_string_lossy()])?
            .success()
    }
}
