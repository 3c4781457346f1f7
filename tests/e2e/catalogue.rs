//! A fleet whose catalogue is replaced, taken back and attacked while it captures live traffic.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Agent, Lab, Namespace, Pki, Process, SERVER, Site, SiteOptions, left_out, wait_until, workspace,
};
use serde_json::Value;

/// A name that the catalogue of the program knows, and one that only a bundle of the test brings.
const KNOWN: &str = "api.openai.com";
const NEW: &str = "chat.brand-new.example";

/// Longest that the whole fleet may take to switch.
const SWITCH: Duration = Duration::from_secs(10);

const SETTINGS: &str = "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n";

const NEW_SERVICE: &str = "\
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
struct Machine {
    process: Process,
    clients: Vec<Process>,
    agent: Agent,
    namespace: Option<Namespace>,
}

impl Machine {
    fn status(&self) -> Result<Value> {
        let status = self.agent.command(&["status", "--format", "json"])?;
        Ok(serde_json::from_str(&status.stdout)?)
    }

    fn runs(&self) -> Result<String> {
        Ok(word(&self.status()?["catalogue_version"]))
    }
}

struct Fleet {
    machines: Vec<Machine>,
    _peers: Vec<Process>,
    site: Site,
    _lab: Lab,
    folder: tempfile::TempDir,
}

fn word(value: &Value) -> String {
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
    fn set() -> Result<Self> {
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
    fn bundle(&self, name: &str, key: &str, more: &[(&str, &str)]) -> Result<PathBuf> {
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
    fn all_run(&mut self, version: &str) -> Result<Duration> {
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

    fn findings(&self, service: &str) -> Result<Vec<Value>> {
        let answer = self.site.query(&["findings", "--service", service])?;
        Ok(answer["items"].as_array().context("items")?.clone())
    }

    /// The machines on which a service was found.
    fn devices(&self, service: &str) -> Result<usize> {
        let answer = self.site.query(&["usage"])?;
        let items = answer["items"].as_array().context("items")?;
        let of_service = items.iter().filter(|item| item["service"]["id"] == service);
        let mut devices: Vec<String> = of_service.map(|item| word(&item["device"]["id"])).collect();
        devices.sort();
        devices.dedup();
        Ok(devices.len())
    }

    fn drops(&self) -> Result<u64> {
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

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn admin(site: &Site, arguments: &[&str]) -> Result<String> {
    let mut all = vec!["catalogue"];
    all.extend(arguments);
    Ok(site.admin(&all)?.success()?.stdout)
}

/// The catalogue version in what `publish` or `rollback` printed.
fn version_in(printed: &str) -> Result<String> {
    let after = printed.split("catalogue ").nth(1).context("a version")?;
    Ok(after.split(',').next().unwrap_or_default().to_owned())
}

fn publish(fleet: &Fleet, bundle: &Path) -> Result<String> {
    version_in(&admin(&fleet.site, &["publish", &shown(bundle)])?)
}

#[test]
fn a_fleet_switches_its_catalogue_under_live_traffic_takes_it_back_and_refuses_an_attacker()
-> Result<()> {
    if let Err(why) = Lab::possible() {
        left_out("a fleet whose catalogue is replaced", &why);
        return Ok(());
    }
    let mut fleet = Fleet::set()?;
    let begun = fleet.bundle("first", "fleet.key", &[])?;
    let first = publish(&fleet, &begun)?;
    fleet.all_run(&first)?;
    wait_until(
        "all devices use what is known",
        Duration::from_secs(30),
        || Ok(fleet.devices("openai-api")? == 3),
    )?;
    assert_eq!(fleet.devices("brand-new")?, 0);

    let better = fleet.bundle("better", "fleet.key", &[("zz-new.toml", NEW_SERVICE)])?;
    let second = publish(&fleet, &better)?;
    assert_ne!(first, second);
    let took = fleet.all_run(&second)?;
    eprintln!("the fleet switched within {took:?}");
    wait_until("the new service is found", Duration::from_secs(30), || {
        Ok(fleet.devices("brand-new")? == 3)
    })?;
    for finding in fleet.findings("brand-new")? {
        assert_eq!(word(&finding["catalogue_version"]), second, "{finding:#}");
    }
    for finding in fleet.findings("openai-api")? {
        let evidence = finding["evidence"].as_array().context("evidence")?;
        let of_first = evidence
            .iter()
            .any(|item| item["catalogue_version"] == first.as_str());
        assert!(
            of_first,
            "what was found before keeps its version: {finding:#}"
        );
    }

    let key = shown(&fleet.folder.path().join("fleet.key"));
    let printed = admin(&fleet.site, &["rollback", "--key", &key])?;
    assert_eq!(version_in(&printed)?, first, "{printed}");
    fleet.all_run(&first)?;
    let replayed = fleet
        .site
        .admin(&["catalogue", "publish", &shown(&better)])?;
    assert!(
        replayed.stderr.contains("was accepted before"),
        "{}",
        replayed.stderr
    );
    assert_eq!(fleet.drops()?, 0, "frames were lost");

    attack(&fleet, &first)?;
    assert_eq!(fleet.drops()?, 0, "frames were lost");
    for machine in &mut fleet.machines {
        machine.clients.clear();
        let ended = machine.process.terminate(Duration::from_secs(20))?;
        assert!(ended.success(), "{}", machine.process.stderr());
        assert!(
            machine
                .namespace
                .as_ref()
                .is_none_or(|one| !one.name().is_empty())
        );
    }
    Ok(())
}

/// Whoever takes over the collector can have it offer anything; the agents know better.
fn attack(fleet: &Fleet, running: &str) -> Result<()> {
    let theirs = fleet.folder.path().join("theirs.key");
    admin(&fleet.site, &["keygen", &shown(&theirs)])?;
    let evil = fleet.bundle("evil", "theirs.key", &[("zz-new.toml", NEW_SERVICE)])?;
    let refused = fleet.site.admin(&["catalogue", "publish", &shown(&evil)])?;
    ensure!(!refused.status.success(), "the collector took it");
    admin(&fleet.site, &["trust", &format!("{}.pub", shown(&theirs))])?;
    let folder = fleet.site.collector.data().join("catalogue");
    std::fs::copy(&evil, folder.join("published.gnomcat"))?;
    wait_until(
        "every agent has refused it",
        Duration::from_secs(20),
        || {
            for machine in &fleet.machines {
                let status = machine.status()?;
                let reduced = status["degradations"].to_string();
                if !reduced.contains("signed with the key") {
                    return Ok(false);
                }
            }
            Ok(true)
        },
    )?;
    for machine in &fleet.machines {
        assert_eq!(machine.runs()?, running);
    }
    wait_until(
        "the collector shows the refusals",
        Duration::from_secs(20),
        || {
            let sensors = fleet.site.query(&["sensors"])?;
            let items = sensors["items"].as_array().context("items")?;
            let refusals = items.iter().filter(|item| {
                item["degradations"]
                    .to_string()
                    .contains("signed with the key")
            });
            Ok(refusals.count() == 3)
        },
    )
}

/// The catalogue with OpenAI's programming interface split in two, as a vendor's change of mind would have it.
const SPLIT: &str = "\
last_checked = \"2026-11-20\"
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

#[test]
fn local_files_are_taken_in_while_the_agent_captures_and_a_bad_one_leaves_what_runs() -> Result<()>
{
    if let Err(why) = Lab::possible() {
        left_out("local catalogue files on a running agent", &why);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let lab = Lab::create(folder.path())?;
    let site = Site::start_with(SiteOptions {
        listen: Some(format!("{SERVER}:8443")),
        namespace: Some(lab.server.name().to_owned()),
        ..SiteOptions::default()
    })?;
    let local = folder.path().join("local");
    std::fs::create_dir(&local)?;
    let settings = format!("{SETTINGS}[catalogue]\nlocal = {local:?}\n");
    let agent = site.enrol("agent", Some(&lab.client), &settings)?;
    let process = agent.start(&["run"])?;
    let machine = Machine {
        process,
        clients: Vec::new(),
        agent,
        namespace: None,
    };
    wait_until("the agent runs", SWITCH * 2, || Ok(machine.runs()? != "?"))?;
    let before = machine.runs()?;
    std::fs::write(local.join("own.toml"), NEW_SERVICE)?;
    wait_until("the local file is taken in", SWITCH, || {
        Ok(machine.runs()?.starts_with(&format!("{before}.local.")))
    })?;
    let with_local = machine.runs()?;
    let bad = NEW_SERVICE
        .replace("brand-new", "other")
        .replace("chat.", "");
    std::fs::write(local.join("bad.toml"), bad.replace("vendor-doc", "hearsay"))?;
    wait_until("the bad file is refused", SWITCH, || {
        let reduced = machine.status()?["degradations"].to_string();
        Ok(reduced.contains("bad.toml:14: `confidence`"))
    })?;
    assert_eq!(machine.runs()?, with_local);
    std::fs::remove_file(local.join("bad.toml"))?;
    std::fs::remove_file(local.join("own.toml"))?;
    wait_until("what there was before runs again", SWITCH, || {
        Ok(machine.runs()? == before)
    })
}
