//! Real programs on an endpoint: a browser, two SDKs, command lines, an HTTP/3 client and a local model server; the
//! inventory names each with its program, user, class, stage and bytes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Agent, Lab, Pki, Process, SERVER, Site, SiteOptions, left_out, peers_node, peers_python, run,
    serve_peers, wait_until,
};
use serde_json::Value;

const NAMES: [&str; 6] = [
    "api.openai.com",
    "api.anthropic.com",
    "api.mistral.ai",
    "claude.ai",
    "www.perplexity.ai",
    "www.example.org",
];
const PROMPT: u64 = 9_000;
/// Users of the machine; they need no name.
const ANN: &str = "41001";
const BOB: &str = "41002";

/// What one program is expected to leave in the inventory.
struct Expected {
    service: &'static str,
    program: &'static str,
    class: &'static str,
    user: &'static str,
}

const EXPECTED: [Expected; 6] = [
    Expected {
        service: "mistral",
        program: "curl",
        class: "sdk-script",
        user: ANN,
    },
    Expected {
        service: "openai",
        program: "openai_sdk.py",
        class: "sdk-script",
        user: ANN,
    },
    Expected {
        service: "anthropic",
        program: "anthropic_sdk.mjs",
        class: "sdk-script",
        user: BOB,
    },
    Expected {
        service: "claude",
        program: "chromium",
        class: "browser",
        user: BOB,
    },
    Expected {
        service: "perplexity",
        program: "quic_request.py",
        class: "sdk-script",
        user: BOB,
    },
    Expected {
        service: "ollama",
        program: "curl",
        class: "sdk-script",
        user: ANN,
    },
];

/// Everything the test stands on, dropped in this order.
struct Stage {
    _local: Process,
    _peers: Process,
    agent: Agent,
    site: Site,
    pki: Pki,
    lab: Lab,
    python: PathBuf,
    node: PathBuf,
    folder: tempfile::TempDir,
}

impl Stage {
    fn set(what: &str, attribution: &str) -> Result<Option<Self>> {
        if let Err(why) = Lab::possible() {
            left_out(what, &why);
            return Ok(None);
        }
        let (Some(python), Some(node)) = (peers_python(), peers_node()) else {
            left_out(
                what,
                "no Python and Node libraries; tests/run.sh sets them up",
            );
            return Ok(None);
        };
        if run(Command::new("chromium").arg("--version")).is_err() {
            left_out(what, "no chromium; tests/run.sh installs it");
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        open_to_all(folder.path())?;
        let lab = Lab::create(folder.path())?;
        let pki = Pki::create(folder.path(), &NAMES)?;
        open_to_all(&pki.authority())?;
        let peers = serve_peers(&python, &lab.server, SERVER, &pki, folder.path())?;
        let local = serve_peers(
            &python,
            &lab.client,
            "127.0.0.1",
            &pki,
            &folder.path().join(""),
        )?;
        let site = Site::start_with(SiteOptions {
            listen: Some(format!("{SERVER}:8443")),
            namespace: Some(lab.server.name().to_owned()),
            ..SiteOptions::default()
        })?;
        let lines = format!(
            "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n[presence]\nenabled = false\n{attribution}"
        );
        let agent = site.enrol("agent", Some(&lab.client), &lines)?;
        Ok(Some(Self {
            _local: local,
            _peers: peers,
            agent,
            site,
            pki,
            lab,
            python,
            node,
            folder,
        }))
    }

    /// Runs a program in the client's namespace as a user.
    fn as_user(&self, user: &str, program: &Path, arguments: &[&str]) -> Result<()> {
        let home = self.folder.path().join(user);
        std::fs::create_dir_all(&home)?;
        open_to_all(&home)?;
        let mut command = self.lab.client.command("setpriv");
        command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
        command.arg(program).args(arguments);
        command.env("HOME", &home);
        command.env("NODE_EXTRA_CA_CERTS", self.pki.authority());
        command.current_dir(&home);
        run(&mut command)?
            .success()
            .with_context(|| format!("{} of {user}", program.display()))
            .map(drop)
    }

    fn run_programs(&self) -> Result<()> {
        let authority = self.pki.authority();
        let authority = authority.to_string_lossy();
        let prompt = "x".repeat(usize::try_from(PROMPT)?);
        let bytes = PROMPT.to_string();
        let peer = |name: &str| {
            e2e::workspace()
                .join("tests/harness/peers")
                .join(name)
                .to_string_lossy()
                .into_owned()
        };
        let curl = Path::new("/usr/bin/curl");
        let ask = [
            "-sS",
            "-o",
            "/dev/null",
            "--max-time",
            "20",
            "--cacert",
            &*authority,
            "--data-binary",
            &prompt,
        ];
        let to = |url: &'static str| ask.iter().copied().chain([url]).collect::<Vec<_>>();
        self.as_user(ANN, curl, &to("https://api.mistral.ai/v1/chat/completions"))?;
        self.as_user(
            ANN,
            curl,
            &to("https://www.example.org/v1/chat/completions"),
        )?;
        self.as_user(ANN, curl, &to("http://127.0.0.1:11434/api/generate"))?;
        let script = peer("openai_sdk.py");
        self.as_user(
            ANN,
            &self.python,
            &[&script, "--cacert", &authority, &bytes],
        )?;
        let script = peer("anthropic_sdk.mjs");
        let node = Path::new("/usr/bin/node");
        self.as_user(BOB, node, &[&script, &self.node.to_string_lossy(), &bytes])?;
        let script = peer("quic_request.py");
        let connect = format!("{SERVER}:443");
        let arguments = [
            &*script,
            "--cacert",
            &authority,
            "--connect",
            &connect,
            "--post",
            &bytes,
        ];
        let arguments: Vec<&str> = arguments
            .into_iter()
            .chain(["www.perplexity.ai", "/bytes/60000"])
            .collect();
        self.as_user(BOB, &self.python, &arguments)?;
        let profile = format!(
            "--user-data-dir={}",
            self.folder.path().join(BOB).join("profile").display()
        );
        let mut arguments = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ];
        arguments.extend([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]);
        arguments.extend([
            "--ignore-certificate-errors",
            &profile,
            "--virtual-time-budget=10000",
            "--dump-dom",
            "https://claude.ai/page/60000",
        ]);
        self.as_user(BOB, Path::new("/usr/bin/chromium"), &arguments)
    }

    fn usage(&self) -> Result<Vec<Value>> {
        let answer = self.site.query(&["usage"])?;
        Ok(answer["items"].as_array().context("items")?.clone())
    }

    fn start(&self) -> Result<Process> {
        let mut process = self.agent.start(&["run"])?;
        wait_until("the agent captures", Duration::from_secs(30), || {
            ensure!(
                process.ended()?.is_none(),
                "the agent ended: {}",
                process.stderr()
            );
            let status = self.agent.command(&["status", "--format", "json"])?;
            let status: Value = serde_json::from_str(&status.stdout)?;
            Ok(status["interfaces"].as_array().is_some_and(|all| {
                all.len() >= 2 && all.iter().all(|interface| interface["capturing"] == true)
            }))
        })
        .with_context(|| process.stderr())?;
        Ok(process)
    }
}

fn open_to_all(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(0o777),
    )?)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Rows of a service that came at least as far as contact.
fn contacts<'v>(rows: &'v [Value], service: &str) -> Vec<&'v Value> {
    rows.iter()
        .filter(|row| text(&row["service"]["id"]).starts_with(service))
        .filter(|row| matches!(text(&row["stage"]), "contacted" | "used"))
        .collect()
}

fn settled(stage: &Stage, process: &Process) -> Result<Vec<Value>> {
    let complete = wait_until(
        "the inventory shows what was used",
        Duration::from_secs(40),
        || {
            let rows = stage.usage()?;
            Ok(EXPECTED.iter().all(|expected| {
                contacts(&rows, expected.service)
                    .iter()
                    .any(|row| text(&row["stage"]) == "used")
            }))
        },
    );
    let rows = stage.usage()?;
    complete.with_context(|| {
        let brief: Vec<String> = rows
            .iter()
            .map(|row| {
                format!(
                    "{} {} {} {}",
                    row["service"]["id"], row["process"], row["stage"], row["bytes_out"]
                )
            })
            .collect();
        format!("{brief:#?}\n{}", process.stderr())
    })?;
    Ok(rows)
}

#[test]
fn each_program_is_shown_with_its_user_class_stage_and_bytes() -> Result<()> {
    let Some(stage) = Stage::set("real programs on an endpoint", "")? else {
        return Ok(());
    };
    let mut process = stage.start()?;
    stage.run_programs()?;
    let rows = settled(&stage, &process)?;
    let mut users = std::collections::BTreeMap::new();
    for expected in &EXPECTED {
        let found = contacts(&rows, expected.service);
        assert_eq!(found.len(), 1, "{}: {found:#?}", expected.service);
        let row = found[0];
        assert!(text(&row["process"]).contains(expected.program), "{row:#}");
        assert_eq!(text(&row["attribution"]["quality"]), "exact", "{row:#}");
        assert_eq!(text(&row["class"]), expected.class, "{row:#}");
        let sent = row["bytes_out"].as_u64().context("bytes_out")?;
        let why = text(&row["attribution"]["class_reason"]);
        if expected.class == "browser" {
            assert!(why.contains("as Chromium does"), "{row:#}");
        } else {
            assert!((PROMPT..2 * PROMPT).contains(&sent), "{row:#}");
        }
        let label = text(&row["user"]).to_owned();
        assert!(
            !label.is_empty() && !label.contains(expected.user),
            "{row:#}"
        );
        let known = users.entry(expected.user).or_insert_with(|| label.clone());
        assert_eq!(*known, label, "one user has one pseudonym");
    }
    assert_ne!(users[ANN], users[BOB]);
    assert!(
        rows.iter()
            .all(|row| !row.to_string().contains("example.org"))
    );
    let status = process.terminate(Duration::from_secs(20))?;
    assert!(status.success(), "{}", process.stderr());
    Ok(())
}

#[test]
fn without_kernel_events_a_program_is_right_or_unknown() -> Result<()> {
    for backend in ["sock_diag", "procfs", "off"] {
        let lines = format!("[attribution]\nbackend = \"{backend}\"\n");
        let what = format!("real programs with attribution by {backend}");
        let Some(stage) = Stage::set(&what, &lines)? else {
            return Ok(());
        };
        let mut process = stage.start()?;
        stage.run_programs()?;
        let rows = settled(&stage, &process)?;
        for expected in &EXPECTED {
            for row in contacts(&rows, expected.service) {
                let quality = text(&row["attribution"]["quality"]);
                if quality == "unknown" {
                    assert!(row["process"].is_null(), "{row:#}");
                    assert!(!text(&row["attribution"]["reason"]).is_empty(), "{row:#}");
                } else {
                    assert_eq!(quality, "polled", "{row:#}");
                    assert!(text(&row["process"]).contains(expected.program), "{row:#}");
                }
            }
        }
        let status = process.terminate(Duration::from_secs(20))?;
        assert!(status.success(), "{}", process.stderr());
    }
    Ok(())
}
