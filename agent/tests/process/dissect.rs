//! `dissect` on captures that these tests make.

use std::io::Read;
use std::process::Stdio;

use crate::support::agent::{Agent, text};
use crate::support::capture::{Capture, Talk};

#[test]
fn each_message_is_one_line_in_the_order_of_the_capture() {
    let agent = Agent::new();
    let request = b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1:11434\r\n\r\n";
    let local = Talk {
        server_port: 11434,
        ..Talk::https(40_003)
    };
    let capture = Capture::default()
        .dns_query(40_001, "api.OpenAI.com")
        .tls(40_002, "api.openai.com")
        .connection(local, &[(request, b"HTTP/1.1 200 OK\r\n\r\n")]);
    let path = agent.write("office.pcap", capture.pcap());
    let ended = agent.run(&["dissect", text(&path)]).succeeded();
    let lines = ended.json_lines();
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["dns", "tls", "http"]);

    let dns = ended.stdout.lines().next().expect("a line");
    assert_eq!(
        dns,
        "{\"kind\":\"dns\",\"ts\":\"2026-01-02T03:04:05.123456Z\",\"frame\":1,\
         \"src\":\"10.0.0.2\",\"sport\":40001,\"dst\":\"203.0.113.9\",\"dport\":53,\
         \"transport\":\"udp\",\"opcode\":\"QUERY\",\"response\":false,\"rcode\":\"NOERROR\",\
         \"name\":\"api.openai.com\",\"rrtype\":\"A\",\"answers\":[]}"
    );
    let tls = &lines[1];
    assert_eq!(tls["name"], "api.openai.com");
    assert_eq!(tls["alpn"], serde_json::json!(["h2", "http/1.1"]));
    assert_eq!(tls["ech"], "none");
    assert_eq!(tls["complete"], true);
    assert_eq!(tls["ja3"].as_str().map(str::len), Some(32));
    assert!(
        tls["ja4"]
            .as_str()
            .is_some_and(|ja4| ja4.starts_with("t13d")),
        "{tls}"
    );
    let order: Vec<usize> = [
        "kind", "ts", "frame", "src", "sport", "dst", "dport", "name", "alpn", "ja3", "ja4",
    ]
    .iter()
    .filter_map(|field| {
        ended
            .stdout
            .lines()
            .nth(1)
            .and_then(|line| line.find(&format!("\"{field}\":")))
    })
    .collect();
    assert!(order.is_sorted() && order.len() == 11, "{tls}");
    assert_eq!(lines[2]["name"], "127.0.0.1:11434");
    assert_eq!(lines[2]["method"], "POST");
    assert!(
        ended.stderr.contains("1 tls, 1 dns, 1 http"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_file_that_is_no_capture_fails_and_does_not_keep_the_others_from_it() {
    let agent = Agent::new();
    let good = agent.write(
        "good.pcap",
        Capture::default().dns_query(1, "a.example").pcap(),
    );
    let bad = agent.write("notes.txt", "not a capture, only words");
    let empty = agent.write("empty.pcap", "");
    let ended = agent.run(&["dissect", text(&bad), text(&empty), text(&good)]);
    let ended = ended.failed_with(1, "notes.txt");
    assert!(ended.stderr.contains("not a capture"), "{}", ended.stderr);
    assert!(ended.stderr.contains("empty.pcap"), "{}", ended.stderr);
    assert_eq!(ended.json_lines().len(), 1);
    agent
        .run(&["dissect", "/nonexistent.pcap"])
        .failed_with(1, "/nonexistent.pcap");
}

#[test]
fn a_cut_capture_gives_everything_before_the_cut_and_a_warning() {
    let agent = Agent::new();
    let whole = Capture::default()
        .dns_query(1, "a.example")
        .dns_query(2, "b.example")
        .pcap();
    for cut in 1..40 {
        let path = agent.write("cut.pcap", &whole[..whole.len() - cut]);
        let ended = agent.run(&["dissect", text(&path)]).succeeded();
        assert_eq!(ended.json_lines().len(), 1, "{cut}");
        assert!(ended.stderr.contains("warning"), "{}", ended.stderr);
    }
}

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    let agent = Agent::new();
    let mut capture = Capture::default();
    for port in 0..5_000 {
        capture = capture.dns_query(port, "a.rather.long.name.to.fill.the.pipe.sooner.example");
    }
    let path = agent.write("many.pcap", capture.pcap());
    let mut child = agent
        .command(&["dissect", text(&path)])
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut first = [0; 16];
    child
        .stdout
        .take()
        .expect("piped")
        .read_exact(&mut first)
        .expect("some output");
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(0));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("error"), "{stderr}");
}

#[test]
fn without_a_capture_the_usage_is_wrong() {
    Agent::new().run(&["dissect"]).failed_with(2, "CAPTURE");
    Agent::new().run(&["disect"]).failed_with(2, "dissect");
}
