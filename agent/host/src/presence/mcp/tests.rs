//! Command lines and addresses as people write them.

use proptest::prelude::*;
use serde_json::json;

use super::address::host_of;
use super::launch::launch_of;
use super::read_server;
use super::secret::{Secret, secret_of};

/// Launcher, package and whether it is pinned.
fn launched(line: &str) -> (&'static str, Option<String>, Option<bool>) {
    let words: Vec<&str> = line.split(' ').collect();
    let launch = launch_of(words[0], &words[1..]);
    (launch.launcher, launch.package, launch.is_pinned)
}

type Launched = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<bool>,
);

const LAUNCHES: &[Launched] = &[
    (
        "npx -y @scope/name",
        "npx",
        Some("@scope/name"),
        Some(false),
    ),
    (
        "npx --yes name@1.2.3 /home/x",
        "npx",
        Some("name"),
        Some(true),
    ),
    ("npx -y name@latest", "npx", Some("name"), Some(false)),
    ("npx -y name@^1.2.0", "npx", Some("name"), Some(false)),
    (
        "/usr/bin/npx --package=@a/b@0.1.0 run-it",
        "npx",
        Some("@a/b"),
        Some(true),
    ),
    ("npx -p @a/b run-it", "npx", Some("@a/b"), Some(false)),
    ("npx.cmd -y name", "npx", Some("name"), Some(false)),
    ("bunx name", "npx", Some("name"), Some(false)),
    ("pnpm dlx name@2.0.0-rc.1", "npx", Some("name"), Some(true)),
    ("npm exec -- name", "npx", Some("name"), Some(false)),
    ("npx github:person/repository", "npx", None, None),
    ("npx -y ./local", "npx", None, None),
    ("npx -y /home/x/private", "npx", None, None),
    ("npx", "npx", None, None),
    (
        "uvx mcp-server-git",
        "uvx",
        Some("mcp-server-git"),
        Some(false),
    ),
    (
        "uvx mcp-server-git@2025.1.14 --repository /home/x",
        "uvx",
        Some("mcp-server-git"),
        Some(true),
    ),
    (
        "uvx --python 3.12 name[extra]==1.0.0",
        "uvx",
        Some("name"),
        Some(true),
    ),
    (
        "uvx --from name>=1.0 run-it",
        "uvx",
        Some("name"),
        Some(false),
    ),
    (
        "uvx --from git+https://example.com/x name",
        "uvx",
        None,
        None,
    ),
    ("uv tool run name", "uvx", Some("name"), Some(false)),
    (
        "pipx run --spec name==1.0 run-it",
        "pipx",
        Some("name"),
        Some(true),
    ),
    (
        "docker run -i --rm -e TOKEN -v /home/x:/y mcp/github",
        "docker",
        Some("mcp/github"),
        Some(false),
    ),
    (
        "docker run --rm --name=x ghcr.io/a/b:1.2.3 arg",
        "docker",
        Some("ghcr.io/a/b"),
        Some(true),
    ),
    (
        "podman run -it a/b@sha256:0123 arg",
        "docker",
        Some("a/b"),
        Some(true),
    ),
    (
        "docker run registry.corp.example:5000/a/b:1.2.3",
        "docker",
        None,
        Some(true),
    ),
    ("docker exec -i container", "docker", None, None),
    ("docker run -i", "docker", None, None),
    (
        "node /x/node_modules/@a/b/dist/index.js",
        "node",
        Some("@a/b"),
        None,
    ),
    ("node /home/x/private/index.js", "node", None, None),
    (
        "deno run --allow-net npm:@a/b@1.0.0",
        "node",
        Some("@a/b"),
        None,
    ),
    (
        "python3 -m mcp_server_time --zone x",
        "python",
        Some("mcp_server_time"),
        None,
    ),
    ("python3.12 /home/x/private.py", "python", None, None),
    (
        "uv --directory /home/x run private.py",
        "python",
        None,
        None,
    ),
    ("env A=secret npx -y name", "npx", Some("name"), Some(false)),
    ("cmd /c npx -y name", "npx", Some("name"), Some(false)),
    ("/home/x/private", "other", None, None),
];

#[test]
fn packages_and_images_are_told_from_their_arguments() {
    for (line, launcher, package, is_pinned) in LAUNCHES {
        let expected = (*launcher, package.map(str::to_owned), *is_pinned);
        assert_eq!(launched(line), expected, "{line}");
    }
}

#[test]
fn of_an_address_the_host_is_left() {
    for (url, host) in [
        (
            "https://user:word@MCP.Example.com:8443/path?key=1#x",
            "mcp.example.com",
        ),
        ("http://localhost:3000/mcp", "loopback"),
        ("http://127.3.2.1/", "loopback"),
        ("http://[::1]:8000/sse", "loopback"),
        ("http://0.0.0.0:1", "loopback"),
        ("http://10.1.2.3/", "local network"),
        ("http://100.99.1.2/", "local network"),
        ("http://[fd00::1]/", "local network"),
        ("http://nas/mcp", "local network"),
        ("http://box.local/mcp", "local network"),
        ("http://8.8.8.8/mcp", "an address"),
        ("mcp.example.com/x", "mcp.example.com"),
        ("https://mcp.example.com\\@evil.example/", "mcp.example.com"),
        ("https://b\u{fc}cher.example", "redacted"),
        ("https://", "redacted"),
        ("", "redacted"),
    ] {
        assert_eq!(host_of(url), host, "{url}");
    }
}

#[test]
fn a_secret_in_the_settings_is_seen_and_told_from_a_reference() {
    for (server, expected) in [
        (
            json!({"env": {"PATH": "/bin", "DEBUG": "1", "AUTHOR": "x", "KEYBOARD": "de"}}),
            Secret::None,
        ),
        (json!({"env": {"OPENAI_API_KEY": ""}}), Secret::None),
        (json!({"env": {"OPENAI_API_KEY": "x"}}), Secret::Present),
        (
            json!({"env": {"TOKEN": "${env:TOKEN}", "B": "$C"}}),
            Secret::Referenced,
        ),
        (
            json!({"env": {"NAME": "sk-ant-0123456789abcdef"}}),
            Secret::Present,
        ),
        (
            json!({"headers": {"Authorization": "Bearer ${input:t}"}}),
            Secret::Referenced,
        ),
        (json!({"headers": {"X-Api-Key": "abc"}}), Secret::Present),
        (
            json!({"requestOptions": {"headers": {"Cookie": "abc"}}}),
            Secret::Present,
        ),
        (json!({"bearer_token_env_var": "TOKEN"}), Secret::Referenced),
        (json!({"env_keys": ["TOKEN"]}), Secret::Referenced),
        (json!({}), Secret::None),
    ] {
        assert_eq!(secret_of(&server, None, &[]), expected, "{server}");
    }
}

#[test]
fn a_secret_in_an_address_or_an_argument_is_seen() {
    for (url, expected) in [
        ("https://u:p@x.example/", Secret::Present),
        ("https://x.example/?api_key=1", Secret::Present),
        ("https://x.example/?page=1", Secret::None),
    ] {
        assert_eq!(secret_of(&json!({}), Some(url), &[]), expected, "{url}");
    }
    let lines: [(&[&str], Secret); 5] = [
        (&["--api-key", "abc"], Secret::Present),
        (&["--token=${TOKEN}"], Secret::Referenced),
        (&["--header", "Authorization: Bearer abc"], Secret::Present),
        (
            &["--header", "Accept: text/plain", "--verbose"],
            Secret::None,
        ),
        (&["-y", "name"], Secret::None),
    ];
    for (args, expected) in lines {
        assert_eq!(secret_of(&json!({}), None, args), expected, "{args:?}");
    }
}

proptest! {
    #[test]
    fn no_argument_and_no_value_leaves(
        program in "(npx|uvx|docker|node|python3|uv|deno|pipx|[a-z/]{1,8})",
        before in prop::collection::vec("(-y|run|-m|--from|-e|--|[a-z@./:=-]{0,10})", 0..6),
        key in "[A-Za-z_-]{1,10}",
    ) {
        // A path, an assignment and a header are never a package, wherever they stand.
        let private = ["/home/canary/canary", "CANARY=canary value", "Authorization: Bearer canary", "https://x.example/canary?canary"];
        let mut args = before;
        args.extend(private.map(str::to_owned));
        let server = read_server(&json!({"command": program, "args": args, "env": {key: "canary"}, "cwd": "/canary"}));
        let told = server.map(|server| server.attributes(&Default::default()));
        prop_assert!(!format!("{told:?}").to_lowercase().contains("canary"), "{told:?}");
    }
}
