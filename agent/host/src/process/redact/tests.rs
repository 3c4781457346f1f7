//! What is told of real command lines, and that nothing else ever is.

use proptest::prelude::*;

use super::redacted_command;

fn told(executable: &str, line: &str) -> Option<String> {
    let words: Vec<_> = line.split(' ').map(str::as_bytes).collect();
    redacted_command(executable, &words)
}

/// Program file, command line, what is told.
const TOLD: &[(&str, &str, &str)] = &[
    (
        "/usr/bin/python3.11",
        "python3 -m aider --model x",
        "python -m aider",
    ),
    (
        "/usr/bin/python3",
        "python -u -X dev /home/ada/work/aider.py key",
        "python aider.py",
    ),
    (
        "/usr/bin/python3",
        "python /home/ada/.venv/bin/aider --api-key k",
        "python aider",
    ),
    (
        "/usr/bin/python3",
        "python -Wignore -mhttp.server 80",
        "python -m http.server",
    ),
    (
        "/usr/bin/node",
        "node /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js -p secret",
        "node @anthropic-ai/claude-code/cli.js",
    ),
    (
        "/opt/node22",
        "node --max-old-space-size=4096 -r /home/ada/x.js /home/ada/node_modules/codex/bin/codex.js",
        "node codex/bin/codex.js",
    ),
    (
        "/usr/bin/node",
        "node /usr/local/bin/gemini --yolo",
        "node gemini",
    ),
    (
        "/usr/bin/node",
        "node /home/ada/private/server.mjs",
        "node server.mjs",
    ),
    (
        "/usr/bin/node",
        "node /usr/lib/node_modules/npm/bin/npx-cli.js -y @modelcontextprotocol/server-github@1.2 tok",
        "npx @modelcontextprotocol/server-github",
    ),
    (
        "/usr/bin/deno",
        "deno run -A --allow-net=a npm:@scope/tool@2 x",
        "deno run npm:@scope/tool",
    ),
    (
        "/usr/bin/bun",
        "bun x opencode-ai@latest",
        "bunx opencode-ai",
    ),
    ("/usr/bin/bun", "bun run /home/ada/agent.ts", "bun agent.ts"),
    ("/usr/bin/ruby3.1", "ruby -w /srv/agent.rb", "ruby agent.rb"),
    (
        "/usr/bin/java",
        "java -Xmx1g -Dkey=secret -cp a:b -jar /home/ada/goose.jar x",
        "java -jar goose.jar",
    ),
    (
        "/usr/bin/uvx",
        "uvx --from git+https://x/y aider-chat==0.1 --k v",
        "uvx aider-chat",
    ),
    (
        "/usr/bin/uv",
        "uv tool run mcp-server-git --repo /home/ada",
        "uvx mcp-server-git",
    ),
    ("/usr/bin/pipx", "pipx run llm", "pipx run llm"),
    (
        "/bin/bash (deleted)",
        "bash -e /home/ada/run-agent.sh --token t",
        "sh run-agent.sh",
    ),
];

#[test]
fn names_what_a_runtime_runs() {
    for (executable, line, expected) in TOLD {
        assert_eq!(told(executable, line).as_deref(), Some(*expected), "{line}");
    }
    let title: [&[u8]; 1] = [b"npm exec @scope/server@1 --token t"];
    assert_eq!(
        redacted_command("/usr/bin/node", &title).as_deref(),
        Some("npx @scope/server")
    );
}

#[test]
fn tells_nothing_of_what_it_does_not_know() {
    for (executable, line) in [
        ("/usr/bin/curl", "curl -H secret https://a/b"),
        ("/usr/bin/python3", "python3 -c print(1)"),
        ("/usr/bin/python3", "python3 --new-option value.py"),
        ("/usr/bin/python3", "python3 /home/ada/my private.py"),
        ("/usr/bin/python3", "python3"),
        ("/usr/bin/node", "node -e code"),
        ("/usr/bin/node", "node --title secret.js x.js"),
        ("/usr/bin/node", "node https://u:p@host/x.js"),
        ("/usr/bin/node", "node /srv/noending"),
        ("/bin/sh", "sh -c /srv/bin/x"),
        ("/bin/sh", "sh -s"),
        ("/usr/bin/java", "java -cp x com.example.Main"),
        ("/usr/bin/uvx", "uvx git+https://token@host/x"),
        ("/usr/bin/npx", "npx --registry secret pkg"),
        ("/usr/bin/deno", "deno run https://host/token.ts"),
    ] {
        assert_eq!(told(executable, line), None, "{line}");
    }
}

const RUNTIMES: [&str; 12] = [
    "python3", "node", "deno", "bun", "bunx", "ruby", "java", "uv", "uvx", "npx", "pipx", "bash",
];

fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "run", "tool", "x", "exec", "-m", "-jar", "-c", "-e", "-y", "-A", "-r", "--from", "-u",
        "-W", "-o",
    ]);
    prop_oneof![
        known.prop_map(str::to_owned),
        "[ -~]{0,20}",
        "-{1,2}[a-z]{1,6}(=[a-z]{0,6})?"
    ]
}

proptest! {
    /// Whatever stands behind what is run is its argument: changing it changes nothing.
    #[test]
    fn arguments_of_the_program_are_never_told(
        runtime in prop::sample::select(RUNTIMES.to_vec()),
        before in prop::collection::vec(word(), 0..4),
        value in "SECRET[a-z0-9]{8}",
        option in prop::sample::select(vec!["--key", "--key=", "-k", "--api-key="]),
    ) {
        let target = match runtime {
            "java" => vec!["-jar", "/home/ada/x.jar"],
            "deno" => vec!["run", "/home/ada/x.ts"],
            "uv" => vec!["run", "x.py"],
            "pipx" => vec!["run", "x"],
            "bunx" | "uvx" | "npx" => vec!["pkg"],
            "ruby" => vec!["/home/ada/x.rb"],
            "bash" => vec!["/home/ada/x.sh"],
            "python3" => vec!["/home/ada/x.py"],
            _ => vec!["/home/ada/x.js"],
        };
        let mut line = vec![runtime.to_owned()];
        line.extend(before);
        line.extend(target.into_iter().map(str::to_owned));
        if option.ends_with('=') {
            line.push(format!("{option}{value}"));
        } else {
            line.extend([option.to_owned(), value.clone()]);
        }
        line.push(value);
        let words: Vec<_> = line.iter().map(String::as_bytes).collect();
        let told = redacted_command(&format!("/usr/bin/{runtime}"), &words);
        prop_assert!(!told.is_some_and(|told| told.contains("SECRET")), "{line:?}");
    }

    /// Any words at all: one short line of plain characters, without a folder of anybody's.
    #[test]
    fn nothing_but_plain_names_is_told(
        runtime in prop::sample::select(RUNTIMES.to_vec()),
        words in prop::collection::vec(word(), 0..6),
        home in "/(home|root|Users)/[a-z]{3,8}/[a-z/]{0,20}",
    ) {
        let words: Vec<_> = std::iter::once(runtime.to_owned())
            .chain(words.into_iter().map(|word| if word.ends_with('x') { format!("{home}/{word}") } else { word }))
            .collect();
        let bytes: Vec<_> = words.iter().map(String::as_bytes).collect();
        if let Some(told) = redacted_command(&format!("/usr/bin/{runtime}"), &bytes) {
            prop_assert!(!told.contains("/home/") && !told.contains("/root/") && !told.contains("/Users/"));
            prop_assert!(told.len() < 200);
            prop_assert!(told.chars().all(|c| c.is_ascii_alphanumeric() || " .:_+-@/".contains(c)));
        }
    }

    #[test]
    fn any_bytes_are_survived(
        runtime in prop::sample::select(RUNTIMES.to_vec()),
        words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..40),
    ) {
        let words: Vec<_> = words.iter().map(Vec::as_slice).collect();
        let _told = redacted_command(runtime, &words);
    }
}
