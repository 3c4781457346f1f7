//! What loading accepts and refuses, and what it says.

use proptest::prelude::*;

use crate::{Basis, Catalogue, DataUse, Platform, Specificity, Surface};

const GOOD: &str = r#"last_checked = "2026-11-20"

[vendor]
name = "Example"
country = "DE"

[[service]]
id = "example-api"
name = "Example API"
category = "model-api"
data_use = "opt-out"
sources = ["https://example.com/docs"]
[service.examples]
match = ["api.example.com"]
near_miss = ["example.org"]
[[service.names]]
surface = "api"
specificity = "shared"
exact = ["api.example.com"]
pattern = ["{tenant}.example.net"]
confidence = "vendor-doc"
sources = ["https://example.com/docs"]
[[service.local]]
ports = [4321]
requests = ["POST /v9/think"]
confidence = "unverified"
sources = ["https://example.com/docs"]
[[service.process]]
names = ["example"]
requires = "example-ai"
platform = "linux"
confidence = "curated-list"
sources = ["s"]
[[service.artefact]]
kind = "npm-package"
values = ["@example/ai"]
confidence = "curated-list"
sources = ["s"]
"#;

fn load(text: &str) -> Result<Catalogue, Vec<(u32, String)>> {
    load_files(&[("a.toml", text)]).map_err(|problems| {
        problems
            .into_iter()
            .map(|(_, line, message)| (line, message))
            .collect()
    })
}

fn load_files(files: &[(&str, &str)]) -> Result<Catalogue, Vec<(String, u32, String)>> {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(name, text)| ((*name).into(), (*text).into()))
        .collect();
    Catalogue::load(&files).map_err(|error| {
        error
            .problems
            .into_iter()
            .map(|one| (one.file, one.line, one.message))
            .collect()
    })
}

/// Loads a change of the good file and gives back the only problem.
#[track_caller]
fn only_problem(from: &str, to: &str) -> (u32, String) {
    assert!(GOOD.contains(from), "{from}");
    let problems = load(&GOOD.replacen(from, to, 1)).expect_err("must be refused");
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.into_iter().next().unwrap()
}

#[test]
fn reads_every_part_of_a_service() {
    let catalogue = load(GOOD).unwrap();
    let service = catalogue.service("example-api").unwrap();
    assert_eq!(
        (service.vendor.as_str(), service.country.as_deref()),
        ("Example", Some("DE"))
    );
    assert_eq!(service.data_use, DataUse::OptOut);
    assert_eq!(service.indicators.len(), 3);
    let first = &service.indicators[0];
    assert_eq!(first.to_string(), "exact:api.example.com");
    assert_eq!(
        (first.surface(), first.specificity()),
        (Surface::Api, Specificity::Shared)
    );
    assert_eq!(
        (first.basis(), first.line(), first.file()),
        (Basis::VendorDoc, 19, "a.toml")
    );
    assert_eq!(service.processes[0].requires.as_deref(), Some("example-ai"));
    assert_eq!(service.processes[0].platform, Platform::Linux);
    assert_eq!(service.artefacts[0].value, "@example/ai");
    assert!(
        catalogue.version().starts_with("2026.11.20+"),
        "{}",
        catalogue.version()
    );
    assert!(catalogue.service("other").is_none());
}

#[test]
fn names_unknown_keys_with_their_line() {
    let (line, message) = only_problem("category =", "colour = \"red\"\ncategory =");
    assert_eq!(line, 10);
    assert!(
        message.starts_with("service has an unknown key `colour`, expected one of"),
        "{message}"
    );
    let (line, message) = only_problem("exact = [", "exakt = [\"x.example.com\"]\nexact = [");
    assert_eq!(line, 19);
    assert!(message.contains("`exakt`"), "{message}");
}

#[test]
fn reports_all_problems_of_all_files_in_one_go() {
    let bad = GOOD
        .replace("\"model-api\"", "\"model\"")
        .replace(
            "\"api.example.com\"]\npattern",
            "\"Api.example.com\", \"com\"]\npattern",
        )
        .replace("[4321]", "[0, \"x\"]");
    let problems = load_files(&[("b.toml", "not toml ="), ("a.toml", &bad)]).unwrap_err();
    let lines: Vec<_> = problems
        .iter()
        .map(|(file, line, _)| (file.as_str(), *line))
        .collect();
    assert_eq!(lines[0], ("a.toml", 10), "{problems:?}");
    assert_eq!(lines.last().unwrap(), &("b.toml", 1), "{problems:?}");
}

/// A change of the good file, the line of the problem, and words of it.
const WRONG_VALUES: &[(&str, &str, u32, &str)] = &[
    ("\"2026-11-20\"", "\"20.11.2026\"", 1, "YYYY-MM-DD"),
    ("\"DE\"", "\"Germany\"", 5, "alpha-2"),
    ("\"example-api\"", "\"Example API\"", 8, "service id"),
    (
        "\"opt-out\"",
        "\"maybe\"",
        11,
        "expected one of trains, opt-out",
    ),
    (
        "[\"https://example.com/docs\"]\n[service.ex",
        "[]\n[service.ex",
        7,
        "at least one text",
    ),
    ("surface = \"api\"\n", "", 16, "lacks the key `surface`"),
    (
        "exact = [\"api.example.com\"]",
        "exact = [\"Api.example.com\"]",
        19,
        "not in lower case",
    ),
    (
        "exact = [\"api.example.com\"]",
        "exact = [\"co.uk\"]",
        19,
        "public suffix",
    ),
    (
        "exact = [\"api.example.com\"]",
        "suffix = [\"github.io\"]",
        19,
        "hosting zone",
    ),
    (
        "exact = [\"api.example.com\"]",
        "exact = [\"10.0.0.1\"]",
        19,
        "address",
    ),
    (
        "exact = [\"api.example.com\"]",
        "exact = \"api.example.com\"",
        19,
        "list of texts",
    ),
    (
        "{tenant}.example.net",
        "{tenant}.co.uk",
        20,
        "public suffix",
    ),
    (
        "{tenant}.example.net",
        "{tenant}.vercel.app",
        20,
        "hosting zone",
    ),
    (
        "{tenant}.example.net",
        "{tenant}.net",
        20,
        "two literal labels",
    ),
    (
        "{tenant}.example.net",
        "{tenant}{any}{any}.example.net",
        20,
        "more than 2 captures",
    ),
    (
        "confidence = \"unverified\"",
        "confidence = \"sure\"",
        26,
        "confidence",
    ),
    (
        "ports = [4321]",
        "ports = [4321]\nany_port = true",
        23,
        "`any_port = true` alone",
    ),
    ("POST /v9/think", "POST v9/think", 25, "path below '/'"),
    ("POST /v9/think", "POST /", 25, "path below '/'"),
    ("POST /v9/think", "/v9/think", 25, "a method"),
];

#[test]
fn refuses_wrong_values_with_the_reason() {
    for (from, to, line, words) in WRONG_VALUES {
        let (found, message) = only_problem(from, to);
        assert!(message.contains(words), "{to}: {message}");
        assert_eq!(found, *line, "{to}: {message}");
    }
}

fn second(names: &str) -> String {
    let (head, _) = GOOD.split_once("[[service.names]]").unwrap();
    let head = head
        .replace("example-api", "second")
        .replace("api.example.com", "x.second.com");
    format!(
        "{head}[[service.names]]\nsurface = \"web\"\nconfidence = \"vendor-doc\"\n\
         sources = [\"s\"]\n{names}\n"
    )
}

#[test]
fn two_services_cannot_claim_one_name() {
    for names in [
        "exact = [\"api.example.com\"]",
        "suffix = [\"api.example.com\"]",
        "pattern = [\"{tenant}.example.net\"]",
        "pattern = [\"a-{any}.example.net\"]",
    ] {
        let problems = load_files(&[("a.toml", GOOD), ("b.toml", &second(names))]).unwrap_err();
        assert_eq!(problems.len(), 1, "{names}: {problems:?}");
        let (file, line, message) = &problems[0];
        assert_eq!((file.as_str(), *line), ("b.toml", 20), "{message}");
        assert!(message.contains("already"), "{message}");
        assert!(message.contains("example-api in a.toml:"), "{message}");
    }
}

#[test]
fn one_service_cannot_be_in_two_files_nor_speak_for_one_request_twice() {
    let problems = load_files(&[("a.toml", GOOD), ("b.toml", GOOD)]).unwrap_err();
    let messages: Vec<_> = problems
        .iter()
        .map(|(_, _, message)| message.as_str())
        .collect();
    assert!(
        messages.contains(&"service example-api is already in a.toml:7"),
        "{messages:?}"
    );
    assert!(
        messages
            .iter()
            .any(|message| message.contains("local:POST /v9/think")),
        "{messages:?}"
    );
}

#[test]
fn refuses_what_an_exclusive_suffix_hides() {
    for hidden in [
        "pattern = [\"{tenant}.deep.second.com\"]",
        "suffix = [\"deep.second.com\"]",
    ] {
        let text = second("suffix = [\"second.com\"]")
            + &format!(
                "[[service.names]]\nsurface = \"web\"\nspecificity = \"shared\"\n\
                 confidence = \"vendor-doc\"\nsources = [\"s\"]\n{hidden}\n"
            );
        let problems = load(&text).expect_err(hidden);
        assert!(
            problems[0]
                .1
                .contains("suffix:second.com of service second goes first"),
            "{problems:?}"
        );
    }
}

#[test]
fn needs_examples_and_something_to_recognise_by() {
    let (examples, rest) = GOOD.split_once("[service.examples]").unwrap();
    let (_, names) = rest.split_once("[[service.names]]").unwrap();
    let problems = load(&format!("{examples}[[service.names]]{names}")).unwrap_err();
    assert_eq!(
        problems,
        [(7, "service example-api has no `examples`".to_owned())]
    );
    let problems = load(examples).unwrap_err();
    assert!(
        problems[0].1.contains("nothing to be recognised by"),
        "{problems:?}"
    );
    assert_eq!(
        load("").unwrap_err(),
        [(0, "the file holds no [[service]]".to_owned())]
    );
}

#[test]
fn the_report_has_a_cap() {
    let many = "[[service]]\n".repeat(2_000);
    let problems = load(&many).unwrap_err();
    assert_eq!(problems.len(), super::MAX_PROBLEMS + 1);
    assert!(
        problems
            .last()
            .unwrap()
            .1
            .ends_with("more problems are not listed")
    );
}

#[test]
fn a_file_that_is_too_large_is_refused_unread() {
    let problems = load(&"#".repeat(super::MAX_FILE_BYTES + 1)).unwrap_err();
    assert!(problems[0].1.contains("larger than"), "{problems:?}");
}

#[test]
fn no_files_give_an_empty_catalogue() {
    let catalogue = load_files(&[]).unwrap();
    assert!(catalogue.services().next().is_none());
    assert!(catalogue.matcher().match_name(b"api.openai.com").is_none());
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        crate::fuzzing::signature_toml(text.as_bytes());
    }

    /// Cutting or changing a good file gives problems or a catalogue, never a panic.
    #[test]
    fn a_damaged_file_is_answered(at in 0..GOOD.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = GOOD.as_bytes().to_vec();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        crate::fuzzing::signature_toml(&bytes);
    }
}
