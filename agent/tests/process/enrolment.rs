//! `enroll` with good and bad tokens.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::support::agent::Agent;
use crate::support::authority::Authority;
use crate::support::collector::Collector;
use crate::support::proxy::Proxy;

#[test]
fn a_token_gives_an_identity_that_nobody_else_can_read() {
    let (agent, collector) = (Agent::new(), Collector::start());
    let ended = agent.run(&["enroll", &collector.token("once")]).succeeded();
    assert!(
        ended.stdout.contains("enrolled as sensor-1"),
        "{}",
        ended.stdout
    );
    let file = agent.state().join("identity/agent.json");
    let mode = |path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(file), 0o600);
    assert_eq!(mode(agent.state().join("identity")), 0o700);
    agent
        .run(&["enroll", &collector.token("twice")])
        .failed_with(2, "already enrolled as sensor-1");
    agent
        .run(&["enroll", "--force", &collector.token("twice")])
        .succeeded();
}

#[test]
fn a_token_can_come_from_stdin() {
    let (agent, collector) = (Agent::new(), Collector::start());
    let path = agent.write("token", collector.token("once"));
    let token = std::fs::File::open(path).expect("there");
    let mut command = agent.command(&["enroll", "-"]);
    let output = command.stdin(Stdio::from(token)).output().expect("started");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_used_token_is_refused_in_the_words_of_the_collector() {
    let (agent, collector) = (Agent::new(), Collector::start());
    agent.run(&["enroll", &collector.token("once")]).succeeded();
    let again = Agent::new();
    again
        .run(&["enroll", &collector.token("once")])
        .failed_with(1, "was used before");
    assert!(!again.state().join("identity/agent.json").exists());
}

#[test]
fn malformed_and_expired_tokens_are_refused_without_a_connection() {
    let agent = Agent::new();
    agent
        .run(&["enroll", "hello"])
        .failed_with(2, "not an enrolment token");
    agent.run(&["enroll", "gnm1_abc"]).failed_with(2, "damaged");
    agent
        .run(&["enroll", "gnm9_abc"])
        .failed_with(2, "newer version");
    let expired = Authority::new().token("127.0.0.1:1", "s", 1_700_000_000);
    agent
        .run(&["enroll", &expired])
        .failed_with(1, "expired on 2023-11-14T22:13:20Z");
    assert!(!agent.state().join("identity").join("agent.json").exists());
}

#[test]
fn a_collector_of_another_authority_is_not_trusted() {
    let (agent, collector) = (Agent::new(), Collector::start());
    let address = collector.address.to_string();
    let token = Authority::new().token(&address, "once", 4_000_000_000);
    agent
        .run(&["enroll", &token])
        .failed_with(1, "does not come from the CA");
    assert_eq!(
        collector.seen().secrets.len(),
        2,
        "the secret was given away"
    );
}

#[test]
fn a_collector_under_another_name_is_not_trusted() {
    let (agent, collector) = (Agent::new(), Collector::start());
    let address = format!("localhost:{}", collector.address.port());
    let token = collector.authority.token(&address, "once", 4_000_000_000);
    agent
        .run(&["enroll", &token])
        .failed_with(1, "for another host name");
    assert_eq!(
        collector.seen().secrets.len(),
        2,
        "the secret was given away"
    );
}

#[test]
fn the_way_leads_through_the_configured_proxy() {
    let (agent, collector) = (Agent::new(), Collector::start());
    let proxy = Proxy::start("bWU6c2VjcmV0");
    let through = |lines: &str| {
        let config = format!("[proxy]\nurl = \"http://{}\"\n{lines}", proxy.address);
        agent.write("agent.toml", config);
        agent.run(&["enroll", &collector.token("once")])
    };
    through("").failed_with(1, "the proxy wants a name and a password");
    let password = agent.write("password", "secret\n");
    through(&format!("user = \"me\"\npassword_file = {password:?}\n")).succeeded();
    assert_eq!(proxy.tunnels(), 1);
}
