//! AI tools that are on the machine and silent: MCP servers of five clients, extensions of two browsers, an agent that
//! may do everything, in the homes of two people whose names must not leave.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::wait_until;
use serde_json::Value;

use crate::stage::{Stage, start};

const SETTINGS: &str = "mode = \"endpoint\"\n[report]\ninterval = \"1s\"\n";
/// Nothing of these may be in what the collector gets.
const CANARIES: [&str; 6] = [
    "canary-ann",
    "canary-bob",
    "canary-secret",
    "canary-project",
    "canary-argument",
    "canary-person",
];

/// What is in a home folder: path and content.
const ANN: [(&str, &str); 6] = [
    (
        ".config/Claude/claude_desktop_config.json",
        r#"{"mcpServers": {"filesystem": {"command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.7.1", "/home/canary-ann/canary-project"]}}}"#,
    ),
    (
        ".cursor/mcp.json",
        r#"{"mcpServers": {"linear": {"url": "https://mcp.linear.app/sse",
            "headers": {"Authorization": "Bearer canary-secret"}}}}"#,
    ),
    (
        ".gemini/settings.json",
        r#"{"mcpServers": {"browser": {"command": "npx", "args": ["-y", "@playwright/mcp@latest", "--profile=canary-argument"]}}}"#,
    ),
    (
        ".claude/settings.json",
        r#"{"permissions": {"defaultMode": "bypassPermissions"}}"#,
    ),
    (
        ".claude.json",
        r#"{"oauthAccount": {"emailAddress": "canary-person@contoso.example"}}"#,
    ),
    (
        ".config/google-chrome/Default/Extensions/nllcnknpjnininklegdoijpljgdjkijc/1.2_0/manifest.json",
        r#"{"name": "An assistant", "version": "1.2", "manifest_version": 3,
            "permissions": ["tabs"], "host_permissions": ["<all_urls>"]}"#,
    ),
];
const BOB: [(&str, &str); 4] = [
    (
        ".codex/config.toml",
        "approval_policy = \"never\"\n[mcp_servers.docs]\ncommand = \"uvx\"\nargs = [\"mcp-server-fetch\", \"canary-argument\"]\n",
    ),
    (
        ".config/Code/User/mcp.json",
        r#"{"servers": {"github": {"type": "http", "url": "https://api.githubcopilot.com/mcp/"}}}"#,
    ),
    (
        ".mozilla/firefox/profiles.ini",
        "[Profile0]\nName=default\nIsRelative=1\nPath=abc.default\n",
    ),
    (
        ".mozilla/firefox/abc.default/extensions.json",
        r#"{"schemaVersion": 36, "addons": [{"id": "firefox-extension@deepl.com", "version": "1.0", "type": "extension",
            "active": true, "userPermissions": {"permissions": ["tabs"], "origins": ["<all_urls>"]}}]}"#,
    ),
];

fn furnish(home: &Path, user: u32, files: &[(&str, &str)]) -> Result<()> {
    for (path, content) in files {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().context("has a parent")?)?;
        std::fs::write(path, content)?;
    }
    own(home, user)
}

fn own(path: &Path, user: u32) -> Result<()> {
    std::os::unix::fs::chown(path, Some(user), Some(user))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            own(&entry?.path(), user)?;
        }
    }
    Ok(())
}

/// Gives the client's namespace two people of its own: `ip netns exec` puts its files over those in /etc.
fn people(stage: &Stage, homes: &Path) -> Result<()> {
    let (ann, bob) = (homes.join("canary-ann"), homes.join("canary-bob"));
    furnish(&ann, 41_001, &ANN)?;
    furnish(&bob, 41_002, &BOB)?;
    let list = format!(
        "root:x:0:0:root:/nowhere:/bin/sh\ncanary-ann:x:41001:41001::{}:/bin/sh\ncanary-bob:x:41002:41002::{}:/bin/sh\n",
        ann.display(),
        bob.display()
    );
    let folder = Path::new("/etc/netns").join(stage.lab.client.name());
    Ok(std::fs::write(folder.join("passwd"), list)?)
}

/// All evidence about services of one vendor's tool, as one text each.
fn evidence(rows: &[Value], service: &str) -> Vec<String> {
    rows.iter()
        .filter(|row| {
            row["service"]["id"]
                .as_str()
                .is_some_and(|id| id.starts_with(service))
        })
        .flat_map(|row| row["evidence"].as_array().cloned().unwrap_or_default())
        .map(|item| item.to_string())
        .collect()
}

#[test]
fn what_is_installed_and_set_up_is_shown_for_each_person_without_naming_anybody() -> Result<()> {
    let Some(stage) = Stage::set("AI tools that are on the machine")? else {
        return Ok(());
    };
    let homes = tempfile::tempdir()?;
    people(&stage, homes.path())?;
    let agent = stage
        .site
        .enrol("agent", Some(&stage.lab.client), SETTINGS)?;
    let mut process = start(&agent, &stage.lab.client)?;
    let wanted: [(&str, &[&str]); 7] = [
        (
            "claude",
            &[
                "filesystem",
                "stdio",
                "@modelcontextprotocol/server-filesystem",
            ],
        ),
        ("cursor", &["linear", "mcp.linear.app"]),
        ("gemini", &["browser", "@playwright/mcp"]),
        ("codex", &["docs", "mcp-server-fetch"]),
        ("github-copilot", &["github", "api.githubcopilot.com"]),
        ("wordtune", &["tabs", "\"sites\",\"value\":\"all\""]),
        ("deepl", &["firefox-extension@deepl.com"]),
    ];
    let mut rows = Vec::new();
    let seen = wait_until(
        "the inventory shows all of it",
        Duration::from_secs(60),
        || {
            let answer = stage.site.query(&["usage"])?;
            rows = answer["items"].as_array().context("items")?.clone();
            Ok(wanted
                .iter()
                .all(|(service, _)| !evidence(&rows, service).is_empty()))
        },
    );
    let ids: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["service"]["id"], row["surface"], row["stage"]
            )
        })
        .collect();
    seen.with_context(|| format!("{ids:#?}\n{}", process.stderr()))?;
    let findings = stage.site.query(&["findings"])?;
    let rows = findings["items"].as_array().context("items")?.clone();
    for (service, words) in wanted {
        let all = evidence(&rows, service);
        let told = all
            .iter()
            .any(|item| words.iter().all(|word| item.contains(word)));
        assert!(told, "{service}: {all:#?}");
    }
    let all = findings.to_string();
    assert!(
        all.contains("bypass"),
        "an agent that may do everything is told"
    );
    assert!(
        all.contains("contoso.example"),
        "the domain of the account is told"
    );
    for canary in CANARIES {
        assert!(!all.contains(canary), "{canary} left the machine");
        assert!(!process.stderr().contains(canary), "{canary} is in the log");
    }
    let users: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| row["user"].as_str()).collect();
    assert_eq!(users.len(), 2, "{users:?}");
    let ended = process.terminate(Duration::from_secs(20))?;
    assert!(ended.success(), "{}", process.stderr());
    Ok(())
}
