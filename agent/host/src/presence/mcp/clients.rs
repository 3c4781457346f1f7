//! Where each tool keeps the servers that it uses.

use super::Format;

/// A settings file of a tool, and where in it the servers are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// Id of the tool's service in the catalogue.
    pub(super) service: &'static str,
    /// Path below the home folder; `*` stands for any text in one part of it.
    pub(super) file: &'static str,
    pub(super) format: Format,
    /// Keys that lead to the servers; one way each.
    pub(super) servers: &'static [&'static [&'static str]],
}

/// The key that most tools took over from the first one.
const USUAL: &[&[&str]] = &[&["mcpServers"]];
/// The keys of Visual Studio Code: in a file of its own, in a profile, and in the settings.
const IN_CODE: &[&[&str]] = &[&["servers"], &["mcp", "servers"], &["mcp.servers"]];

const fn json(service: &'static str, file: &'static str) -> Client {
    keyed(service, file, USUAL)
}

const fn keyed(
    service: &'static str,
    file: &'static str,
    servers: &'static [&'static [&'static str]],
) -> Client {
    Client {
        service,
        file,
        format: Format::Json,
        servers,
    }
}

/// Settings below a home folder. Claude Code's own file is read elsewhere, since it is large.
pub(super) const CLIENTS: &[Client] = &[
    json("claude", ".config/Claude/claude_desktop_config.json"),
    json(
        "claude",
        ".var/app/*/config/Claude/claude_desktop_config.json",
    ),
    json("claude-code", ".claude/settings.json"),
    json("claude-code", ".mcp.json"),
    json("cursor", ".cursor/mcp.json"),
    json("windsurf", ".codeium/windsurf/mcp_config.json"),
    json("windsurf", ".codeium/mcp_config.json"),
    keyed("github-copilot", ".config/Code*/User/mcp.json", IN_CODE),
    keyed(
        "github-copilot",
        ".config/Code*/User/settings.json",
        IN_CODE,
    ),
    keyed(
        "github-copilot",
        ".config/Code*/User/profiles/*/mcp.json",
        IN_CODE,
    ),
    keyed("github-copilot", ".config/VSCodium/User/mcp.json", IN_CODE),
    keyed(
        "github-copilot",
        ".config/VSCodium/User/settings.json",
        IN_CODE,
    ),
    keyed(
        "github-copilot",
        ".vscode-server*/data/User/mcp.json",
        IN_CODE,
    ),
    keyed(
        "github-copilot",
        ".var/app/com.visualstudio.code/config/Code/User/mcp.json",
        IN_CODE,
    ),
    keyed(
        "github-copilot",
        ".config/github-copilot/intellij/mcp.json",
        IN_CODE,
    ),
    json("github-copilot", ".copilot/mcp-config.json"),
    json(
        "cline",
        ".config/*/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    ),
    json("cline", ".cline/data/settings/cline_mcp_settings.json"),
    json(
        "roo-code",
        ".config/*/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    json(
        "kilo-code",
        ".config/*/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
    ),
    keyed("zed", ".config/zed/settings.json", &[&["context_servers"]]),
    keyed(
        "zed",
        ".var/app/dev.zed.Zed/config/zed/settings.json",
        &[&["context_servers"]],
    ),
    json("gemini-cli", ".gemini/settings.json"),
    json("antigravity", ".gemini/antigravity/mcp_config.json"),
    json("qwen-code", ".qwen/settings.json"),
    Client {
        service: "codex",
        file: ".codex/config.toml",
        format: Format::Toml,
        servers: &[&["mcp_servers"]],
    },
    Client {
        service: "goose",
        file: ".config/goose/config.yaml",
        format: Format::Yaml,
        servers: &[&["extensions"]],
    },
    json("lm-studio", ".lmstudio/mcp.json"),
    Client {
        service: "continue",
        file: ".continue/config.yaml",
        format: Format::Yaml,
        servers: USUAL,
    },
    Client {
        service: "continue",
        file: ".continue/mcpServers/*.yaml",
        format: Format::Yaml,
        servers: USUAL,
    },
    json("continue", ".continue/mcpServers/*.json"),
    keyed(
        "continue",
        ".continue/config.json",
        &[
            &["experimental", "modelContextProtocolServers"],
            &["mcpServers"],
        ],
    ),
    keyed("opencode", ".config/opencode/opencode.json", &[&["mcp"]]),
    keyed("opencode", ".config/opencode/opencode.jsonc", &[&["mcp"]]),
    keyed("opencode", ".config/opencode/config.json", &[&["mcp"]]),
    json("amazon-q-developer", ".aws/amazonq/mcp.json"),
    json("amazon-q-developer", ".aws/amazonq/default.json"),
    json("amazon-q-developer", ".aws/amazonq/cli-agents/*.json"),
    json("kiro", ".kiro/settings/mcp.json"),
    json("jetbrains-ai", ".junie/mcp/mcp.json"),
    json("jetbrains-ai", ".config/JetBrains/*/mcp.json"),
    keyed("crush", ".config/crush/crush.json", &[&["mcp"]]),
    keyed(
        "trae",
        ".config/Trae*/User/mcp.json",
        &[&["mcpServers"], &["servers"]],
    ),
    json("factory", ".factory/mcp.json"),
    json("augment-code", ".augment/settings.json"),
    json("jan", ".config/Jan/data/mcp_config.json"),
    json("jan", ".local/share/Jan/data/mcp_config.json"),
];

/// Settings of the whole device, below its root.
pub(super) const SYSTEM_CLIENTS: &[Client] = &[
    json("claude-code", "etc/claude-code/managed-mcp.json"),
    json("gemini-cli", "etc/gemini-cli/settings.json"),
    Client {
        service: "codex",
        file: "etc/codex/config.toml",
        format: Format::Toml,
        servers: &[&["mcp_servers"]],
    },
];
