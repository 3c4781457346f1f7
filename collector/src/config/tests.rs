use super::*;

fn problems(text: &str) -> Vec<(usize, String)> {
    let problems = read("c.toml", text).unwrap_err();
    problems
        .list()
        .iter()
        .map(|problem| (problem.line, problem.message.clone()))
        .collect()
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(read("c.toml", "").unwrap(), Config::default());
}

#[test]
fn every_setting_is_read() {
    let config = read(
        "c.toml",
        r#"
        data_dir = "/srv/gnomon"
        listen = "127.0.0.1:9443"
        names = ["collector.example.com", "192.0.2.10", "2001:db8::1"]
        max_connections = 500
        [enrolment]
        token_lifetime = "1h"
        certificate_lifetime = "30d"
        [ingest]
        max_batch = 5_000
        [log]
        level = "debug"
        format = "json"
        "#,
    )
    .unwrap();
    assert_eq!(config.data_dir, Path::new("/srv/gnomon"));
    assert_eq!(config.listen, "127.0.0.1:9443".parse().unwrap());
    assert_eq!(config.names.len(), 3);
    assert_eq!(config.max_connections, 500);
    assert_eq!(config.token_lifetime, Duration::from_secs(3600));
    assert_eq!(config.certificate_lifetime, DAY * 30);
    assert_eq!(config.max_batch, 5_000);
    assert_eq!(config.log_level, tracing::Level::DEBUG);
    assert_eq!(config.log_format, LogFormat::Json);
}

#[test]
fn what_makes_a_risk_score_can_be_set() {
    let config = read(
        "c.toml",
        "[risk]\ncountries = [\"AQ\", \"BV\"]\n[risk.weights]\nvolume = 0\ndata_use = 40\n",
    )
    .unwrap();
    assert_eq!(config.risk.countries().collect::<Vec<_>>(), ["AQ", "BV"]);
    let weights: Vec<u8> = config.risk.weights().map(|(_, weight)| weight).collect();
    assert_eq!(weights, [40, 10, 10, 20, 5, 5, 10, 0, 5]);
    let found = problems(
        "[risk]\ncountries = [\"Antarctica\"]\nweights = { luck = 1, stage = 101 }\nx = 1\n",
    );
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 3, 4], "{found:?}");
    assert!(
        found
            .iter()
            .any(|(_, text)| text.contains("`risk.weights.luck` is not a setting"))
    );
    assert!(
        found
            .iter()
            .any(|(_, text)| text.contains("from 0 to 100, not 101"))
    );
}

#[test]
fn the_example_in_the_documentation_is_valid() {
    let source = include_str!("mod.rs");
    let example: Vec<&str> = source
        .lines()
        .skip_while(|line| !line.contains("```toml"))
        .skip(1)
        .take_while(|line| !line.contains("```"))
        .map(|line| line.trim_start_matches("//!"))
        .collect();
    let config = read("example", &example.join("\n")).unwrap();
    assert_eq!(config.names.len(), 2);
    assert_eq!(
        Config {
            names: Vec::new(),
            officers: Vec::new(),
            catalogue_local: None,
            ..config
        },
        Config::default()
    );
}

#[test]
fn all_problems_come_in_one_report_with_their_lines() {
    let found = problems(
        "data_dir = \"relative\"\n\
         listen = 8443\n\
         lissen = \"x\"\n\
         names = [\"ok.example\", 7, \"not a name\"]\n\
         [enrolment]\n\
         token_lifetime = \"soon\"\n\
         certificate_lifetime = \"1s\"\n\
         color = true\n\
         [ingest]\n\
         max_batch = 0\n\
         [log]\n\
         level = \"loud\"\n\
         format = \"xml\"\n",
    );
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 4, 6, 7, 8, 10, 12, 13], "{found:#?}");
    let all = read("c.toml", "[ingest]\nbatch = 1")
        .unwrap_err()
        .to_string();
    assert!(
        all.starts_with("c.toml:2: `ingest.batch` is not a setting"),
        "{all}"
    );
}

#[test]
fn a_syntax_error_does_not_hide_the_other_problems() {
    let found = problems("data_dir = \"rel\"\nlisten = = 3\nmax_connections = \"many\"\n");
    assert!(
        found
            .iter()
            .any(|(line, message)| *line == 2 && message.contains("TOML")),
        "{found:?}"
    );
    assert!(found.iter().any(|(line, _)| *line == 1), "{found:?}");
}

#[test]
fn a_section_that_is_no_section_is_a_problem() {
    let found = problems("log = 3\ningest = []\n");
    assert_eq!(found.len(), 2);
    assert!(
        found[0].1.contains("`log` must be a section, not integer"),
        "{found:?}"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = load(Path::new("/nonexistent/collector.toml")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nonexistent/collector.toml: "),
        "{error}"
    );
}

#[test]
fn the_certificate_is_for_the_names_and_for_the_one_address_it_listens_on() {
    let mut config = Config {
        names: vec!["c.example".to_owned()],
        ..Config::default()
    };
    assert_eq!(config.certificate_names(), ["c.example"]);
    config.listen = "192.0.2.7:8443".parse().unwrap();
    assert_eq!(config.certificate_names(), ["c.example", "192.0.2.7"]);
}

#[test]
fn people_are_named_as_the_administrator_chooses() {
    let config = read(
        "c.toml",
        "[privacy]\nusers = \"plain\"\nofficers = [\"/a.pub\", \"/b.pub\"]\n",
    )
    .unwrap();
    assert_eq!(config.users, UsersMode::Plain);
    assert_eq!(config.officers, [Path::new("/a.pub"), Path::new("/b.pub")]);
    let wrong = "[privacy]\nusers = \"names\"\nofficers = [\"a.pub\"]\nofficer = 1\n";
    let problems = problems(wrong);
    let lines: Vec<usize> = problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 3, 4], "{problems:?}");
}
