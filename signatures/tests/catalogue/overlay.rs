//! Local files: own services, and what an administrator says about services of the catalogue.

use signatures::{Catalogue, ServiceId, Specificity};

const OWN: &str = r#"
last_checked = "2026-11-21"

[[service]]
id = "own-gateway"
name = "Our gateway"
vendor = "Ourselves"
category = "gateway"
sources = ["the network team"]

[service.examples]
match = ["llm.corp.example"]
near_miss = ["corp.example"]

[[service.names]]
surface = "api"
suffix = ["llm.corp.example"]
confidence = "vendor-doc"
sources = ["the network team"]
"#;

fn load(text: &str) -> Result<Catalogue, String> {
    let local = vec![("local.toml".to_owned(), text.to_owned())];
    Catalogue::builtin()
        .with_local(&local)
        .map_err(|error| error.to_string())
}

fn exception(service: &str, action: &str) -> String {
    format!("\n[[exception]]\nservice = \"{service}\"\naction = \"{action}\"\nreason = \"test\"\n")
}

#[test]
fn own_services_join_the_catalogue_and_its_version_says_so() {
    let catalogue = load(OWN).unwrap();
    let found = catalogue
        .matcher()
        .match_name(b"eu.llm.corp.example")
        .unwrap();
    assert_eq!(found.service.id, "own-gateway");
    assert_eq!(found.indicator.file(), "local.toml");
    let base = Catalogue::builtin().version();
    let version = catalogue.version();
    assert!(version.starts_with(&format!("{base}.local.")), "{version}");
    assert_eq!(
        Catalogue::builtin().with_local(&[]).unwrap().version(),
        base
    );
}

#[test]
fn a_silenced_service_is_known_and_never_reported() {
    let catalogue = load(&exception("claude", "silence")).unwrap();
    let found = catalogue.matcher().match_name(b"claude.ai").unwrap();
    assert_eq!(found.specificity, Specificity::ThirdPartyDependency);
    let id: ServiceId = "claude".parse().unwrap();
    assert!(catalogue.is_silenced(&id));
    assert!(!Catalogue::builtin().is_silenced(&id));
    let other = catalogue.matcher().match_name(b"api.openai.com").unwrap();
    assert_eq!(other.specificity, Specificity::Exclusive);
}

#[test]
fn a_shared_service_can_be_turned_on() {
    let catalogue = load(&exception("claude", "report-shared")).unwrap();
    let id: ServiceId = "claude".parse().unwrap();
    assert!(catalogue.reports_shared(&id));
    assert!(!Catalogue::builtin().reports_shared(&id));
}

#[test]
fn bad_local_files_are_refused_with_their_line() {
    for (text, expected) in [
        (
            exception("nobody", "silence"),
            "local.toml:2: there is no service nobody",
        ),
        (
            exception("claude", "hide"),
            "local.toml:4: `action`: unknown action \"hide\"",
        ),
        (
            OWN.replace("llm.corp.example", "claude.ai"),
            "local.toml:17: suffix:claude.ai",
        ),
        (
            OWN.replace("own-gateway", "claude"),
            "service claude is already in",
        ),
        (
            "[[exceptions]]\n".into(),
            "local.toml:1: the file has an unknown key `exceptions`",
        ),
    ] {
        let error = load(&text).unwrap_err();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn only_local_files_may_hold_exceptions() {
    let files = vec![(
        "a.toml".to_owned(),
        format!("{OWN}{}", exception("own-gateway", "silence")),
    )];
    let error = Catalogue::load(&files).unwrap_err().to_string();
    assert!(error.contains("unknown key `exception`"), "{error}");
}
