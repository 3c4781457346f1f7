//! How freely agents may act: the settings that let them run commands or change files unasked.

use flow::{Attribute, TraceKind};
use serde_json::Value;

use super::{Look, Place, tool};
use crate::presence::disk::MAX_SETTINGS;
use crate::presence::read::{Format, at};

/// What a setting has to be.
#[derive(Clone, Copy, Debug)]
enum Test {
    /// Switched on.
    On,
    /// One of these words.
    Is(&'static [&'static str]),
    /// A list with one of these, or a mapping in which one of these is switched on or allowed.
    Has(&'static [&'static str]),
}

/// A setting that gives freedom.
#[derive(Clone, Copy, Debug)]
struct Rule {
    service: &'static str,
    /// Path below the home folder; `*` stands for any text in one part of it.
    file: &'static str,
    format: Format,
    keys: &'static [&'static str],
    test: Test,
    /// What it is called in findings.
    says: &'static str,
    /// `full` when nothing is asked, `broad` when much is not.
    freedom: &'static str,
}

const fn json(
    service: &'static str,
    file: &'static str,
    keys: &'static [&'static str],
    test: Test,
    (says, freedom): (&'static str, &'static str),
) -> Rule {
    Rule {
        service,
        file,
        format: Format::Json,
        keys,
        test,
        says,
        freedom,
    }
}

const fn toml(
    service: &'static str,
    file: &'static str,
    keys: &'static [&'static str],
    test: Test,
    says: (&'static str, &'static str),
) -> Rule {
    Rule {
        format: Format::Toml,
        ..json(service, file, keys, test, says)
    }
}

const fn yaml(
    service: &'static str,
    file: &'static str,
    keys: &'static [&'static str],
    test: Test,
    says: (&'static str, &'static str),
) -> Rule {
    Rule {
        format: Format::Yaml,
        ..json(service, file, keys, test, says)
    }
}

const CLAUDE: &str = ".claude/settings*.json";
const CODE: &str = ".config/Code*/User/settings.json";
const CODEX: &str = ".codex/config.toml";
const GEMINI: &str = ".gemini/settings.json";
const QWEN: &str = ".qwen/settings.json";
const CURSOR: &str = ".cursor/cli-config.json";
const CLINE: &str = ".cline/data/globalState.json";
const OPENCODE: &str = ".config/opencode/opencode.json*";
const ANY_COMMAND: Test = Test::Has(&["*", "Bash", "Bash(*)", "Bash(*:*)", "Bash(:*)"]);
const ANY_SHELL: Test = Test::Has(&["Shell(*)", "Shell(**)", "Shell(*:*)", "Write(**)"]);
const YOLO: Test = Test::Is(&["yolo"]);
const ALLOW: Test = Test::Is(&["allow"]);
const ANY: Test = Test::Has(&["*"]);

#[rustfmt::skip]
const RULES: &[Rule] = &[
    json("claude-code", CLAUDE, &["permissions", "defaultMode"], Test::Is(&["bypassPermissions"]), ("permission mode bypassPermissions", "full")),
    json("claude-code", CLAUDE, &["permissions", "defaultMode"], Test::Is(&["auto"]), ("permission mode auto", "broad")),
    json("claude-code", CLAUDE, &["permissions", "defaultMode"], Test::Is(&["acceptEdits"]), ("permission mode acceptEdits", "broad")),
    json("claude-code", CLAUDE, &["permissions", "allow"], ANY_COMMAND, ("every command is allowed", "full")),
    json("claude-code", CLAUDE, &["skipDangerousModePermissionPrompt"], Test::On, ("bypassing permissions is not warned of", "broad")),
    json("claude-code", CLAUDE, &["enableAllProjectMcpServers"], Test::On, ("all servers of projects are enabled", "broad")),
    toml("codex", CODEX, &["approval_policy"], Test::Is(&["never"]), ("approval policy never", "full")),
    toml("codex", CODEX, &["sandbox_mode"], Test::Is(&["danger-full-access"]), ("sandbox mode danger-full-access", "full")),
    toml("codex", CODEX, &["sandbox_workspace_write", "network_access"], Test::On, ("the sandbox has the network", "broad")),
    json("gemini-cli", GEMINI, &["autoAccept"], Test::On, ("tool calls are accepted automatically", "broad")),
    json("gemini-cli", GEMINI, &["tools", "autoAccept"], Test::On, ("tool calls are accepted automatically", "broad")),
    json("gemini-cli", GEMINI, &["general", "defaultApprovalMode"], YOLO, ("approval mode yolo", "full")),
    json("gemini-cli", GEMINI, &["general", "defaultApprovalMode"], Test::Is(&["auto_edit"]), ("approval mode auto_edit", "broad")),
    json("gemini-cli", GEMINI, &["tools", "approvalMode"], YOLO, ("approval mode yolo", "full")),
    json("qwen-code", QWEN, &["tools", "approvalMode"], YOLO, ("approval mode yolo", "full")),
    json("qwen-code", QWEN, &["approvalMode"], YOLO, ("approval mode yolo", "full")),
    json("qwen-code", QWEN, &["tools", "autoAccept"], Test::On, ("tool calls are accepted automatically", "broad")),
    json("cursor", CURSOR, &["permissions", "allow"], ANY_SHELL, ("every command is allowed", "full")),
    json("cursor", CURSOR, &["approvalMode"], Test::Is(&["unrestricted"]), ("approval mode unrestricted", "full")),
    json("cursor", ".cursor/permissions.json", &["terminalAllowlist"], ANY, ("every command is allowed", "full")),
    json("cursor", ".cursor/permissions.json", &["mcpAllowlist"], Test::Has(&["*:*", "*"]), ("every tool of every server is allowed", "full")),
    json("cline", CLINE, &["yoloModeToggled"], Test::On, ("yolo mode", "full")),
    json("cline", CLINE, &["autoApprovalSettings", "actions", "executeAllCommands"], Test::On, ("every command is approved automatically", "full")),
    json("cline", CLINE, &["autoApprovalSettings", "enabled"], Test::On, ("actions are approved automatically", "broad")),
    json("roo-code", CODE, &["roo-cline.allowedCommands"], ANY, ("every command is allowed", "full")),
    json("kilo-code", CODE, &["kilo-code.allowedCommands"], ANY, ("every command is allowed", "full")),
    json("github-copilot", CODE, &["chat.tools.autoApprove"], Test::On, ("tool calls are approved automatically", "full")),
    json("github-copilot", CODE, &["chat.tools.global.autoApprove"], Test::On, ("tool calls are approved automatically", "full")),
    json("github-copilot", CODE, &["chat.tools.terminal.autoApprove"], Test::Has(&["/.*/", "/.*/s", "/^.*$/", "/.+/"]), ("every command is approved automatically", "full")),
    json("zed", ".config/zed/settings.json", &["agent", "always_allow_tool_actions"], Test::On, ("tool actions are always allowed", "full")),
    json("zed", ".config/zed/settings.json", &["agent", "tool_permissions", "default"], ALLOW, ("tool actions are always allowed", "full")),
    yaml("goose", ".config/goose/config.yaml", &["GOOSE_MODE"], Test::Is(&["auto"]), ("mode auto", "full")),
    yaml("goose", ".config/goose/config.yaml", &["GOOSE_MODE"], Test::Is(&["smart_approve"]), ("mode smart_approve", "broad")),
    yaml("aider", ".aider.conf.yml", &["yes-always"], Test::On, ("every question is answered with yes", "full")),
    yaml("aider", ".aider.conf.yml", &["yes"], Test::On, ("every question is answered with yes", "full")),
    yaml("continue", ".continue/permissions.yaml", &["allow"], ANY, ("every tool is allowed", "full")),
    json("opencode", OPENCODE, &["permission"], ALLOW, ("everything is allowed", "full")),
    json("opencode", OPENCODE, &["permission", "*"], ALLOW, ("everything is allowed", "full")),
    json("opencode", OPENCODE, &["permission", "bash"], ALLOW, ("every command is allowed", "full")),
    json("opencode", OPENCODE, &["permission", "bash", "*"], ALLOW, ("every command is allowed", "full")),
    json("opencode", OPENCODE, &["permission", "edit"], ALLOW, ("every change is allowed", "broad")),
    json("crush", ".config/crush/crush.json", &["permissions", "allowed_tools"], Test::Has(&["*", "bash"]), ("every command is allowed", "full")),
    json("amazon-q-developer", ".aws/amazonq/cli-agents/*.json", &["allowedTools"], Test::Has(&["*", "@builtin", "execute_bash"]), ("every command is allowed", "full")),
    json("kiro", ".config/Kiro/User/settings.json", &["kiroAgent.trustedCommands"], ANY, ("every command is trusted", "full")),
];

/// Looks for settings that let agents act unasked.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    for rule in RULES {
        for path in look.disk.expand(&place.path, rule.file) {
            let Some(root) = look.settings(&path, rule.format, MAX_SETTINGS) else {
                continue;
            };
            if at(&root, rule.keys).is_some_and(|value| holds(rule.test, value)) {
                add(look, place, rule.service, rule.says, rule.freedom);
            }
        }
    }
}

/// Adds a setting of an agent, in the words of a rule; never in those of the file.
pub(in crate::presence) fn add(
    look: &mut Look<'_>,
    place: &Place,
    service: &'static str,
    says: &'static str,
    freedom: &'static str,
) {
    let listed = tool(service);
    let attributes = vec![Attribute::new("freedom", freedom)];
    look.add(place, TraceKind::AgentSetting, listed, says, attributes);
}

fn holds(test: Test, value: &Value) -> bool {
    match (test, value) {
        (Test::On, Value::Bool(on)) => *on,
        (Test::Is(words), Value::String(word)) => words.contains(&word.as_str()),
        (Test::Has(words), Value::Array(list)) => {
            let mut texts = list.iter().filter_map(Value::as_str);
            texts.any(|text| words.contains(&text))
        }
        (Test::Has(words), Value::Object(map)) => words.iter().any(|word| {
            let entry = map.get(*word);
            entry.is_some_and(|entry| {
                entry == &Value::Bool(true) || entry.get("approve") == Some(&Value::Bool(true))
            })
        }),
        _ => false,
    }
}

/// Services of the agents whose settings are looked at.
pub(in crate::presence) fn tools() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.service)
}
