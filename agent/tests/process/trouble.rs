//! What stands where the collector should be.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use crate::support::agent::{Agent, text};
use crate::support::capture::Capture;
use crate::support::collector::Collector;

/// A server that answers whatever it is sent with `answer`.
fn server(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() && stream.write_all(answer).is_err() {
                break;
            }
        }
    });
    address
}

fn enrolled(address: SocketAddr) -> (Agent, std::path::PathBuf) {
    let (agent, collector) = (Agent::new(), Collector::start());
    agent.run(&["enroll", &collector.token("once")]).succeeded();
    agent.write(
        "agent.toml",
        format!("[collector]\naddress = \"{address}\"\n"),
    );
    let capture = Capture::default().tls(40_000, "api.openai.com").pcap();
    let path = agent.write("office.pcap", capture);
    (agent, path)
}

#[test]
fn a_web_server_is_told_from_a_collector() {
    let (agent, capture) = enrolled(server(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    agent
        .replay(&capture, 1)
        .failed_with(1, "is not a gnomon-collector: it does not speak TLS");
}

#[test]
fn a_server_that_hangs_up_is_told_from_a_collector() {
    let (agent, capture) = enrolled(server(b""));
    agent
        .replay(&capture, 1)
        .failed_with(1, "is not a gnomon-collector");
}

#[test]
fn the_collector_of_somebody_else_is_not_trusted() {
    let other = Collector::start();
    let (agent, capture) = enrolled(other.address);
    agent
        .replay(&capture, 1)
        .failed_with(1, "does not come from the CA that enrolled this agent");
    assert!(other.seen().heartbeats.is_empty());
}

#[test]
fn without_a_collector_everything_waits_in_the_spool() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("bound");
    let (agent, capture) = enrolled(closed);
    let ended = agent
        .replay(&capture, 1)
        .failed_with(1, "the collector cannot be reached");
    assert!(
        ended.stderr.contains("wait in the spool"),
        "{}",
        ended.stderr
    );
    let kept = agent
        .run(&["run", "--replay", text(&capture), "--no-wait"])
        .succeeded();
    assert!(!kept.stderr.contains(" 0 in the spool"), "{}", kept.stderr);
}

#[test]
fn without_enrolment_a_replay_says_what_to_do() {
    let agent = Agent::new();
    let path = agent.write("a.pcap", Capture::default().tls(1, "api.openai.com").pcap());
    agent.replay(&path, 1).failed_with(1, "enrol it first");
    agent
        .run(&["run", "--replay", text(&path), "--no-wait"])
        .succeeded();
    let bad = agent.write("notes.txt", "words");
    agent
        .run(&["run", "--replay", text(&bad), "--no-wait"])
        .failed_with(1, "not a capture");
}
