//! From a capture to the collector, whatever happens on the way.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::agent::{Agent, wait_until};
use crate::support::capture::Capture;
use crate::support::collector::{Collector, Mood};
use crate::support::proxy::Proxy;

/// An enrolled agent, its collector, and a capture in which two services are used over hours.
fn site() -> (Agent, Collector, PathBuf) {
    site_with(|_| {})
}

fn site_with(prepare: impl FnOnce(&Collector)) -> (Agent, Collector, PathBuf) {
    let (agent, collector) = (Agent::new(), Collector::start());
    prepare(&collector);
    agent.run(&["enroll", &collector.token("once")]).succeeded();
    let mut capture = Capture::default();
    for hour in 0..6 {
        let port = 40_000 + u16::try_from(hour).expect("small") * 10;
        let used = Capture::default()
            .tls(port, "api.openai.com")
            .dns_query(port + 1, "claude.ai")
            .tls(port + 2, "claude.ai");
        capture = capture.and(used.later(hour));
    }
    let path = agent.write("office.pcap", capture.pcap());
    (agent, collector, path)
}

/// What an undisturbed delivery of the same capture ends with.
fn undisturbed() -> BTreeMap<Vec<u8>, u32> {
    let (agent, collector, capture) = site();
    agent.replay(&capture, 30).succeeded();
    let records = collector.seen().records.clone();
    assert!(records.len() >= 18, "{} records", records.len());
    records
}

#[test]
fn a_capture_is_delivered_once_however_often_it_is_replayed() {
    let (agent, collector, capture) = site();
    let ended = agent.replay(&capture, 30).succeeded();
    assert!(ended.stderr.contains("0 in the spool"), "{}", ended.stderr);
    let first = collector.seen().records.clone();
    let received = collector.seen().received;
    agent.replay(&capture, 30).succeeded();
    assert_eq!(collector.seen().records, first);
    assert_eq!(collector.seen().received, 2 * received);

    let heartbeat = collector.seen().heartbeats[0].clone();
    assert_eq!(heartbeat.mode, "tap");
    assert_eq!(heartbeat.epoch.len(), 16);
    assert!(!heartbeat.catalogue_version.is_empty());

    let shown = agent.run(&["show", "--format", "json"]).succeeded().json();
    let items = shown["items"].as_array().expect("a list");
    assert!(items.len() >= 12, "{shown:#}");
    let told = agent.run(&["show"]).succeeded().stdout;
    assert!(
        told.contains("claude.ai in the opening of an encrypted connection"),
        "{told}"
    );
    agent
        .run(&["status"])
        .failed_with(1, "no agent runs; the last one ended");
}

#[test]
fn a_compressed_capture_is_the_same_capture() {
    let (agent, collector, capture) = site();
    agent.replay(&capture, 30).succeeded();
    let first = collector.seen().records.clone();
    let plain = std::fs::read(&capture).expect("readable");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&plain).expect("compressed");
    let packed = agent.write("other-name.gz", packed.finish().expect("compressed"));
    agent.replay(&packed, 30).succeeded();
    assert_eq!(collector.seen().records, first);
}

#[test]
fn a_collector_that_forgets_to_acknowledge_gets_everything_again() {
    let (agent, collector, capture) = site();
    collector.set_mood(Mood::Forgetful(3));
    agent.replay(&capture, 60).succeeded();
    assert!(collector.seen().batches >= 4);
    assert_eq!(collector.seen().records.len(), undisturbed().len());
}

#[test]
fn what_is_refused_for_good_is_said_and_does_not_block_the_rest() {
    let (agent, collector, capture) = site();
    collector.set_mood(Mood::Picky);
    let ended = agent.replay(&capture, 30).succeeded();
    assert!(
        ended.stderr.contains("the collector refused"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("unknown service"), "{}", ended.stderr);
    assert!(ended.stderr.contains("0 in the spool"), "{}", ended.stderr);
    assert!(collector.seen().records.len() >= 6, "coverage was lost too");
}

#[test]
fn a_collector_that_wants_smaller_batches_gets_them() {
    let (agent, collector, capture) = site();
    collector.set_mood(Mood::Small(4));
    agent.replay(&capture, 60).succeeded();
    assert_eq!(collector.seen().records.len(), undisturbed().len());
}

#[test]
fn what_a_revoked_agent_keeps_is_delivered_once_it_is_enrolled_again() {
    let (agent, collector, capture) = site();
    collector.set_mood(Mood::Revoking);
    agent
        .replay(&capture, 2)
        .failed_with(1, "this sensor is revoked");
    assert!(collector.seen().records.is_empty());
    collector.set_mood(Mood::Willing);
    agent
        .run(&["enroll", "--force", &collector.token("twice")])
        .succeeded();
    agent.replay(&capture, 30).succeeded();
    assert_eq!(collector.seen().records.len(), undisturbed().len());
}

#[test]
fn an_agent_that_is_killed_again_and_again_delivers_the_same() {
    let (agent, collector, capture) = site();
    collector.set_mood(Mood::Forgetful(2));
    for milliseconds in [5, 20, 60, 150] {
        let mut child = agent.start_replay(&capture);
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    agent.replay(&capture, 60).succeeded();
    let delivered: Vec<u32> = collector.seen().records.values().copied().collect();
    let expected: Vec<u32> = undisturbed().into_values().collect();
    assert_eq!(delivered, expected);
}

#[test]
fn the_certificate_is_renewed_before_it_ends() {
    let (agent, collector, capture) =
        site_with(|collector| collector.seen().lifetime = Duration::from_secs(6));
    collector.set_mood(Mood::Silent);
    let mut child = agent.start_replay(&capture);
    wait_until("the renewal", || collector.seen().renewals > 0);
    collector.set_mood(Mood::Willing);
    assert!(child.wait().expect("ended").success());
    assert_eq!(collector.seen().renewals, 1);
    agent.replay(&capture, 30).succeeded();
}

#[test]
fn the_status_of_a_running_agent_tells_of_its_collector() {
    let (agent, collector, capture) = site();
    collector.set_mood(Mood::Silent);
    let mut child = agent.start_replay(&capture);
    wait_until("the connection", || {
        let ended = agent.run(&["status", "--format", "json"]);
        ended.code == Some(0) && ended.json()["collector"]["connected"] == true
    });
    let status = agent
        .run(&["status", "--format", "json"])
        .succeeded()
        .json();
    assert_eq!(status["running"], true);
    assert_eq!(status["collector"]["sensor_id"], "sensor-1");
    let offset = status["collector"]["clock_offset_ms"]
        .as_i64()
        .expect("a number");
    assert!((89_000..=90_500).contains(&offset), "{offset}");
    assert!(
        status["spool"]["pending_records"]
            .as_u64()
            .is_some_and(|count| count > 0)
    );
    let told = agent.run(&["status"]).succeeded().stdout;
    assert!(told.contains("clock is 89 seconds behind") || told.contains("clock is 90 seconds"));
    agent
        .replay(&capture, 1)
        .failed_with(1, "another gnomon-agent runs");
    child.kill().expect("killed");
    child.wait().expect("ended");
    agent
        .run(&["status"])
        .failed_with(1, "no agent runs; the last one was lost");
}

#[test]
fn the_way_leads_through_the_configured_proxy() {
    let (agent, collector, capture) = site();
    let proxy = Proxy::start("bWU6c2VjcmV0");
    let password = agent.write("password", "secret\n");
    let config = format!(
        "[proxy]\nurl = \"http://{}\"\nuser = \"me\"\npassword_file = {password:?}\n",
        proxy.address
    );
    agent.write("agent.toml", config);
    agent.replay(&capture, 30).succeeded();
    assert!(proxy.tunnels() >= 1);
    assert!(!collector.seen().records.is_empty());
}
