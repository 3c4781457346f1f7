//! Reads every byte that an agent ships in a busy run: no name outside the catalogue, no path below a home folder, no
//! value of an argument, no name of a user. And the pseudonym in it leads to the user, by two officers together.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{Namespace, program, run, wait_until};

use crate::recorder::Recorder;
use crate::stage::{Stage, start, word};

/// Nothing that holds this may leave: it is in every name, path, argument and secret that is nobody's business.
const CANARY: &str = "canary";
/// How often everything is done.
const ROUNDS: usize = 5;
/// Login name of the person.
const LOGIN: &str = "canaryperson";
/// Somebody that no other test uses.
const USER: u32 = 47_110;
const SETTINGS: &str = "{\"oauthAccount\":{\"emailAddress\":\"canaryperson@corp.example\"},\"mcpServers\":{\"github\":\
    {\"command\":\"npx\",\"args\":[\"-y\",\"@modelcontextprotocol/server-github\",\"--token\",\"canarysecret\"],\
    \"env\":{\"GITHUB_TOKEN\":\"canarysecret\"}}},\"projects\":{\"/home/canaryperson/canaryproject\":{}}}";
const POST: &str = "import ssl,sys,urllib.request as u\n\
    c=ssl._create_unverified_context()\n\
    r=u.Request(sys.argv[1],data=b'canary'*1500,headers={'Authorization':'Bearer canarysecret'})\n\
    print(len(u.urlopen(r,context=c,timeout=20).read()))\n";

/// A person with a home folder, whom only the processes of one namespace know.
struct Person {
    home: PathBuf,
    _folder: tempfile::TempDir,
}

impl Person {
    fn settle(namespace: &Namespace) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let home = folder.path().join("home").join(LOGIN);
        let tools = home.join("canaryproject/tools");
        fs::create_dir_all(&tools)?;
        let curl = run(Command::new("sh").args(["-c", "command -v curl"]))?.success()?;
        fs::copy(curl.stdout.trim(), tools.join("curl"))?;
        fs::write(home.join("canaryproject/post.py"), POST)?;
        fs::write(home.join(".claude.json"), SETTINGS)?;
        let extension = home.join(".vscode/extensions/github.copilot-1.250.0");
        fs::create_dir_all(&extension)?;
        fs::write(
            extension.join("package.json"),
            "{\"name\":\"copilot\",\"publisher\":\"GitHub\",\"version\":\"1.250.0\"}",
        )?;
        own(&home)?;
        // `ip netns exec` puts what is here over /etc.
        let etc = Path::new("/etc/netns").join(namespace.name());
        fs::create_dir_all(&etc)?;
        let mut accounts = fs::read_to_string("/etc/passwd")?;
        accounts.push_str(&format!(
            "{LOGIN}:x:{USER}:{USER}::{}:/bin/sh\n",
            home.display()
        ));
        fs::write(etc.join("passwd"), accounts)?;
        Ok(Self {
            home,
            _folder: folder,
        })
    }

    fn run(&self, namespace: &Namespace, program: &[&str]) -> Result<e2e::Output> {
        let mut command = namespace.command("setpriv");
        let id = USER.to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
        command.env("HOME", &self.home).current_dir(&self.home);
        run(command.args(program))
    }

    fn path(&self, name: &str) -> String {
        self.home
            .join("canaryproject")
            .join(name)
            .display()
            .to_string()
    }
}

fn own(path: &Path) -> Result<()> {
    chown(path, Some(USER), Some(USER))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            own(&entry?.path())?;
        }
    }
    Ok(())
}

/// An AI service, and beside it much that is nobody's business.
fn be_busy(stage: &Stage, person: &Person) -> Result<()> {
    let client = &stage.lab.client;
    let curl = person.path("tools/curl");
    let data = "canary".repeat(1500);
    for url in [
        "https://api.openai.com/bytes/60000?canaryquery=1",
        "https://canaryuser:canarysecret@chatgpt.com/canarypath",
        "http://10.77.0.2:11434/api/generate?canaryquery=1",
        "https://payroll.canaryhost.example/canarypath",
        "https://canaryhost.internal/",
        "http://canaryhost.example:11434/canarypath",
    ] {
        let fetch = [
            &curl,
            "-sSk",
            "-o",
            "/dev/null",
            "--max-time",
            "20",
            "-H",
            "X-Canary: canaryvalue",
            "-A",
            "canaryagent/1.0",
            "--data-binary",
            &data,
            url,
        ];
        person.run(client, &fetch)?.success()?;
    }
    let script = person.path("post.py");
    for url in [
        "https://api.anthropic.com:8444/bytes/60000",
        "https://www.canaryhost.example/bytes/1000",
    ] {
        person
            .run(
                client,
                &[
                    "/usr/bin/python3",
                    &script,
                    url,
                    "--api-key",
                    "canarysecret",
                ],
            )?
            .success()?;
    }
    person
        .run(client, &["getent", "ahostsv4", "lookup.canaryhost.example"])?
        .success()?;
    Ok(())
}

/// Makes two officers' keys; returns the lines for the collector's configuration.
fn officers(folder: &Path) -> Result<String> {
    let mut public = Vec::new();
    for name in ["1.key", "2.key"] {
        let key = folder.join(name);
        let mut keygen = Command::new(program("gnomon-collector")?);
        run(keygen.args(["privacy", "keygen", "--out"]).arg(&key))?.success()?;
        public.push(format!("\"{}.pub\"", key.display()));
    }
    Ok(format!("[privacy]\nofficers = [{}]\n", public.join(", ")))
}

/// The user that a row of the inventory names.
fn label(stage: &Stage, service: &str) -> Result<Option<String>> {
    let answer = stage.site.query(&["usage"])?;
    let rows = answer["items"].as_array().context("items")?;
    let row = rows
        .iter()
        .find(|row| word(&row["service"]["id"]).starts_with(service) && row["stage"] == "used");
    Ok(row
        .and_then(|row| row["user"].as_str())
        .map(ToOwned::to_owned))
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part.eq_ignore_ascii_case(text.as_bytes()))
}

/// The readable text around the first place where `text` is.
fn around(bytes: &[u8], text: &str) -> String {
    let at = bytes
        .windows(text.len())
        .position(|part| part.eq_ignore_ascii_case(text.as_bytes()));
    let from = at.unwrap_or_default().saturating_sub(120);
    let part = bytes.iter().skip(from).take(300);
    part.map(|byte| {
        if byte.is_ascii_graphic() {
            char::from(*byte)
        } else {
            ' '
        }
    })
    .collect()
}

#[test]
fn every_byte_shipped_holds_nothing_that_is_nobodys_business() -> Result<()> {
    let keys = tempfile::tempdir()?;
    let Some(stage) = Stage::set_with("every byte that is shipped", &officers(keys.path())?)?
    else {
        return Ok(());
    };
    let person = Person::settle(&stage.lab.client)?;
    let lines = "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n[log]\nlevel = \"info\"\n";
    let agent = stage.site.enrol("agent", Some(&stage.lab.client), lines)?;
    let recorder = Recorder::start(&stage.site, &agent, stage.lab.server.name())?;
    agent.configure(&format!(
        "{lines}[collector]\naddress = \"{}\"\n",
        recorder.address
    ))?;
    let mut process = start(&agent, &stage.lab.client)?;
    for _ in 0..ROUNDS {
        be_busy(&stage, &person)?;
    }

    let wanted = ["openai-api", "anthropic-api", "ollama"];
    let seen = wait_until(
        "what was used is reported with its user",
        Duration::from_secs(60),
        || {
            for service in wanted {
                if label(&stage, service)?.is_none() {
                    return Ok(false);
                }
            }
            Ok(["@modelcontextprotocol/server-github", "github.copilot"]
                .iter()
                .all(|found| has(&recorder.bytes(), found)))
        },
    );
    let usage = stage.site.query(&["usage"])?;
    seen.with_context(|| format!("{usage:#}\n{}", process.stderr()))?;
    let label = label(&stage, "openai-api")?.context("a user")?;
    ensure!(
        process.terminate(Duration::from_secs(20))?.success(),
        "{}",
        process.stderr()
    );

    let bytes = recorder.bytes();
    for recorded in [
        "api.openai.com",
        "api.anthropic.com",
        "curl",
        "python",
        &label,
    ] {
        assert!(
            has(&bytes, recorded),
            "{recorded} was not recorded: nothing is proved"
        );
    }
    let home = person.home.display().to_string();
    for nobodys in [CANARY, &home, "corp.example/", ".vscode/", "projects/"] {
        assert!(
            !has(&bytes, nobodys),
            "{nobodys} left: {}",
            around(&bytes, nobodys)
        );
    }
    assert!(
        !process.stderr().to_ascii_lowercase().contains(CANARY),
        "{}",
        process.stderr()
    );
    assert!(label.starts_with("u-") && label.len() == 12, "{label}");
    shown_in_words(&agent, &label)?;
    unmasked(&stage, keys.path(), &label)
}

/// The employee reads the same.
fn shown_in_words(agent: &e2e::Agent, label: &str) -> Result<()> {
    let shown = agent.command(&["show"])?.success()?.stdout;
    for part in [label, "a pseudonym; the name goes along sealed", "~/"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains(LOGIN), "{shown}");
    let notice = agent.command(&["notice"])?.success()?.stdout;
    assert!(notice.contains("sealed twice"), "{notice}");
    Ok(())
}

/// One officer cannot, both can.
fn unmasked(stage: &Stage, keys: &Path, label: &str) -> Result<()> {
    let path = |name: &str| keys.join(name).display().to_string();
    let (first, second) = (path("1.key"), path("2.key"));
    let (sealed, half) = (path("sealed.json"), path("half.json"));
    let ask = ["unmask", label, "--reason", "test", "--out", &sealed];
    stage.site.cli(&ask)?.success()?;
    let alone = ["unmask", "open", "--key", &second, &sealed];
    assert!(!stage.site.cli(&alone)?.status.success());
    let open = ["unmask", "open", "--key", &first, "--out", &half, &sealed];
    stage.site.cli(&open)?.success()?;
    let open = ["unmask", "open", "--key", &second, &half];
    let name = stage.site.cli(&open)?.success()?.stdout;
    assert!(
        name.starts_with(&format!("{label} is {LOGIN}, as sensor ")),
        "{name}"
    );
    Ok(())
}
