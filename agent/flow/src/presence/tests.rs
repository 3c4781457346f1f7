//! What traces amount to, with a small catalogue.

use std::sync::Arc;

use signatures::{Catalogue, Confidence, Platform, Surface};
use wire::Timestamp;

use super::{
    Attribute, Listed, MAX_TRACES, PresenceBook, PresenceReport, Trace, TraceKind, Wanted,
};
use crate::{EvidenceKind, Stage};

const CATALOGUE: &str = r#"
last_checked = "2026-11-20"
[vendor]
name = "Example"
country = "US"

[[service]]
id = "example-agent"
name = "Example Agent"
category = "coding-agent"
sources = ["https://example.com"]
[service.examples]
match = ["mcp.agent.example.com"]
near_miss = ["notagent.example.com"]
[[service.names]]
surface = "mcp"
suffix = ["mcp.agent.example.com"]
confidence = "vendor-doc"
sources = ["https://example.com"]
[[service.process]]
names = ["Agent"]
surface = "cli"
confidence = "curated-list"
sources = ["https://example.com"]
[[service.process]]
names = ["node"]
requires = "@example/agent"
surface = "cli"
confidence = "vendor-doc"
sources = ["https://example.com"]
[[service.process]]
names = ["agent-mac"]
platform = "macos"
confidence = "curated-list"
sources = ["https://example.com"]
[[service.artefact]]
kind = "npm-package"
values = ["@example/agent"]
surface = "cli"
confidence = "vendor-doc"
sources = ["https://example.com"]
[[service.artefact]]
kind = "pip-package"
values = ["Example_Agent.core"]
surface = "cli"
confidence = "vendor-doc"
sources = ["https://example.com"]

[[service]]
id = "example-editor"
name = "Example Editor"
category = "coding-assistant"
sources = ["https://example.com"]
[[service.artefact]]
kind = "vscode-extension"
values = ["example.editor"]
surface = "ide"
confidence = "single-mention"
sources = ["https://example.com"]
"#;

const HOUR: i64 = 3_600_000_000_000;

fn catalogue(text: &str) -> Catalogue {
    Catalogue::load(&[("example.toml".to_owned(), text.to_owned())]).unwrap()
}

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn trace(kind: TraceKind, listed: Listed, value: &str, seen: i64) -> Trace {
    Trace {
        kind,
        listed,
        value: value.to_owned(),
        login: Some("alice".into()),
        attributes: Vec::new(),
        seen: at(seen),
    }
}

fn extension(seen: i64) -> Trace {
    let listed = Listed::Artefact("vscode-extension");
    trace(TraceKind::IdeExtension, listed, "Example.Editor", seen)
}

fn server(host: &str) -> Trace {
    let listed = Listed::Tool {
        service: "example-editor",
        surface: Surface::Mcp,
    };
    let mut server = trace(TraceKind::McpServer, listed, "tickets", HOUR);
    server.attributes = vec![Attribute::new(Attribute::HOST, host)];
    server
}

fn reports(traces: Vec<Trace>) -> Vec<PresenceReport> {
    let mut book = PresenceBook::new(7, Platform::Linux);
    book.set(traces, at(HOUR));
    book.reports(&catalogue(CATALOGUE), at(HOUR), at(HOUR))
}

fn indicators(reports: &[PresenceReport]) -> Vec<&str> {
    let evidence = reports.iter().flat_map(|report| &report.report.evidence);
    evidence.map(|item| &*item.indicator).collect()
}

#[test]
fn an_extension_is_evidence_of_what_is_installed() {
    let reports = reports(vec![extension(HOUR)]);
    let [PresenceReport { report, login }] = reports.as_slice() else {
        panic!("one report: {reports:?}");
    };
    assert_eq!(login.as_deref(), Some("alice"));
    assert_eq!(report.service, "example-editor");
    assert_eq!(report.surface, Surface::Ide);
    assert_eq!(report.stage, Stage::Installed);
    assert!(report.flow.is_none() && report.ended && report.stands_alone);
    assert_eq!((report.source, report.number), (7, 1));
    let [evidence] = report.evidence.as_slice() else {
        panic!("one evidence: {report:?}");
    };
    assert_eq!(evidence.kind, EvidenceKind::Artefact);
    assert_eq!(
        &*evidence.indicator,
        "artefact:vscode-extension example.editor"
    );
    assert_eq!(evidence.indicator_confidence, Confidence::Low);
}

#[test]
fn programs_are_told_apart_by_what_the_catalogue_asks_for() {
    let process = |name: &str, requires: Option<&str>| {
        let requires = requires.map(Arc::from);
        trace(TraceKind::Process, Listed::Process { requires }, name, HOUR)
    };
    let found = reports(vec![
        process("agent", None),
        process("node", Some("@example/agent")),
        process("node", None),
        process("agent-mac", None),
    ]);
    let expected = ["process:Agent", "process:node @example/agent"];
    assert_eq!(indicators(&found), expected);
    for one in &found {
        assert_eq!(one.report.stage, Stage::Running);
        assert_eq!(one.report.evidence[0].kind, EvidenceKind::Process);
    }
}

#[test]
fn a_trace_is_said_once_in_a_window_and_again_when_it_changed() {
    let catalogue = catalogue(CATALOGUE);
    let mut book = PresenceBook::new(0, Platform::Linux);
    let mut say = |traces: Option<Vec<Trace>>, now: i64| {
        if let Some(traces) = traces {
            book.set(traces, at(now));
        }
        let window = now - now.rem_euclid(HOUR);
        book.reports(&catalogue, at(now), at(window)).len()
    };
    assert_eq!(say(Some(vec![extension(HOUR)]), HOUR), 1);
    assert_eq!(say(None, HOUR + 1), 0);
    assert_eq!(say(Some(vec![extension(HOUR + 2)]), HOUR + 2), 0);
    let mut changed = extension(HOUR + 3);
    changed.attributes = vec![Attribute::new("version", "2")];
    assert_eq!(say(Some(vec![changed.clone()]), HOUR + 3), 1);
    assert_eq!(say(None, 2 * HOUR), 0, "no scan in this window yet");
    changed.seen = at(2 * HOUR + 1);
    assert_eq!(say(Some(vec![changed]), 2 * HOUR + 1), 1);
    assert_eq!(say(Some(Vec::new()), 2 * HOUR + 2), 0, "it is gone");
    assert_eq!(say(Some(vec![extension(2 * HOUR + 3)]), 2 * HOUR + 3), 1);
}

#[test]
fn another_catalogue_says_it_again() {
    let mut book = PresenceBook::new(0, Platform::Linux);
    book.set(vec![extension(HOUR)], at(HOUR));
    let older = catalogue(CATALOGUE);
    let newer = catalogue(&CATALOGUE.replace("2026-11-20", "2026-11-21"));
    assert_eq!(book.reports(&older, at(HOUR), at(HOUR)).len(), 1);
    let again = book.reports(&newer, at(HOUR), at(HOUR));
    assert_eq!(again.len(), 1);
    assert_eq!(&*again[0].report.catalogue_version, newer.version());
    let other = catalogue(&CATALOGUE.replace("example.editor", "other.editor"));
    assert!(book.reports(&other, at(HOUR), at(HOUR)).is_empty());
}

#[test]
fn a_server_is_evidence_of_its_client_and_of_its_host_when_that_is_listed() {
    let found = reports(vec![server("mcp.agent.example.com")]);
    let expected = [
        "artefact:mcp-server example-editor",
        "suffix:mcp.agent.example.com",
    ];
    assert_eq!(indicators(&found), expected);
    assert_eq!(found[1].report.service, "example-agent");
    let host = &found[0].report.evidence[0].attributes[0].value;
    assert_eq!(&**host, "mcp.agent.example.com");
}

#[test]
fn a_host_that_is_not_listed_never_leaves() {
    let found = reports(vec![server("mcp.secret-project.test")]);
    assert!(
        !format!("{found:?}").contains("secret-project"),
        "{found:?}"
    );
    assert_eq!(
        &*found[0].report.evidence[0].attributes[0].value,
        "not listed"
    );
    let near = reports(vec![server("loopback")]);
    assert_eq!(&*near[0].report.evidence[0].attributes[0].value, "loopback");
}

#[test]
fn a_server_started_from_a_listed_package_is_evidence_of_that_too() {
    let mut by_package = server("loopback");
    by_package.attributes = vec![Attribute::new(Attribute::PACKAGE, "@Example/agent")];
    let found = reports(vec![by_package]);
    let expected = [
        "artefact:mcp-server example-editor",
        "artefact:npm-package @example/agent",
    ];
    assert_eq!(indicators(&found), expected);
}

#[test]
fn names_are_compared_as_their_systems_do() {
    let wanted = Wanted::new(&catalogue(CATALOGUE), Platform::Linux);
    let spelled = Some("Example_Agent.core");
    assert_eq!(
        wanted.artefact("pip-package", "example-agent_core"),
        spelled
    );
    assert_eq!(wanted.artefact("pip-package", "exampleagentcore"), None);
    assert_eq!(
        wanted.artefact("vscode-extension-id", "EXAMPLE.editor"),
        Some("example.editor")
    );
    assert!(wanted.processes("agent-mac").is_empty());
    assert_eq!(wanted.processes("AGENT").len(), 1);
    assert_eq!(
        wanted.process_names().collect::<Vec<_>>(),
        ["agent", "node"]
    );
}

#[test]
fn a_flood_of_traces_is_cut_and_counted() {
    let many = (0..=MAX_TRACES).map(|number| {
        let mut one = extension(HOUR);
        one.value = format!("example.editor{number}");
        one
    });
    let mut book = PresenceBook::new(0, Platform::Linux);
    book.set(many.collect(), at(HOUR));
    assert_eq!(book.over_cap(), 1);
}

#[test]
fn what_an_aggregator_makes_of_it_is_one_finding() {
    let mut aggregator =
        crate::Aggregator::new(crate::AggregatorConfig::new(crate::Epoch([1; 16])));
    let process = Listed::Process { requires: None };
    let package = Listed::Artefact("npm-package");
    let found = reports(vec![
        trace(TraceKind::Process, process, "agent", HOUR),
        trace(TraceKind::Package, package, "@example/agent", HOUR),
    ]);
    for one in found {
        aggregator.record(one.report);
    }
    aggregator.finish();
    let Some(crate::Output::Finding(finding)) = aggregator.poll() else {
        panic!("a finding");
    };
    assert_eq!(finding.stage, Stage::Running);
    assert_eq!(finding.evidence.len(), 2);
    assert_eq!((finding.flow_count, finding.bytes_out), (0, 0));
    let expected = [
        crate::Caveat::InstalledIsNoUse,
        crate::Caveat::RunningIsNoUse,
    ];
    assert_eq!(finding.confidence.does_not_prove, expected);
    assert!(
        aggregator
            .poll()
            .is_none_or(|output| !matches!(output, crate::Output::Finding(_)))
    );
}
