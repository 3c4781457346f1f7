//! A home folder full of private texts: none of them is in anything that a scan says.

use std::fs;
use std::os::unix::fs::symlink;

use data_encoding::BASE64URL_NOPAD;
use flow::{PresenceBook, TraceKind};
use signatures::{Catalogue, Platform};
use wire::Timestamp;

use super::device::Device;

/// Parts of private texts, each different, so that a test can say which one leaked.
const CANARIES: &[&str] = &[
    "kowalska",
    "canarysecret",
    "canaryarg",
    "canaryproject",
    "canaryfile",
    "canaryuser",
    "canaryenv",
    "canaryheader",
    "canarypath",
    "canaryquery",
    "canaryhost",
    "canaryregistry",
    "canarytoken",
    "canarycomment",
    "canaryprompt",
    "canarydisplay",
    "canarymail",
];

/// The canaries that may not be in a scan either: all but the host, which the book of traces stops, and the login,
/// which the scan keeps apart for the pseudonym.
fn check(text: &str, allowed: &[&str]) {
    let text = text.to_lowercase();
    for canary in CANARIES.iter().filter(|canary| !allowed.contains(canary)) {
        assert!(!text.contains(canary), "{canary} leaves in {text}");
    }
}

const SERVERS: &str = r#"{
    // canarycomment
    "mcpServers": {
        "kowalska-notes": {"command": "/home/kowalska/canarypath/run.sh", "args": ["--dir", "/home/kowalska/canaryproject"]},
        "mail for canarymail@corp.example": {"command": "npx", "args": ["-y", "mcp-mail", "--user", "canaryarg"]},
        "sk-canarysecret0123456789abcdefgh": {"command": "uvx", "args": ["mcp-x", "--api-key", "canarysecret"]},
        "db": {"command": "docker", "args": ["run", "-v", "/home/kowalska/canaryproject:/w", "-e", "PASSWORD=canaryenv", "registry.canaryregistry.example/team/canaryproject:1.2.3", "canaryarg"]},
        "web": {"url": "https://canaryuser:canarysecret@mcp.canaryhost.example/canarypath?api_key=canaryquery", "headers": {"Authorization": "Bearer canaryheader"}},
        "node": {"command": "node", "args": ["/home/kowalska/canaryproject/canaryfile.js"], "env": {"TOKEN": "canarytoken"}},
        "py": {"command": "python", "args": ["/home/kowalska/canaryfile.py"]},
        "line": {"command": "uv run --directory /home/kowalska/canaryproject canaryfile"}
    }
}"#;

fn device() -> Device {
    let device = Device::new();
    for file in [
        ".config/Claude/claude_desktop_config.json",
        ".cursor/mcp.json",
        ".codeium/windsurf/mcp_config.json",
        ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        ".gemini/settings.json",
        ".lmstudio/mcp.json",
        ".aws/amazonq/mcp.json",
    ] {
        device.put_home(file, SERVERS);
    }
    device.put_home(
        ".config/Code/User/mcp.json",
        SERVERS.replace("mcpServers", "servers"),
    );
    device.put_home(
        ".claude.json",
        r#"{"oauthAccount": {"emailAddress": "canaryuser@corp.example", "displayName": "canarydisplay"},
            "projects": {"/home/kowalska/canaryproject": {"mcpServers": {"p": {"command": "npx", "args": ["a-package", "canaryarg"]}}, "history": [{"display": "canaryprompt"}]}}}"#,
    );
    let content = BASE64URL_NOPAD
        .encode(br#"{"email":"canarymail@kowalska.example","name":"canarydisplay"}"#);
    device.put_home(
        ".codex/auth.json",
        format!(
            r#"{{"OPENAI_API_KEY": "canarysecret", "tokens": {{"id_token": "x.{content}.y"}}}}"#
        ),
    );
    device.put_home(".codex/config.toml", "# canarycomment\napproval_policy = \"never\"\n[projects.\"/home/kowalska/canaryproject\"]\ntrust_level = \"trusted\"\n[mcp_servers.t]\ncommand = \"npx\"\nargs = [\"b-package\", \"canaryarg\"]\n");
    device.put_home(".config/goose/config.yaml", "GOOSE_MODE: auto\nextensions:\n  g:\n    cmd: npx\n    args: [c-package, canaryarg]\n    envs: { A_KEY: canaryenv }\n");
    device.put_home(
        ".config/github-copilot/apps.json",
        r#"{"github.com": {"user": "canaryuser", "oauth_token": "gho_canarytoken"}}"#,
    );
    device.put_home(".config/google-chrome/Default/Extensions/kbfnbcaeplbcioakkpcpgfkobkghlhen/1.0_0/manifest.json", r#"{"name": "canarydisplay", "permissions": ["tabs", "https://canaryhost.example/*", "canarysecret"]}"#);
    device.put_home(".vscode/extensions/extensions.json", r#"[{"identifier": {"id": "github.copilot"}, "version": "canarysecret", "location": {"path": "/home/kowalska/canarypath"}}]"#);
    device.put_home(
        "canaryproject/lib/python3.12/site-packages/openai-1.0.dist-info/METADATA",
        "canarysecret",
    );
    device.put_home("canaryproject/pyvenv.cfg", "");
    device.put_home("models/kowalska-canary.gguf", "");
    device.put_home(".lmstudio/models/kowalska/private/model.gguf", "");
    device.put_home("Downloads/canaryfile.AppImage", "");
    device.put_home(".local/share/applications/aider.desktop", "[Desktop Entry]\nName=canarydisplay\nExec=/home/kowalska/canarypath/aider --message canaryarg\n");
    device.put("proc/7/comm", "node\n");
    device.put("proc/7/cmdline", "node\0/home/kowalska/canaryproject/node_modules/@openai/codex/bin/codex.js\0canaryprompt\0--key\0canarysecret\0");
    symlink("/home/kowalska/canarypath/node", device.path("proc/7/exe")).unwrap();
    device.put("proc/8/comm", "ollama\n");
    symlink("/srv/canaryproject/ollama", device.path("proc/8/exe")).unwrap();
    // What cannot be read or understood is told, too.
    device.put_home(".qwen/settings.json", "canarysecret {{{");
    fs::create_dir_all(device.home(".kiro/settings/mcp.json")).unwrap();
    device.link(".continue", "/home/kowalska/.continue");
    device
}

#[test]
fn nothing_private_is_in_a_scan() {
    let scan = device().scan();
    assert!(scan.traces.len() > 50, "{}", scan.traces.len());
    assert!(scan.degradations.len() >= 2, "{:?}", scan.degradations);
    for trace in &scan.traces {
        let texts = format!("{:?} {} {:?}", trace.listed, trace.value, trace.attributes);
        check(&texts, &["canaryhost"]);
        let hosts = trace
            .attributes
            .iter()
            .filter(|one| one.name != flow::Attribute::HOST);
        check(&format!("{:?}", hosts.collect::<Vec<_>>()), &[]);
    }
    check(&format!("{:?} {:?}", scan.degradations, scan.counts), &[]);
}

#[test]
fn nothing_private_is_in_a_report() {
    let scan = device().scan();
    let mut book = PresenceBook::new(0, Platform::Linux);
    let at = Timestamp::from_nanos(1_000);
    book.set(scan.traces, at);
    let reports = book.reports(Catalogue::builtin(), at, Timestamp::from_nanos(0));
    assert!(reports.len() > 50, "{}", reports.len());
    for one in &reports {
        check(&format!("{:?}", one.report), &[]);
        assert!(one.login.is_none() || one.login.as_deref() == Some("kowalska"));
    }
}

#[test]
fn what_is_told_is_still_of_use() {
    let scan = device().scan();
    let servers = super::device::tool_rows(&scan, TraceKind::McpServer);
    for expected in [
        "cursor: db launcher=docker pinned=yes scope=user secret=present transport=stdio",
        "cursor: mail for canarymail@corp.example",
        "cursor: redacted launcher=npx package=mcp-mail pinned=no scope=user transport=stdio",
        "cursor: redacted launcher=uvx package=mcp-x pinned=no scope=user secret=present transport=stdio",
    ] {
        let is_there = servers.iter().any(|server| server == expected);
        assert_eq!(
            is_there,
            !expected.contains("canarymail"),
            "{expected} in {servers:#?}"
        );
    }
}
