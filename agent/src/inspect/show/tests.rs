use proto::v1;
use signatures::Catalogue;

use super::*;

fn row(user: &str, sealed: &[u8]) -> Row {
    let finding = v1::Finding {
        key: Some(v1::FindingKey {
            service_id: "claude-code".to_owned(),
            surface: "mcp".to_owned(),
            process: "~/.../claude".to_owned(),
            user: user.to_owned(),
            ..Default::default()
        }),
        stage: v1::Stage::Installed as i32,
        evidence: vec![v1::Evidence {
            kind: "artefact".to_owned(),
            value: "github".to_owned(),
            attributes: [("pinned", "no"), ("transport", "stdio"), ("new", "thing")]
                .map(|(name, value)| v1::Attribute {
                    name: name.to_owned(),
                    value: value.to_owned(),
                })
                .to_vec(),
            ..Default::default()
        }],
        attribution: Some(v1::Attribution {
            quality: "exact".to_owned(),
            sealed_user: sealed.to_vec(),
            client_class: "cli-agent".to_owned(),
            process: Some(v1::ProcessIdentity {
                pid: 7,
                executable: "~/.../node".to_owned(),
                parents: vec![v1::ParentProcess {
                    pid: 3,
                    name: "bash".to_owned(),
                }],
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    };
    Row::new(finding, Catalogue::builtin())
}

#[test]
fn an_employee_reads_in_words_what_was_and_what_will_be_reported() {
    let waiting = Waiting {
        rows: vec![row("u-zzzzzzzzzz", &[])],
        more: 2,
    };
    let reported = [row("u-abcdefghij", &[1])];
    let text = describe(&reported, &waiting, &Config::default(), &Shown::default());
    for part in [
        "github in what is installed or set up here (any version, reached by stdio, new: thing)",
        "~/.../claude (cli agent)",
        "with process 7, program file ~/.../node, started by bash (3)",
        "u-abcdefghij, a pseudonym; the name goes along sealed",
        "This waits and will be reported",
        "u-zzzzzzzzzz, a pseudonym; the name does not go along",
        "2 records more wait",
        "Users are not reported until the collector says how.",
        "arguments never",
        "MCP servers and models",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn switches_that_are_off_are_told() {
    let mut config = Config {
        attribution: Backend::Off,
        ..Config::default()
    };
    config.presence.enabled = false;
    let users = Shown {
        users: Some("plain".to_owned()),
        ..Shown::default()
    };
    let text = describe(&[row("anna", &[])], &Waiting::default(), &config, &users);
    for part in [
        "anna, the login name",
        "reported by login name",
        "not looked for",
        "What is installed is not looked for.",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("waits"));
}
