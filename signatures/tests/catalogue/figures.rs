//! What is said about the catalogue: its published figures, and what changes from one to another.

use signatures::{Catalogue, ChangeKind, counts, diff, lint};

use crate::support::catalogue_files;

/// After a change of the catalogue: `GNOMON_WRITE=1 cargo test -p signatures`.
#[test]
#[expect(clippy::disallowed_methods, reason = "tests may read and write files")]
fn the_published_counts_are_those_of_the_catalogue() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/COUNTS.md");
    let counted = counts(Catalogue::builtin());
    if std::env::var("GNOMON_WRITE").is_ok() {
        std::fs::write(path, &counted).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        published == counted,
        "signatures/COUNTS.md is stale; write it anew with\n\
         gnomon-collector catalogue counts > signatures/COUNTS.md\n{counted}"
    );
}

#[test]
fn the_figures_do_not_depend_on_the_order_of_files() {
    let mut files = catalogue_files().unwrap();
    let one = counts(&Catalogue::load(&files).unwrap());
    files.reverse();
    assert_eq!(one, counts(&Catalogue::load(&files).unwrap()));
}

#[test]
fn equal_catalogues_do_not_differ() {
    let other = Catalogue::load(&catalogue_files().unwrap()).unwrap();
    assert_eq!(diff(Catalogue::builtin(), &other), []);
}

#[test]
fn what_was_added_removed_and_changed_is_listed() {
    let text = |body: &str| {
        let head = "[[service]]\nname = \"One\"\nvendor = \"V\"\ncategory = \"other\"\n\
                    last_checked = \"2026-11-20\"\nsources = [\"t\"]\n";
        let tail = "\n[service.examples]\nmatch = [\"x\"]\nnear_miss = [\"y\"]\n[[service.names]]\n\
                    confidence = \"vendor-doc\"\nsources = [\"t\"]\n";
        let (id, names) = body.split_once('|').unwrap();
        let files = vec![(
            "a.toml".to_owned(),
            format!("{head}id = \"{id}\"{tail}{names}"),
        )];
        Catalogue::load(&files).unwrap()
    };
    let old = text("one|surface = \"web\"\nexact = [\"a.example\", \"b.example\"]");
    let new = text("one|surface = \"api\"\nexact = [\"b.example\", \"c.example\"]");
    let changes: Vec<_> = diff(&old, &new)
        .into_iter()
        .map(|change| (change.kind, change.indicator.unwrap_or_default()))
        .collect();
    assert_eq!(
        changes,
        [
            (ChangeKind::Removed, "exact:a.example".to_owned()),
            (ChangeKind::Changed, "exact:b.example".to_owned()),
            (ChangeKind::Added, "exact:c.example".to_owned()),
        ]
    );
    let gone = diff(
        &old,
        &text("two|surface = \"web\"\nexact = [\"a.example\"]"),
    );
    let services: Vec<_> = gone
        .iter()
        .filter(|change| change.indicator.is_none())
        .map(|change| (change.kind, change.service.as_str()))
        .collect();
    assert_eq!(
        services,
        [(ChangeKind::Removed, "one"), (ChangeKind::Added, "two")]
    );
}

#[test]
fn lint_says_nothing_about_the_catalogue_and_names_examples_that_do_not_hold() {
    assert_eq!(lint(&catalogue_files().unwrap()), []);
    let text = "[[service]]\nid = \"one\"\nname = \"One\"\nvendor = \"V\"\ncategory = \"other\"\n\
                last_checked = \"2026-11-20\"\nsources = [\"t\"]\n[service.examples]\n\
                match = [\"two.example\"]\nnear_miss = [\"a.one.example\"]\n[[service.names]]\n\
                surface = \"web\"\nconfidence = \"vendor-doc\"\nsources = [\"t\"]\n\
                suffix = [\"one.example\"]\n";
    let problems = lint(&[("one.toml".into(), text.into())]);
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "one.toml:1: service one: its example \"two.example\" matches nothing",
            "one.toml:1: service one: its near miss \"a.one.example\" matches suffix:one.example",
        ]
    );
}
