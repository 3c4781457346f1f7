//! Files that are not what they should be: a scan goes on, ends soon, and says what it did not see.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use flow::TraceKind;
use host::presence::{Homes, Limits, PresenceConfig, Scan, Scanner};
use wire::Timestamp;

use super::device::{Device, count, rows, tool_rows};

/// One server that is well, to be found whatever is wrong beside it.
const GOOD: &str = r#"{"mcpServers": {"good": {"command": "npx", "args": ["-y", "a-package"]}}}"#;
const FOUND: &str =
    "windsurf: good launcher=npx package=a-package pinned=no scope=user transport=stdio";

fn device() -> Device {
    let device = Device::new();
    device.put_home(".codeium/windsurf/mcp_config.json", GOOD);
    device
}

/// The one degradation of a scan that found what is well.
fn told(scan: &Scan) -> &str {
    assert_eq!(tool_rows(scan, TraceKind::McpServer), [FOUND]);
    match scan.degradations.as_slice() {
        [told] => told,
        others => panic!("one degradation: {others:?}"),
    }
}

#[test]
fn a_pipe_is_never_opened() {
    let device = device();
    let made = Command::new("mkfifo")
        .arg(device.home(".cursor/mcp.json"))
        .status()
        .unwrap();
    assert!(made.success());
    device.link(".claude.json", "/dev/zero");
    let start = Instant::now();
    let scan = device.scan();
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert!(
        told(&scan).starts_with("presence: 2 settings of AI tools are a pipe"),
        "{:?}",
        scan.degradations
    );
}

#[test]
fn links_that_lead_round_in_circles() {
    let device = device();
    device.link(".claude", ".claude-2");
    device.link(".claude-2", ".claude");
    device.home(".cursor/extensions/x");
    symlink(
        device.home(".cursor"),
        device.home(".cursor/extensions/loop"),
    )
    .unwrap();
    device.link(".gemini", "/does/not/exist");
    fs::create_dir_all(device.home(".lmstudio/models/a/b")).unwrap();
    symlink(
        device.home(".lmstudio/models"),
        device.home(".lmstudio/models/a/again"),
    )
    .unwrap();
    let scan = device.scan();
    assert_eq!(tool_rows(&scan, TraceKind::McpServer), [FOUND]);
    assert!(scan.degradations.len() <= 1, "{:?}", scan.degradations);
}

#[test]
fn settings_that_are_huge() {
    let device = device();
    let huge = format!(
        r#"{{"mcpServers": {{"x": {{"command": "{}"}}}}}}"#,
        "y".repeat(2 << 20)
    );
    device.put_home(".cursor/mcp.json", huge);
    let scan = device.scan();
    assert!(
        told(&scan).contains("larger than what is read"),
        "{:?}",
        scan.degradations
    );
    assert_eq!(count(&scan, "too_large"), 1);
}

#[test]
fn settings_that_cannot_be_understood() {
    let device = device();
    device.put_home(".cursor/mcp.json", b"{\"mcpServers\": {\"\xff\xfe\": {}}}");
    device.put_home(".gemini/settings.json", "[".repeat(200_000));
    device.put_home(
        ".qwen/settings.json",
        format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000)),
    );
    device.put_home(".codex/config.toml", "mcp_servers = [[[[[");
    device.put_home(".claude.json", "{\"projects\": 7}");
    let scan = device.scan();
    assert!(
        told(&scan).starts_with("presence: 5 settings"),
        "{:?}",
        scan.degradations
    );
    assert_eq!(count(&scan, "unparsable"), 5);
}

#[test]
fn settings_of_odd_shapes_are_no_servers() {
    let device = device();
    let odd = [
        "",
        "null",
        "7",
        "[]",
        "\"text\"",
        r#"{"mcpServers": null}"#,
        r#"{"mcpServers": [1, {}, []]}"#,
        r#"{"mcpServers": {"a": 1, "b": {}, "c": {"command": 7}, "d": {"command": []}, "e": {"url": {}}, "f": {"args": ["x"]}}}"#,
    ];
    for text in odd {
        device.put_home(".cursor/mcp.json", text);
        let scan = device.scan();
        assert_eq!(tool_rows(&scan, TraceKind::McpServer), [FOUND], "{text}");
        assert_eq!(scan.degradations, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn of_a_key_that_comes_twice_the_last_counts() {
    let device = device();
    device.put_home(
        ".cursor/mcp.json",
        r#"{"mcpServers": {"a": {"command": "npx", "args": ["one"]}, "a": {"command": "npx", "args": ["two"]}}}"#,
    );
    let expected = "cursor: a launcher=npx package=two pinned=no scope=user transport=stdio";
    assert_eq!(
        tool_rows(&device.scan(), TraceKind::McpServer),
        [expected, FOUND]
    );
}

#[test]
fn names_of_odd_letters_are_made_plain() {
    let device = Device::new();
    let long = "n".repeat(500);
    device.put_home(
        ".cursor/mcp.json",
        format!(r#"{{"mcpServers": {{"{long}": {{"url": "https://x.example"}}, "\u0007<b>\u202ename": {{"url": "https://exämple.com/"}}, "": {{"url": "::::"}}}}}}"#),
    );
    let servers = tool_rows(&device.scan(), TraceKind::McpServer);
    assert_eq!(
        servers,
        [
            "cursor: --b--name host=redacted scope=user transport=http".to_owned(),
            format!(
                "cursor: {} host=x.example scope=user transport=http",
                "n".repeat(64)
            ),
            "cursor: redacted host=redacted scope=user transport=http".to_owned(),
        ]
    );
}

#[test]
fn a_folder_with_very_many_entries() {
    let device = device();
    let folder = device.home(".vscode/extensions/first");
    for number in 0..4_100 {
        symlink(
            "/missing",
            folder.with_file_name(format!("a.b{number}-1.0.0")),
        )
        .unwrap();
    }
    let scan = device.scan();
    assert!(
        told(&scan).contains("more entries than are read"),
        "{:?}",
        scan.degradations
    );
}

#[test]
fn very_many_servers_are_cut() {
    let device = Device::new();
    let servers: Vec<String> = (0..5_000)
        .map(|number| format!(r#""s{number}": {{"url": "https://x.example"}}"#))
        .collect();
    device.put_home(
        ".cursor/mcp.json",
        format!(r#"{{"mcpServers": {{{}}}}}"#, servers.join(",")),
    );
    assert_eq!(tool_rows(&device.scan(), TraceKind::McpServer).len(), 128);
}

#[test]
fn a_scan_ends_at_its_bounds_and_says_so() {
    let limits = Limits {
        entries: 50,
        ..Limits::default()
    };
    let device = Device::new().limited(limits);
    for number in 0..100 {
        device.put(&format!("usr/bin/tool{number}"), "");
    }
    let scan = device.scan();
    assert!(
        scan.degradations
            .iter()
            .any(|told| told.contains("stopped at its bounds")),
        "{:?}",
        scan.degradations
    );
    let limits = Limits {
        time: Duration::ZERO,
        ..Limits::default()
    };
    let scan = Device::new().limited(limits).scan();
    assert!(
        scan.traces.is_empty() && scan.degradations.len() == 1,
        "{scan:?}"
    );
}

#[test]
fn a_home_folder_whose_person_is_somebody_else() {
    let device = device();
    // The numbers in this list are not those of the files, unless the tests run as user 4242.
    device.put(
        "etc/passwd",
        "kowalska:x:4242:4242::/home/kowalska:/bin/sh\nroot:x:0:0::/root:/bin/sh\n",
    );
    let own = std::os::unix::fs::MetadataExt::uid(&fs::metadata(device.root()).unwrap());
    let scan = device.scan();
    if own != 4242 && own != 0 {
        assert!(tool_rows(&scan, TraceKind::McpServer).is_empty());
        assert_eq!(count(&scan, "foreign_owner"), 1);
    }
}

#[test]
fn folders_that_may_not_be_read() {
    let device = device();
    let closed = device.home(".cursor/extensions");
    fs::create_dir_all(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
    let scan = device.scan();
    if fs::read_dir(&closed).is_err() {
        assert!(
            told(&scan).contains("may not be read"),
            "{:?}",
            scan.degradations
        );
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_home_folder_that_may_not_be_read() {
    let device = device();
    let closed = device.home("");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
    let is_refused = fs::read_dir(&closed).is_err();
    let scan = device.scan();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    if is_refused {
        assert_eq!(count(&scan, "homes"), 0);
        let [told] = scan.degradations.as_slice() else {
            panic!("one degradation: {:?}", scan.degradations);
        };
        assert!(told.contains("1 home folders may not be read"), "{told}");
    }
}

#[test]
fn a_list_of_users_of_any_bytes() {
    let device = device();
    device.put("etc/passwd", b"\xff\xfe::::\nroot\n:x:1:1::/:/bin/sh\na:x:99999999999:1::/x:/bin/sh\nb:x:5:5::/home/../etc:/bin/sh\nkowalska:x:0:0::/home/kowalska:/bin/bash\n");
    let scan = device.scan();
    assert_eq!(count(&scan, "homes"), 1);
    device.put("etc/passwd", "");
    assert_eq!(count(&device.scan(), "homes"), 0);
}

#[test]
fn a_list_of_home_folders_of_ones_own() {
    let device = device();
    let config = PresenceConfig {
        homes: Homes::Listed(vec![device.home(""), device.home("missing")]),
        ..device.config()
    };
    let scan = Scanner::new(config).scan(Timestamp::default());
    assert_eq!(tool_rows(&scan, TraceKind::McpServer), [FOUND]);
    assert!(
        scan.traces
            .iter()
            .all(|trace| trace.login.as_deref() != Some("missing"))
    );
}

#[test]
fn ten_thousand_processes() {
    let device = Device::new();
    device.put("proc/1/comm", "worker\n");
    for pid in 2..10_000 {
        symlink("1", device.root().join(format!("proc/{pid}"))).unwrap();
    }
    device.put("proc/10000/comm", "ollama\n");
    device.put("proc/10000/cmdline", "ollama\0serve\0");
    let scan = device.scan();
    assert_eq!(rows(&scan, TraceKind::Process), ["ollama"]);
    assert!(
        scan.degradations
            .iter()
            .any(|told| told.contains("short names only")),
        "{:?}",
        scan.degradations
    );
    assert!(count(&scan, "microseconds") < 10_000_000);
}

#[test]
fn two_scans_of_the_same_device_say_the_same() {
    let device = device();
    device.put_home(".local/bin/aider", "");
    device.put_home(
        ".cursor/mcp.json",
        r#"{"mcpServers": {"b": {"url": "https://x.example"}, "a": {"url": "https://y.example"}}}"#,
    );
    let (one, other) = (device.scan(), device.scan());
    assert_eq!(one.traces, other.traces);
    assert_eq!(one.degradations, other.degradations);
}
