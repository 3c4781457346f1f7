//! Three machines with live traffic, and what an administrator does for them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use e2e::{Agent, Lab, Namespace, Pki, Process, SERVER, Site, SiteOptions, wait_until, workspace};
use serde_json::Value;

/// A name that the catalogue of the program knows, and one that only a bundle of the test brings.
pub(super) const KNOWN: &str = "api.openai.com";
pub(super) const NEW: &str = "chat.brand-new.example";

/// Longest that the whole fleet may take to switch.
pub(super) const SWITCH: Duration = Duration::from_secs(10);

pub(super) const SETTINGS: &str = "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n";

pub(super) const NEW_SERVICE: &str = "\
last_checked = \"2026-11-20\"
[[service]]
id = \"brand-new\"
name = \"Brand New\"
vendor = \"Example\"
category = \"chat-assistant\"
sources = [\"this test\"]
[service.examples]
match = [\"chat.brand-new.example\"]
near_miss = [\"brand-new.example\"]
[[service.names]]
surface = \"web\"
suffix = [\"chat.brand-new.example\"]
confidence = \"vendor-doc\"
sources = [\"this test\"]
";

/// One machine of the fleet. Fields are dropped in this order: processes before the namespace they run in.
pub(super) struct Machine {
    pub(super) process: Process,
    pub(super) clients: Vec<Process>,
    pub(super) agent: Agent,
    pub(super) namespace: Option<Namespace>,
}

impl Machine {
    pub(super) fn status(&self) -> Result<Value> {
        let status = self.agent.command(&["status", "--format", "json"])?;
        Ok(serde_json::from_str(&status.stdout)?)
    }

    pub(super) fn runs(&self) -> Result<String> {
        Ok(word(&self.status()?["catalogue_version"]))
    }
}

pub(super) struct Fleet {
    pub(super) machines: Vec<Machine>,
    _peers: Vec<Process>,
    pub(super) site: Site,
    _lab: Lab,
    pub(super) folder: tempfile::TempDir,
}

pub(super) fn word(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}

/// A web server for each name, and a client that asks it again and again.
fn serve(lab: &Lab, pki: &Pki, folder: &Path, port: u16) -> Result<Process> {
    let mut command = lab.server.command("openssl");
    command.args(["s_server", "-quiet", "-www", "-accept", &port.to_string()]);
    command.arg("-cert").arg(pki.certificate());
    command.arg("-key").arg(pki.key());
    Process::start(&mut command, folder, &format!("peer{port}"))
}

fn browse(
    namespace: &Namespace,
    pki: &Pki,
    folder: &Path,
    host: &str,
    port: u16,
) -> Result<Process> {
    let authority = pki.authority();
    let authority = authority.display();
    let script = format!(
        "while true; do curl -sS -o /dev/null --max-time 5 --cacert {authority} https://{host}:{port}/; \
         sleep 0.3; done"
    );
    let mut command = namespace.command("sh");
    Process::start(
        command.args(["-c", &script]),
        folder,
        &format!("client{port}"),
    )
}

impl Fleet {
    /// Three machines with an agent, each with live traffic to both names.
    pub(super) fn set() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let lab = Lab::create(folder.path())?;
        let pki = Pki::create(folder.path(), &[KNOWN, NEW])?;
        let site = Site::start_with(SiteOptions {
            listen: Some(format!("{SERVER}:8443")),
            namespace: Some(lab.server.name().to_owned()),
            ..SiteOptions::default()
        })?;
        let key = folder.path().join("fleet.key");
        admin(&site, &["keygen", &shown(&key)])?;
        admin(&site, &["trust", &format!("{}.pub", shown(&key))])?;
        let mut fleet = Self {
            machines: Vec::new(),
            _peers: Vec::new(),
            site,
            _lab: lab,
            folder,
        };
        for number in 0..3_u8 {
            fleet.machine(number, &pki)?;
        }
        Ok(fleet)
    }

    fn machine(&mut self, number: u8, pki: &Pki) -> Result<()> {
        let lab = &self._lab;
        let joined = match number {
            0 => None,
            number => Some(lab.join(number)?),
        };
        let namespace = joined.as_ref().unwrap_or(&lab.client);
        let name = format!("agent{number}");
        let agent = self.site.enrol(&name, Some(namespace), SETTINGS)?;
        let process = agent.start(&["run"])?;
        // Each machine has its own servers: they serve one client at a time.
        let ports = [4_430, 4_440].map(|port| port + u16::from(number));
        let mut clients = Vec::new();
        for (host, port) in [KNOWN, NEW].into_iter().zip(ports) {
            let folder = agent.folder().to_path_buf();
            self._peers.push(serve(lab, pki, &folder, port)?);
            clients.push(browse(namespace, pki, &folder, host, port)?);
        }
        self.machines.push(Machine {
            process,
            clients,
            agent,
            namespace: joined,
        });
        Ok(())
    }

    /// Makes a signed bundle of the catalogue and `more`.
    pub(super) fn bundle(&self, name: &str, key: &str, more: &[(&str, &str)]) -> Result<PathBuf> {
        let files = self.folder.path().join(format!("{name}.files"));
        std::fs::create_dir_all(&files)?;
        for (file, text) in more {
            std::fs::write(files.join(file), text)?;
        }
        let out = self.folder.path().join(format!("{name}.gnomcat"));
        let catalogue = workspace().join("signatures/catalogue");
        let key = self.folder.path().join(key);
        let mut arguments = vec!["build".to_owned(), "--out".to_owned(), shown(&out)];
        arguments.extend(["--key".to_owned(), shown(&key), shown(&catalogue)]);
        if !more.is_empty() {
            arguments.push(shown(&files));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        admin(&self.site, &arguments)?;
        // The next one gets a higher number, which is the time in seconds.
        std::thread::sleep(Duration::from_millis(1_100));
        Ok(out)
    }

    /// Waits until every agent runs `version`, and tells how long that took.
    pub(super) fn all_run(&mut self, version: &str) -> Result<Duration> {
        let begun = Instant::now();
        let machines = &self.machines;
        let switched = wait_until("the fleet has switched", SWITCH, || {
            for machine in machines {
                if machine.runs()? != version {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        for machine in &self.machines {
            let status = machine.agent.command(&["status"])?;
            switched.as_ref().map_err(|error| {
                anyhow::anyhow!("{error:#}: {}{}", status.stdout, machine.process.stderr())
            })?;
        }
        Ok(begun.elapsed())
    }

    pub(super) fn findings(&self, service: &str) -> Result<Vec<Value>> {
        let answer = self.site.query(&["findings", "--service", service])?;
        Ok(answer["items"].as_array().context("items")?.clone())
    }

    /// The machines on which a service was found.
    pub(super) fn devices(&self, service: &str) -> Result<usize> {
        let answer = self.site.query(&["usage"])?;
        let items = answer["items"].as_array().context("items")?;
        let of_service = items.iter().filter(|item| item["service"]["id"] == service);
        let mut devices: Vec<String> = of_service.map(|item| word(&item["device"]["id"])).collect();
        devices.sort();
        devices.dedup();
        Ok(devices.len())
    }

    pub(super) fn drops(&self) -> Result<u64> {
        let mut drops = 0;
        for machine in &self.machines {
            let status = machine.status()?;
            for interface in status["interfaces"].as_array().context("interfaces")? {
                drops += interface["frames_dropped"].as_u64().context("a count")?;
            }
        }
        Ok(drops)
    }
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn admin(site: &Site, arguments: &[&str]) -> Result<String> {
    let mut all = vec!["catalogue"];
    all.extend(arguments);
    Ok(site.admin(&all)?.success()?.stdout)
}

/// The catalogue version in what `publish` or `rollback` printed.
pub(super) fn version_in(printed: &str) -> Result<String> {
    let after = printed.split("catalogue ").nth(1).context("a version")?;
    Ok(after.split(',').next().unwrap_or_default().to_owned())
}

pub(super) fn publish(fleet: &Fleet, bundle: &Path) -> Result<String> {
    version_in(&admin(&fleet.site, &["publish", &shown(bundle)])?)
}
