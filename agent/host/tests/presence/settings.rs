//! How freely agents may act, and with what sort of account tools are signed in.

use data_encoding::BASE64URL_NOPAD;
use flow::TraceKind;

use super::device::{Device, tool_rows};

#[test]
fn settings_that_let_agents_act_unasked() {
    let device = Device::new();
    device.put_home(
        ".claude/settings.json",
        r#"{"permissions": {"defaultMode": "bypassPermissions", "allow": ["Bash(git:*)", "Bash(*)"]}}"#,
    );
    device.put_home(
        ".claude/settings.local.json",
        r#"{"enableAllProjectMcpServers": true}"#,
    );
    device.put_home(
        ".codex/config.toml",
        "approval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n",
    );
    device.put_home(
        ".gemini/settings.json",
        r#"{"general": {"defaultApprovalMode": "yolo"}, "tools": {"autoAccept": false}}"#,
    );
    device.put_home(".config/Code/User/settings.json", r#"{"chat.tools.global.autoApprove": true, "chat.tools.terminal.autoApprove": {"/.*/": true, "ls": true}}"#);
    device.put_home(".config/goose/config.yaml", "GOOSE_MODE: \"auto\"\n");
    device.put_home(".aider.conf.yml", "## settings\nyes-always: true\n");
    device.put_home(
        ".config/opencode/opencode.json",
        r#"{"permission": {"bash": {"*": "allow", "rm *": "ask"}, "edit": "ask"}}"#,
    );
    device.put_home(
        ".cursor/cli-config.json",
        r#"{"version": 1, "permissions": {"allow": ["Shell(**)"], "deny": []}}"#,
    );
    let scan = device.scan();
    assert_eq!(scan.degradations, Vec::<String>::new());
    assert_eq!(
        tool_rows(&scan, TraceKind::AgentSetting),
        [
            "aider: every question is answered with yes freedom=full",
            "claude-code: all servers of projects are enabled freedom=broad",
            "claude-code: every command is allowed freedom=full",
            "claude-code: permission mode bypassPermissions freedom=full",
            "codex: approval policy never freedom=full",
            "codex: sandbox mode danger-full-access freedom=full",
            "cursor: every command is allowed freedom=full",
            "gemini-cli: approval mode yolo freedom=full",
            "github-copilot: every command is approved automatically freedom=full",
            "github-copilot: tool calls are approved automatically freedom=full",
            "goose: mode auto freedom=full",
            "opencode: every command is allowed freedom=full",
        ]
    );
}

#[test]
fn careful_settings_are_no_news() {
    let device = Device::new();
    device.put_home(".claude/settings.json", r#"{"permissions": {"defaultMode": "plan", "allow": ["Bash(git:*)"], "deny": ["Bash(*)"]}}"#);
    device.put_home(
        ".codex/config.toml",
        "approval_policy = \"on-request\"\nsandbox_mode = \"workspace-write\"\n",
    );
    device.put_home(".config/Code/User/settings.json", r#"{"chat.tools.global.autoApprove": false, "chat.tools.terminal.autoApprove": {"ls": true}}"#);
    device.put_home(".config/goose/config.yaml", "GOOSE_MODE: approve\n");
    device.put_home(".aider.conf.yml", "# yes-always: true\n");
    assert_eq!(
        tool_rows(&device.scan(), TraceKind::AgentSetting),
        Vec::<String>::new()
    );
}

fn token(content: &str) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"RS256"}"#),
        part(content),
        part("signature")
    )
}

#[test]
fn of_an_account_the_domain_is_known_alone() {
    let device = Device::new();
    device.put_home(
        ".claude.json",
        r#"{"oauthAccount": {"emailAddress": "anna.k@acme.example", "organizationName": "Acme"}}"#,
    );
    device.put_home(
        ".codex/auth.json",
        format!(
            r#"{{"tokens": {{"id_token": "{}"}}}}"#,
            token(r#"{"email":"a.private@GMail.com","sub":"1"}"#)
        ),
    );
    device.put_home(
        ".gemini/google_accounts.json",
        r#"{"active": null, "old": []}"#,
    );
    device.put_home(
        ".config/github-copilot/apps.json",
        r#"{"github.com:Iv1": {"user": "annak", "oauth_token": "gho_x"}}"#,
    );
    device.put_home(
        ".config/Cursor/User/globalStorage/state.vscdb",
        "SQLite format 3",
    );
    let scan = device.scan();
    assert_eq!(
        tool_rows(&scan, TraceKind::Account),
        [
            "claude-code: corporate account domain=acme.example",
            "codex: personal account domain=gmail.com",
            "cursor: account not observable",
            "github-copilot: account not observable",
        ]
    );
}
