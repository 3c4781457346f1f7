//! Scores by example, and what holds for all of them.

use std::collections::BTreeSet;

use signatures::{Basis, Catalogue, Category, DataUse, EnterpriseTier, Surface};

use super::*;
use crate::policy::{Policy, Subject};
use crate::rollup::ServiceRollup;
use crate::time::Timestamp;
use crate::{Stage, Totals};

fn seen(service: &str, totals: Option<Totals>) -> ServiceUse {
    let verdict = Policy::default().verdict(&Subject::everybody(service), Timestamp::from_nanos(0));
    let mut seen = ServiceRollup::new(service.to_owned()).finish(verdict, None, Vec::new());
    if totals.is_some() {
        (seen.devices, seen.users) = (3, 1);
        seen.surfaces = vec!["auth".into(), "web".into()];
    }
    seen.totals = totals;
    seen
}

fn totals(stage: Stage, bytes_out: u64) -> Option<Totals> {
    let at = Timestamp::from_nanos(0);
    Some(Totals {
        stage,
        first_seen: at,
        last_seen: at,
        flow_count: 1,
        bytes_out,
        bytes_in: 0,
        sightings: 1,
        moved: 0,
    })
}

fn factor(risk: &Risk, wanted: Factor) -> &RiskFactor {
    let mut factors = risk.factors.iter();
    factors.find(|one| one.factor == wanted).unwrap()
}

#[test]
fn by_default_the_points_add_up_to_the_score() {
    let model = RiskModel::default();
    let weights: u32 = model.weights().map(|(_, weight)| u32::from(weight)).sum();
    assert_eq!(weights, 100);
    for service in Catalogue::builtin().services() {
        let risk = model.risk(
            Some(service),
            &seen(service.id.as_str(), totals(Stage::Used, 5_000)),
        );
        let points: u32 = risk.factors.iter().map(|one| u32::from(one.points)).sum();
        assert_eq!(points, u32::from(risk.score), "{}", service.id);
        assert!(
            risk.least <= risk.score && risk.score <= risk.most,
            "{risk:?}"
        );
        assert!(
            risk.factors.iter().all(|one| one.sentence.ends_with('.')),
            "{risk:?}"
        );
    }
}

#[test]
fn every_word_that_can_apply_has_a_case() {
    let words: [(Factor, Vec<&str>); 5] = [
        (
            Factor::DataUse,
            DataUse::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        (
            Factor::EnterpriseTier,
            EnterpriseTier::ALL
                .iter()
                .map(|word| word.as_str())
                .collect(),
        ),
        (
            Factor::Category,
            Category::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        (
            Factor::Surface,
            Surface::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        (
            Factor::Sourcing,
            Basis::ALL.iter().map(|word| word.as_str()).collect(),
        ),
    ];
    for (factor, words) in words {
        for word in words {
            assert_eq!(factor.case(word).word, word, "{factor}");
        }
    }
    for stage in Stage::ALL {
        assert_eq!(Factor::Stage.case(stage.as_str()).word, stage.as_str());
    }
    for factor in Factor::ALL {
        let words: BTreeSet<_> = factor.cases().iter().map(|case| case.word).collect();
        assert_eq!(words.len(), factor.cases().len(), "{factor}");
        assert!(
            factor.cases().iter().all(|case| case.share <= 100),
            "{factor}"
        );
    }
}

#[test]
fn what_is_unknown_is_told_and_counts_half() {
    let risk = RiskModel::default().risk(None, &seen("own-gateway", None));
    for wanted in [
        Factor::DataUse,
        Factor::EnterpriseTier,
        Factor::Category,
        Factor::Sourcing,
    ] {
        let one = factor(&risk, wanted);
        assert_eq!(
            (one.rests_on, one.case),
            (RestsOn::Unknown, "unknown"),
            "{wanted}"
        );
        assert_eq!(one.points, one.most.div_ceil(2), "{wanted}");
    }
    assert_eq!((risk.least, risk.most), (0, 60));
    assert_eq!(factor(&risk, Factor::Stage).case, "not-sighted");
}

#[test]
fn a_country_is_a_concern_only_when_somebody_declares_it() {
    let service = Catalogue::builtin().service("chatgpt").unwrap();
    let seen = seen("chatgpt", totals(Stage::Used, 2_000_000));
    let mut model = RiskModel::default();
    let before = model.risk(Some(service), &seen);
    let one = factor(&before, Factor::Jurisdiction);
    assert_eq!(
        (one.case, one.points, one.rests_on),
        ("none-declared", 0, RestsOn::Declared)
    );
    model.declare_country("US");
    let after = model.risk(Some(service), &seen);
    let one = factor(&after, Factor::Jurisdiction);
    assert_eq!(
        (one.case, one.points, one.rests_on),
        ("declared", 10, RestsOn::Declared)
    );
    assert!(one.sentence.contains("(US)"), "{}", one.sentence);
    assert_eq!(after.score, before.score + 10);
}

#[test]
fn weights_can_be_set_and_a_factor_left_out() {
    let service = Catalogue::builtin().service("chatgpt").unwrap();
    let seen = seen("chatgpt", totals(Stage::Used, 200_000_000));
    let mut model = RiskModel::default();
    for factor in Factor::ALL {
        model.set_weight(*factor, 0);
    }
    assert_eq!(model.risk(Some(service), &seen).score, 0);
    model.set_weight(Factor::Volume, 30);
    model.set_weight(Factor::Spread, 30);
    let risk = model.risk(Some(service), &seen);
    assert_eq!(risk.factors.len(), 2);
    assert_eq!((risk.score, risk.level), (75, RiskLevel::Critical));
}

#[test]
fn of_several_surfaces_the_one_that_gives_most_counts() {
    let risk = RiskModel::default().risk(None, &seen("x", totals(Stage::Contacted, 0)));
    let one = factor(&risk, Factor::Surface);
    assert_eq!((one.case, one.rests_on), ("web", RestsOn::Observed));
    assert_eq!(one.sentence, "It is used in a browser (met: auth, web).");
}
