//! `validate`, and what a wrong configuration does to the other commands.

use crate::support::agent::{Agent, Ended};

const WRONG: &str = "mdoe = \"tap\"\n[capture]\nqueues = \"many\"\nring_size = \"3 bytes\"\n\
                     [log]\nlevel = \"loud\"\n";

#[test]
fn every_problem_is_reported_in_one_go_with_its_line() {
    let agent = Agent::new();
    agent.write("agent.toml", WRONG);
    let ended = agent
        .run(&["validate"])
        .failed_with(2, "agent.toml:1: unknown key `mdoe`");
    for expected in [
        "did you mean `mode`?",
        "agent.toml:3: `capture.queues` must be a whole number, but is a string",
        "agent.toml:4: `capture.ring_size` must be a size",
        "agent.toml:6: `log.level` must be",
    ] {
        assert!(
            ended.stderr.contains(expected),
            "{expected:?} is not in {}",
            ended.stderr
        );
    }
}

#[test]
fn a_valid_configuration_is_said_to_be_valid() {
    let agent = Agent::new();
    agent.write(
        "agent.toml",
        "mode = \"tap\"\n[capture]\ninterfaces = [\"any\"]\n",
    );
    let ended = agent.run(&["validate"]).succeeded();
    assert!(ended.stdout.contains("is valid"), "{}", ended.stdout);
}

#[test]
fn no_command_runs_with_a_wrong_configuration() {
    let agent = Agent::new();
    agent.write("agent.toml", WRONG);
    agent.run(&["run"]).failed_with(2, "agent.toml:1");
    agent.run(&["status"]).failed_with(2, "agent.toml:1");
}

#[test]
fn a_configuration_that_is_named_has_to_be_there() {
    let agent = Agent::new();
    let mut command = agent.command(&["validate"]);
    std::fs::remove_file(agent.path("agent.toml")).expect("removed");
    let ended = Ended::from(command.output().expect("started"));
    ended.failed_with(2, "agent.toml");
}

#[test]
fn without_an_agent_status_says_so() {
    let agent = Agent::new();
    agent.run(&["status"]).failed_with(1, "no agent runs");
    let ended = agent.run(&["show"]).succeeded();
    assert!(
        ended.stdout.contains("Nothing has been reported"),
        "{}",
        ended.stdout
    );
    let answer = agent.run(&["show", "--format", "json"]).succeeded().json();
    assert_eq!(answer["items"], serde_json::json!([]));
}

#[test]
fn interfaces_are_listed() {
    let answer = Agent::new()
        .run(&["interfaces", "--format", "json"])
        .succeeded()
        .json();
    let items = answer["items"].as_array().expect("a list");
    assert!(
        items.iter().any(|item| item["loopback"] == true),
        "{answer:#}"
    );
}

#[test]
fn each_command_has_help_with_an_example() {
    let agent = Agent::new();
    for command in [
        "run",
        "enroll",
        "validate",
        "status",
        "show",
        "scan",
        "dissect",
        "interfaces",
    ] {
        let ended = agent.run(&[command, "--help"]).succeeded();
        assert!(
            ended.stdout.contains("Example"),
            "{command}: {}",
            ended.stdout
        );
    }
    assert!(
        agent
            .run(&["--version"])
            .succeeded()
            .stdout
            .starts_with("gnomon-agent ")
    );
}
