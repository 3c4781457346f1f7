//! Servers in the settings of the tools that use them.

use flow::TraceKind;

use super::device::{Device, tool_rows};

fn servers(device: &Device) -> Vec<String> {
    let scan = device.scan();
    assert_eq!(scan.degradations, Vec::<String>::new());
    tool_rows(&scan, TraceKind::McpServer)
}

#[test]
fn claude_desktop() {
    let device = Device::new();
    device.put_home(
        ".config/Claude/claude_desktop_config.json",
        r#"{"mcpServers": {
            "filesystem": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.7.1", "/home/kowalska/plans"]},
            "github": {"command": "docker", "args": ["run", "-i", "--rm", "-e", "GITHUB_PERSONAL_ACCESS_TOKEN", "ghcr.io/github/github-mcp-server"],
                       "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "ghp_0123456789abcdefghij"}},
            "time": {"command": "uvx", "args": ["mcp-server-time==0.6.2", "--local-timezone=Europe/Berlin"]}
        }, "theme": "dark"}"#,
    );
    assert_eq!(
        servers(&device),
        [
            "claude: filesystem launcher=npx package=@modelcontextprotocol/server-filesystem pinned=yes scope=user transport=stdio",
            "claude: github launcher=docker package=ghcr.io/github/github-mcp-server pinned=no scope=user secret=present transport=stdio",
            "claude: time launcher=uvx package=mcp-server-time pinned=yes scope=user transport=stdio",
        ]
    );
}

#[test]
fn claude_code_with_servers_of_the_user_of_a_project_and_of_a_project_file() {
    let device = Device::new();
    let project = device.home("src/api");
    let file = format!(
        r#"{{"numStartups": 12, "mcpServers": {{"linear": {{"type": "sse", "url": "https://mcp.linear.app/sse"}}}},
            "projects": {{"{}": {{"mcpServers": {{"db": {{"command": "python3", "args": ["-m", "postgres_mcp", "postgres://u:p@db/x"]}}}}, "history": []}},
                          "/elsewhere": {{"mcpServers": {{}}}}, "{}/../../etc": {{}}}}}}"#,
        project.display(),
        project.display(),
    );
    device.put_home(".claude.json", file);
    device.put_home(
        "src/api/.mcp.json",
        r#"{"mcpServers": {"shared": {"type": "http", "url": "https://api.githubcopilot.com/mcp/", "headers": {"Authorization": "Bearer ${TOKEN}"}}}}"#,
    );
    assert_eq!(
        servers(&device),
        [
            "claude-code: db launcher=python package=postgres_mcp scope=project transport=stdio",
            "claude-code: linear host=mcp.linear.app scope=user transport=sse",
            "claude-code: shared host=api.githubcopilot.com scope=project secret=referenced transport=http",
        ]
    );
}

#[test]
fn cursor_windsurf_and_lm_studio() {
    let device = Device::new();
    device.put_home(
        ".cursor/mcp.json",
        r#"{"mcpServers": {"search": {"url": "http://127.0.0.1:8931/mcp"}, "remote": {"command": "npx", "args": ["mcp-remote@latest", "https://mcp.notion.com/mcp", "--header", "Authorization: Bearer abc"]}}}"#,
    );
    device.put_home(
        ".codeium/windsurf/mcp_config.json",
        r#"{"mcpServers": {"figma": {"serverUrl": "http://192.168.4.20:3845/sse", "disabled": true}}}"#,
    );
    device.put_home(".lmstudio/mcp.json", r#"{"mcpServers": {"x": {"command": "/home/kowalska/bin/mine", "args": ["--token", "s3cr3t"]}}}"#);
    assert_eq!(
        servers(&device),
        [
            "cursor: remote host=mcp.notion.com launcher=npx package=mcp-remote pinned=no scope=user secret=present transport=stdio",
            "cursor: search host=loopback scope=user transport=http",
            "lm-studio: x launcher=other scope=user secret=present transport=stdio",
            "windsurf: figma enabled=no host=local network scope=user transport=sse",
        ]
    );
}

#[test]
fn visual_studio_code_and_extensions_in_it() {
    let device = Device::new();
    device.put_home(
        ".config/Code/User/mcp.json",
        r#"{
            // servers for all workspaces
            "inputs": [{"type": "promptString", "id": "key", "password": true}],
            "servers": {
                "perplexity": {"type": "stdio", "command": "npx", "args": ["-y", "server-perplexity-ask"], "env": {"PERPLEXITY_API_KEY": "${input:key}"}},
            },
        }"#,
    );
    device.put_home(
        ".config/Code/User/settings.json",
        r#"{"mcp": {"servers": {"old": {"url": "wss://example.com/mcp"}}}, "editor.fontSize": 13, /* end */}"#,
    );
    device.put_home(
        ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        r#"{"mcpServers": {"git": {"command": "uvx", "args": ["mcp-server-git"], "autoApprove": ["git_status"], "disabled": false}}}"#,
    );
    device.put_home(
        ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
        r#"{"mcpServers": {"git": {"command": "uv", "args": ["tool", "run", "--from", "git+https://example.com/x/y", "mcp"], "alwaysAllow": []}}}"#,
    );
    assert_eq!(
        servers(&device),
        [
            "cline: git approval=not asked for launcher=uvx package=mcp-server-git pinned=no scope=user transport=stdio",
            "github-copilot: old host=example.com scope=user transport=websocket",
            "github-copilot: perplexity launcher=npx package=server-perplexity-ask pinned=no scope=user secret=referenced transport=stdio",
            "roo-code: git launcher=uvx scope=user transport=stdio",
        ]
    );
}

#[test]
fn settings_in_toml_and_yaml() {
    let device = Device::new();
    device.put_home(
        ".codex/config.toml",
        "model = \"gpt-5-codex\"\n[mcp_servers.docs]\ncommand = \"npx\"\nargs = [\"-y\", \"mcp-server@1.2.3\"]\nenv = { API_KEY = \"value\" }\n[mcp_servers.remote]\nurl = \"https://mcp.example.com/mcp\"\nbearer_token_env_var = \"TOKEN\"\n",
    );
    device.put_home(
        ".config/goose/config.yaml",
        "GOOSE_MODE: auto\nextensions:\n  developer:\n    enabled: true\n    type: builtin\n  github:\n    name: GitHub\n    cmd: npx\n    args: [-y, \"@modelcontextprotocol/server-github\"]\n    enabled: true\n    envs: { \"GITHUB_PERSONAL_ACCESS_TOKEN\": \"secret\" }\n    type: stdio\n    timeout: 300\n  remote:\n    type: streamable_http\n    uri: https://mcp.asana.com/sse\n    enabled: false\n",
    );
    device.put_home(
        ".continue/config.yaml",
        "name: Main\nmcpServers:\n  - name: memory\n    command: npx\n    args:\n      - \"-y\"\n      - \"@modelcontextprotocol/server-memory\"\n    env:\n      KEY: ${{ secrets.KEY }}\n  - name: other\n    url: https://mcp.example.com # remote\n",
    );
    assert_eq!(
        servers(&device),
        [
            "codex: docs launcher=npx package=mcp-server pinned=yes scope=user secret=present transport=stdio",
            "codex: remote host=mcp.example.com scope=user secret=referenced transport=http",
            "continue: memory launcher=npx package=@modelcontextprotocol/server-memory pinned=no scope=user secret=referenced transport=stdio",
            "continue: other host=mcp.example.com scope=user transport=http",
            "goose: developer scope=user transport=builtin",
            "goose: github launcher=npx package=@modelcontextprotocol/server-github pinned=no scope=user secret=present transport=stdio",
            "goose: remote enabled=no host=mcp.asana.com scope=user transport=sse",
        ]
    );
}

#[test]
fn other_ways_to_write_the_same() {
    let device = Device::new();
    device.put_home(
        ".config/zed/settings.json",
        r#"{"context_servers": {"one": {"command": {"path": "npx", "args": ["-y", "a-package"], "env": {"TOKEN": "x"}}}, "two": {"source": "custom", "command": "uvx", "args": ["b-package"]}}}"#,
    );
    device.put_home(
        ".config/opencode/opencode.jsonc",
        r#"{"mcp": {"local": {"type": "local", "command": ["bun", "x", "c-package@0.1.0"], "environment": {"A": "b"}}, "far": {"type": "remote", "url": "https://mcp.sentry.dev/mcp", "enabled": true}}} // end"#,
    );
    device.put_home(
        ".gemini/settings.json",
        r#"{"mcpServers": {"h": {"httpUrl": "https://mcp.stripe.com?key=1", "trust": true}, "w": {"command": "cmd", "args": ["/c", "npx", "-y", "d-package"]}}}"#,
    );
    device.put_home(
        ".aws/amazonq/mcp.json",
        r#"{"mcpServers": {"n": {"command": "node", "args": ["/home/kowalska/.npm/node_modules/@scope/e-package/dist/index.js"]}, "line": {"command": "npx -y f-package"}}}"#,
    );
    assert_eq!(
        servers(&device),
        [
            "amazon-q-developer: line launcher=npx package=f-package pinned=no scope=user transport=stdio",
            "amazon-q-developer: n launcher=node package=@scope/e-package scope=user transport=stdio",
            "gemini-cli: h approval=not asked for host=mcp.stripe.com scope=user secret=present transport=http",
            "gemini-cli: w launcher=npx package=d-package pinned=no scope=user transport=stdio",
            "opencode: far host=mcp.sentry.dev scope=user transport=http",
            "opencode: local launcher=npx package=c-package pinned=yes scope=user transport=stdio",
            "zed: one launcher=npx package=a-package pinned=no scope=user secret=present transport=stdio",
            "zed: two launcher=uvx package=b-package pinned=no scope=user transport=stdio",
        ]
    );
}

#[test]
fn every_tool_is_a_service_of_the_catalogue() {
    let catalogue = signatures::Catalogue::builtin();
    for service in host::presence::tools() {
        assert!(catalogue.service(service).is_some(), "{service}");
    }
}
