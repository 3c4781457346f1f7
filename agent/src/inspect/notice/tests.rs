use super::*;
use crate::config::endpoint::Backend;
use crate::config::{self, Mode};

fn golden(name: &str, config: &Config, users: &Shown) -> String {
    let made = text(config, users, NoticeFormat::Markdown);
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, made);
    });
    made
}

fn users(mode: &str, officers: &[&str], retention_days: Option<u32>) -> Shown {
    Shown {
        users: Some(mode.to_owned()),
        officers: officers.iter().map(|id| (*id).to_owned()).collect(),
        retention_days,
        problem: None,
    }
}

#[test]
fn a_laptop_with_pseudonyms_and_two_officers() {
    let file = "[privacy]\ncontact = \"IT service, it@example.com\"\n";
    let config = config::read(std::path::Path::new("agent.toml"), file).expect("valid");
    let shown = users(
        "pseudonym",
        &["0011223344556677", "8899aabbccddeeff"],
        Some(90),
    );
    let made = golden("pseudonyms", &config, &shown);
    assert!(made.contains("sealed twice") && made.contains("kept for 90 days"));
    assert!(made.contains("it@example.com"));
}

#[test]
fn a_laptop_that_reports_login_names() {
    let made = golden(
        "login_names",
        &Config::default(),
        &users("plain", &[], None),
    );
    assert!(made.contains("By login name, in the clear"));
    assert!(!made.contains("Login names in the clear."));
}

#[test]
fn a_laptop_that_looks_for_neither_programs_nor_tools() {
    let mut config = Config {
        attribution: Backend::Off,
        ..Config::default()
    };
    config.presence.enabled = false;
    config.capture.interfaces = Some(vec!["eth0".to_owned()]);
    let made = golden("network_only", &config, &users("pseudonym", &[], None));
    assert!(made.contains("People are not named"));
    assert!(!made.contains("checksum"));
}

#[test]
fn a_sensor_in_the_network() {
    let config = Config {
        mode: Mode::Tap,
        ..Config::default()
    };
    let made = golden("tap", &config, &Shown::default());
    assert!(made.contains("a network does not show who sits at a device"));
    assert!(!made.contains("MCP"));
}

#[test]
fn before_the_collector_has_said_how_people_are_named() {
    let made = golden("unknown", &Config::default(), &Shown::default());
    assert!(made.contains("Until it does, nobody is"));
    let nobody = text(
        &Config::default(),
        &users("none", &[], None),
        NoticeFormat::Text,
    );
    assert!(nobody.contains("reports have no user"));
    assert!(!nobody.contains("Counts of people"));
}

#[test]
fn what_stands_in_the_configuration_cannot_steer_a_page() {
    let config = Config {
        contact: Some("<script>alert(1)</script> *x*".to_owned()),
        ..Config::default()
    };
    let html = text(&config, &Shown::default(), NoticeFormat::Html);
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"));
    let markdown = text(&config, &Shown::default(), NoticeFormat::Markdown);
    assert!(markdown.contains("\\<script\\>") && markdown.contains("\\*x\\*"));
    let plain = text(&config, &Shown::default(), NoticeFormat::Text);
    assert!(plain.lines().all(|line| line.chars().count() <= 92));
}
