//! Which program and which user: real programs of different users, with each way of finding out.

use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Namespace, Process, SERVER, quic_post, run, wait_until};
use serde_json::Value;

use crate::stage::{Stage, start, word};

/// Users are reported by name here, so that a test can tell them apart.
const PLAIN: &str = "[privacy]\nusers = \"plain\"\n";
/// Short-lived programs, one after another.
const SHORT: usize = 20;
/// Posts once over TLS without a look at the certificate, which this user may not read.
const PYTHON: &str = "import ssl,sys,urllib.request as u\n\
    c=ssl._create_unverified_context()\n\
    r=u.Request(sys.argv[1],data=b'x'*9000)\n\
    print(len(u.urlopen(r,context=c,timeout=20).read()))\n";
const NODE: &str = "fetch(process.argv[2],{method:'POST',body:'x'.repeat(9000)})\
    .then(r=>r.arrayBuffer()).then(b=>console.log(b.byteLength))\n";

/// What one program must be seen to do: service, program file, user, class, stage.
type Expected = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const EXPECTED: [Expected; 6] = [
    ("openai-api", "/curl", "daemon", "sdk-script", "used"),
    ("anthropic-api", "python", "games", "sdk-script", "used"),
    ("mistral", "node", "bin", "sdk-script", "used"),
    ("claude", "python", "root", "sdk-script", "used"),
    ("ollama", "/curl", "daemon", "sdk-script", "used"),
    ("chatgpt", "/curl", "games", "sdk-script", "contacted"),
];

/// Runs a program inside the namespace as a user.
fn run_as(namespace: &Namespace, user: &str, program: &[&str]) -> Result<e2e::Output> {
    let mut command = namespace.command("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
    command.env("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    run(command.args(program))?.success()
}

/// A folder that every user may read, removed at the end.
fn scripts() -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir()?;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
    std::fs::write(folder.path().join("post.py"), PYTHON)?;
    std::fs::write(folder.path().join("post.js"), NODE)?;
    Ok(folder)
}

/// A model server on the loopback of the client.
fn serve_models(stage: &Stage, folder: &std::path::Path) -> Result<Process> {
    let mut command = stage.lab.client.command(&stage.python.to_string_lossy());
    command.args(["-u", "-c", "import http.server as h\n\
        class H(h.BaseHTTPRequestHandler):\n\
        \tdef do_POST(s):\n\
        \t\ts.rfile.read(int(s.headers['content-length']))\n\
        \t\ts.send_response(200); s.send_header('content-length','60000'); s.end_headers(); s.wfile.write(b'x'*60000)\n\
        print('ready'); h.HTTPServer(('127.0.0.1',11434),H).serve_forever()"]);
    let server = Process::start(&mut command, folder, "models")?;
    wait_until("the model server listens", Duration::from_secs(10), || {
        Ok(server.stdout().contains("ready"))
    })?;
    Ok(server)
}

/// Runs curl inside the namespace as a user.
fn curl(namespace: &Namespace, user: &str, arguments: &[&str]) -> Result<()> {
    let fetch = ["curl", "-sSk", "-o", "/dev/null", "--max-time", "20"];
    run_as(namespace, user, &[&fetch, arguments].concat()).map(drop)
}

/// What the programs of [`EXPECTED`] do.
fn use_services(stage: &Stage, folder: &std::path::Path) -> Result<()> {
    let client = &stage.lab.client;
    let data = "x".repeat(9000);
    let path = |name: &str| folder.join(name).display().to_string();
    curl(
        client,
        "daemon",
        &["https://api.openai.com/bytes/60000", "--data-binary", &data],
    )?;
    let python = [
        "/usr/bin/python3",
        &path("post.py"),
        "https://api.anthropic.com:8444/bytes/60000",
    ];
    run_as(client, "games", &python)?;
    let node = [
        "/usr/bin/node",
        &path("post.js"),
        "https://api.mistral.ai/bytes/60000",
    ];
    run_as(client, "bin", &node)?;
    quic_post(
        &stage.python,
        client,
        &stage.pki,
        SERVER,
        "claude.ai",
        "/bytes/90000",
    )?
    .success()?;
    curl(
        client,
        "daemon",
        &[
            "http://127.0.0.1:11434/api/generate",
            "--data-binary",
            &data,
        ],
    )?;
    for _ in 0..SHORT {
        curl(client, "games", &["https://chatgpt.com/"])?;
    }
    Ok(())
}

fn rows(stage: &Stage, service: &str) -> Result<Vec<Value>> {
    let answer = stage.site.query(&["usage"])?;
    let items = answer["items"].as_array().context("items")?;
    Ok(items
        .iter()
        .filter(|item| word(&item["service"]["id"]).starts_with(service))
        .filter(|item| !matches!(item["stage"].as_str(), Some("installed" | "running")))
        .cloned()
        .collect())
}

/// Every row that names somebody names the right one; returns how many connections have a program.
fn check(row: &Value, expected: &Expected) -> u64 {
    let (service, program, user, class, _) = expected;
    let quality = row["attribution"]["quality"].as_str();
    let Some(process) = row["process"].as_str() else {
        assert_eq!(quality, Some("unknown"), "{row:#}");
        assert_ne!(word(&row["attribution"]["reason"]), "", "{row:#}");
        assert_eq!(row["user"], Value::Null, "{row:#}");
        return 0;
    };
    assert!(process.contains(program), "{service}: {process}");
    assert_eq!(row["user"].as_str(), Some(*user), "{service}: {row:#}");
    assert_eq!(row["class"].as_str(), Some(*class), "{service}: {row:#}");
    row["flow_count"].as_u64().unwrap_or_default()
}

/// Runs everything with one way of finding out.
fn with(backend: &str) -> Result<()> {
    let what = format!("programs and users through {backend}");
    let Some(stage) = Stage::set_with(&what, PLAIN)? else {
        return Ok(());
    };
    let folder = scripts()?;
    let lines = format!(
        "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n[presence]\nenabled = false\n\
         [attribution]\nbackend = \"{backend}\"\n"
    );
    let agent = stage.site.enrol("agent", Some(&stage.lab.client), &lines)?;
    let mut process = start(&agent, &stage.lab.client)?;
    let status: Value =
        serde_json::from_str(&agent.command(&["status", "--format", "json"])?.stdout)?;
    let used = word(&status["attribution"]["backend"]);
    let models = serve_models(&stage, folder.path())?;
    use_services(&stage, folder.path())?;
    let seen = wait_until("everything is reported", Duration::from_secs(40), || {
        for (service, .., expected) in &EXPECTED {
            let found = rows(&stage, service)?;
            if !found.iter().any(|row| row["stage"] == *expected) {
                return Ok(false);
            }
        }
        Ok(true)
    });
    let usage = stage.site.query(&["usage"])?;
    seen.with_context(|| format!("{usage:#}\n{}", process.stderr()))?;
    assert!(
        process.terminate(Duration::from_secs(20))?.success(),
        "{}",
        process.stderr()
    );
    for expected in &EXPECTED {
        let (service, .., stage_of_it) = expected;
        let found = rows(&stage, service)?;
        let known: u64 = found.iter().map(|row| check(row, expected)).sum();
        if used != "ebpf" {
            continue;
        }
        assert_eq!(found.len(), 1, "{service}: {found:#?}");
        let row = found.first().context("a row")?;
        assert_eq!(row["stage"], *stage_of_it, "{row:#}");
        assert_eq!(row["attribution"]["quality"], "exact", "{row:#}");
        let flows = if *service == "chatgpt" {
            SHORT as u64
        } else {
            1
        };
        assert_eq!(known, flows, "{row:#}");
        if *stage_of_it == "used" {
            let (out, back) = (row["bytes_out"].as_u64(), row["bytes_in"].as_u64());
            assert!(
                out.is_some_and(|out| (9_000..16_000).contains(&out)),
                "{row:#}"
            );
            assert!(
                back.is_some_and(|back| (60_000..110_000).contains(&back)),
                "{row:#}"
            );
        }
    }
    if backend == "off" {
        assert!(word(&status["degradations"]).is_empty() || used == "none");
    }
    drop(models);
    Ok(())
}

#[test]
fn programs_and_users_are_right_with_the_best_that_works() -> Result<()> {
    with("auto")
}

#[test]
fn programs_and_users_are_right_or_unknown_from_the_kernels_table() -> Result<()> {
    with("sock_diag")
}

#[test]
fn programs_and_users_are_right_or_unknown_from_proc() -> Result<()> {
    with("procfs")
}

#[test]
fn programs_and_users_are_unknown_when_that_is_switched_off() -> Result<()> {
    with("off")
}
