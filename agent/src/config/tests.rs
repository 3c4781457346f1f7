use super::*;

fn problems(text: &str) -> Vec<(usize, String)> {
    read(Path::new("agent.toml"), text)
        .expect_err("must be refused")
        .list()
        .iter()
        .map(|problem| (problem.line, problem.message.clone()))
        .collect()
}

#[test]
fn an_empty_file_gives_the_defaults() {
    assert_eq!(
        read(Path::new("agent.toml"), "").expect("valid"),
        Config::default()
    );
}

#[test]
fn every_key_is_read() {
    let text = r#"
mode = "tap"
state_dir = "/srv/gnomon"
[capture]
interfaces = ["eth0", "any"]
backend = "pcap"
queues = 4
ring_size = "16 MiB"
filter = "off"
max_flows = 1_000_000
[collector]
address = "[::1]:8443"
[proxy]
url = "http://proxy.example.com:3128"
user = "gnomon"
password_file = "/etc/gnomon/proxy-password"
no_proxy = [".example.com"]
[spool]
max_size = 2097152
[report]
interval = "10s"
window = "2h"
[log]
level = "debug"
format = "json"
"#;
    let config = read(Path::new("agent.toml"), text).expect("valid");
    assert_eq!(config.mode, Mode::Tap);
    assert_eq!(config.state_dir, PathBuf::from("/srv/gnomon"));
    assert_eq!(
        config.capture,
        Capture {
            interfaces: Some(vec!["eth0".to_owned(), "any".to_owned()]),
            backend: Backend::Pcap,
            queues: 4,
            ring_bytes: 16 << 20,
            filter: Filter::Off,
            max_flows: 1_000_000,
        }
    );
    assert_eq!(config.collector.as_deref(), Some("[::1]:8443"));
    let proxy = config.proxy.expect("given");
    assert_eq!(
        (proxy.host.as_str(), proxy.port),
        ("proxy.example.com", 3128)
    );
    assert_eq!(proxy.no_proxy, [".example.com"]);
    assert_eq!(config.spool_bytes, 2 << 20);
    assert_eq!(config.report_interval, Duration::from_secs(10));
    assert_eq!(config.window, Duration::from_secs(7200));
    assert_eq!(
        (config.log_level.as_str(), config.log_format),
        ("debug", LogFormat::Json)
    );
}

#[test]
fn all_problems_come_at_once_with_their_lines() {
    let text = "mdoe = \"tap\"\nmode = 5\n[capture]\nqueues = 900\ninterfaces = [\"eth0\", 3]\n\
                [report]\nwindow = \"yesterday\"\n[kollector]\naddress = \"x\"\n";
    let found = problems(text);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 4, 5, 7, 8], "{found:?}");
    let text: Vec<&str> = found.iter().map(|(_, message)| message.as_str()).collect();
    assert!(
        text[0].contains("unknown key `mdoe` (did you mean `mode`?)"),
        "{found:?}"
    );
    assert!(
        text[1].contains("`mode` must be a string, but is an integer"),
        "{found:?}"
    );
    assert!(text[2].contains("from 1 to 64, but is 900"), "{found:?}");
    assert!(text[3].contains("holds an integer"), "{found:?}");
    assert!(text[4].contains("duration"), "{found:?}");
    assert!(
        text[5].contains("`kollector` (did you mean `collector`?)"),
        "{found:?}"
    );
}

#[test]
fn broken_syntax_does_not_hide_the_rest() {
    let found = problems("mode = \nstate_dir = \"relative\"\nunknown = 1\n");
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 3], "{found:?}");
}

#[test]
fn a_password_without_a_proxy_is_a_problem() {
    let found = problems("[proxy]\nuser = \"me\"\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("without `proxy.url`"), "{found:?}");
}

#[test]
fn addresses_have_a_host_and_a_port() {
    use super::checker::host_and_port;
    assert_eq!(host_and_port("collector:8443"), Some(("collector", 8443)));
    assert_eq!(
        host_and_port("[2001:db8::1]:8443"),
        Some(("2001:db8::1", 8443))
    );
    for wrong in [
        "collector",
        "collector:0",
        ":8443",
        "a b:1",
        "https://x:1",
        "[::1:5",
    ] {
        assert_eq!(host_and_port(wrong), None, "{wrong}");
    }
}

#[test]
fn the_example_in_the_documentation_is_valid() {
    let page = include_str!("mod.rs");
    let example: String = page
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| format!("{}\n", line.trim_start_matches("//!").trim_start()))
        .collect();
    assert!(example.contains("max_flows"));
    read(Path::new("example"), &example).expect("valid");
}

#[test]
fn settings_of_the_endpoint_are_refused_with_their_line() {
    let text = "[attribution]\nbackend = \"best\"\n[presence]\nenabled = \"yes\"\ninterval = \"1s\"\n\
                parts = [\"models\", \"prompts\"]\n[limits]\ncpu_percent = 0\nmemory = \"1 MiB\"\n";
    let problems = problems(text);
    let lines: Vec<usize> = problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 8, 9], "{problems:?}");
}

#[test]
fn only_an_endpoint_keeps_packets_in_the_kernel() {
    let read = |text| read(Path::new("agent.toml"), text);
    let default = read("mode = \"endpoint\"\n").expect("valid");
    assert_eq!(default.capture.filter, Filter::Auto);
    assert_eq!(
        read("mode = \"tap\"\n").expect("valid").capture.filter,
        Filter::Off
    );
    let classic = read("[capture]\nfilter = \"classic\"\n").expect("valid");
    assert_eq!(classic.capture.filter, Filter::Classic);
    let problems = read("mode = \"tap\"\n[capture]\nfilter = \"ebpf\"\n").expect_err("no effect");
    assert!(
        problems
            .to_string()
            .contains("agent.toml:3: `capture.filter` has no effect on a tap")
    );
}

#[test]
fn settings_of_the_endpoint_are_read() {
    let text = r#"
[attribution]
backend = "sock_diag"
[presence]
enabled = false
interval = "1h"
parts = ["models", "mcp"]
[limits]
cpu_percent = 10
memory = "64 MiB"
"#;
    let config = read(Path::new("agent.toml"), text).expect("valid");
    assert_eq!(config.attribution, endpoint::Backend::SockDiag);
    assert_eq!(
        config.presence,
        endpoint::Presence {
            enabled: false,
            interval: Duration::from_secs(3600),
            kinds: vec![
                flow::TraceKind::McpServer,
                flow::TraceKind::AgentSetting,
                flow::TraceKind::LocalModel,
            ],
        }
    );
    assert_eq!(
        config.limits,
        endpoint::Limits {
            cpu_percent: 10,
            memory_bytes: 64 << 20,
        }
    );
}
