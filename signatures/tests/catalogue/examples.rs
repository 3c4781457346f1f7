//! The catalogue loads, and keeps the promises that its own files make.

use std::collections::BTreeMap;

use signatures::{Catalogue, IndicatorKind, Specificity};

use crate::support::{catalogue_files, look_up};

#[test]
fn loads_without_a_problem() {
    let files = catalogue_files().unwrap();
    let loaded = Catalogue::load(&files).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.version(), Catalogue::builtin().version());
    assert!(loaded.service_count() > 150, "{}", loaded.service_count());
}

#[test]
fn every_example_holds() {
    let catalogue = Catalogue::builtin();
    let mut wrong = Vec::new();
    for service in catalogue.services() {
        for example in &service.examples.matches {
            let found = look_up(catalogue, example).map(|found| found.service.id.clone());
            if found.as_ref() != Some(&service.id) {
                wrong.push(format!("{}: {example} gives {found:?}", service.id));
            }
        }
        for example in &service.examples.near_misses {
            if look_up(catalogue, example).is_some_and(|found| found.service.id == service.id) {
                wrong.push(format!("{}: {example} must not give it", service.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_service_that_the_wire_shows_has_examples() {
    for service in Catalogue::builtin().services() {
        if !service.indicators.is_empty() {
            assert!(!service.examples.matches.is_empty(), "{}", service.id);
            assert!(!service.examples.near_misses.is_empty(), "{}", service.id);
        }
    }
}

/// Nothing is shadowed and nothing is lost.
#[test]
fn every_listed_name_leads_back_to_its_own_indicator() {
    let catalogue = Catalogue::builtin();
    for service in catalogue.services() {
        for indicator in &service.indicators {
            let name = match indicator.kind() {
                IndicatorKind::Exact => indicator.value().to_owned(),
                IndicatorKind::Suffix => format!("gnomon-test.{}", indicator.value()),
                IndicatorKind::Pattern | IndicatorKind::Local => continue,
            };
            let found = catalogue
                .matcher()
                .match_name(name.as_bytes())
                .expect(&name);
            assert_eq!(found.indicator.to_string(), indicator.to_string(), "{name}");
            assert_eq!(found.service.id, service.id, "{name}");
        }
    }
}

#[test]
fn an_indicator_explains_itself() {
    let found = Catalogue::builtin()
        .matcher()
        .match_name(b"www.openai.com")
        .unwrap();
    assert_eq!(found.indicator.to_string(), "suffix:openai.com");
    assert_eq!(found.indicator.file(), "openai.toml");
    assert!(found.indicator.line() > 0);
    assert!(!found.indicator.sources().is_empty());
}

#[test]
fn dependencies_are_one_service_and_never_report() {
    let mut owners = BTreeMap::new();
    for service in Catalogue::builtin().services() {
        for indicator in &service.indicators {
            if indicator.specificity() == Specificity::ThirdPartyDependency {
                owners.insert(service.id.as_str(), indicator.to_string());
            }
        }
    }
    assert_eq!(
        owners.keys().copied().collect::<Vec<_>>(),
        ["third-party-dependency"]
    );
}

/// A list without a licence is a hint: what rests on nothing else stays at low confidence.
#[test]
fn unlicensed_lists_alone_give_low_confidence() {
    const UNLICENSED: [&str; 4] = [
        "aaaAlexanderaaa/app_control",
        "ikaijua/",
        "dler-io/",
        "wavecaptcha/",
    ];
    for service in Catalogue::builtin().services() {
        for indicator in &service.indicators {
            let alone = indicator
                .sources()
                .iter()
                .all(|source| UNLICENSED.iter().any(|list| source.starts_with(list)));
            let low = indicator.confidence() == signatures::Confidence::Low;
            assert!(!alone || low, "{} {indicator}", service.id);
        }
    }
}
