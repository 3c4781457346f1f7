//! Which case of a factor applies to a service.

use std::collections::BTreeSet;

use signatures::{Basis, Category, DataUse, EnterpriseTier, Service};

use super::cases::Case;
use super::{Factor, RestsOn};
use crate::answer::ServiceUse;

/// The case that applies.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) case: Case,
    pub(super) rests_on: RestsOn,
    /// What makes it apply, where that is more than a word.
    detail: Option<String>,
}

impl Judged {
    pub(super) fn sentence(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.case.says.trim_end_matches('.')) + ".",
            None => self.case.says.to_owned(),
        }
    }

    fn with(mut self, detail: String) -> Self {
        self.detail = Some(detail);
        self
    }
}

pub(super) fn judge(
    factor: Factor,
    known: Option<&Service>,
    seen: &ServiceUse,
    countries: &BTreeSet<String>,
) -> Judged {
    let found = |word: &str, rests_on| of(factor, word, rests_on);
    let catalogue = |word: Option<&'static str>| match word {
        Some(word) => found(word, RestsOn::Catalogue),
        None => found("unknown", RestsOn::Unknown),
    };
    match factor {
        Factor::DataUse => catalogue(known.and_then(data_use)),
        Factor::EnterpriseTier => catalogue(known.and_then(enterprise_tier)),
        Factor::Jurisdiction => jurisdiction(known, countries),
        Factor::Category => catalogue(known.map(category)),
        Factor::Surface => surface(seen),
        Factor::Sourcing => catalogue(known.and_then(best_basis).map(Basis::as_str)),
        Factor::Stage => {
            let stage = seen.totals.as_ref().map(|totals| totals.stage.as_str());
            found(stage.unwrap_or("not-sighted"), RestsOn::Observed)
        }
        Factor::Volume => {
            let bytes = seen.totals.as_ref().map_or(0, |totals| totals.bytes_out);
            found(volume(bytes), RestsOn::Observed).with(format!("{bytes} bytes"))
        }
        Factor::Spread => {
            // Not by people: a score must not tell how many there are where an answer would not.
            let devices = seen.devices;
            found(spread(devices), RestsOn::Observed).with(format!("devices: {devices}"))
        }
    }
}

fn of(factor: Factor, word: &str, rests_on: RestsOn) -> Judged {
    Judged {
        case: factor.case(word),
        rests_on,
        detail: None,
    }
}

fn data_use(service: &Service) -> Option<&'static str> {
    (service.data_use != DataUse::Unknown).then_some(service.data_use.as_str())
}

fn enterprise_tier(service: &Service) -> Option<&'static str> {
    let tier = service.enterprise_tier;
    (tier != EnterpriseTier::Unknown).then_some(tier.as_str())
}

fn jurisdiction(known: Option<&Service>, countries: &BTreeSet<String>) -> Judged {
    let found = |word, rests_on| of(Factor::Jurisdiction, word, rests_on);
    if countries.is_empty() {
        return found("none-declared", RestsOn::Declared);
    }
    let Some(country) = known.and_then(|service| service.country.as_deref()) else {
        return found("unknown", RestsOn::Unknown);
    };
    let judged = if countries.contains(country) {
        found("declared", RestsOn::Declared)
    } else {
        found("other", RestsOn::Catalogue)
    };
    judged.with(country.to_owned())
}

/// The category; a gateway of which neither headquarters nor business terms are known is a relay.
fn category(service: &Service) -> &'static str {
    let named = service.country.is_some() || service.enterprise_tier == EnterpriseTier::Yes;
    if service.category == Category::Gateway && !named {
        return "relay";
    }
    service.category.as_str()
}

/// The best of what its indicators rest on, processes and artefacts included.
fn best_basis(service: &Service) -> Option<Basis> {
    let indicators = service.indicators.iter().map(|one| one.basis());
    let processes = service.processes.iter().map(|one| one.provenance.basis);
    let artefacts = service.artefacts.iter().map(|one| one.provenance.basis);
    indicators.chain(processes).chain(artefacts).min()
}

/// Of several surfaces the one that gives most.
fn surface(seen: &ServiceUse) -> Judged {
    if seen.totals.is_none() {
        return of(Factor::Surface, "not-sighted", RestsOn::Observed);
    }
    let words = seen.surfaces.iter().map(String::as_str);
    let cases = words.map(|word| Factor::Surface.case(word));
    match cases.max_by_key(|case| (case.share, case.word)) {
        Some(case) if case.word != "unknown" => of(Factor::Surface, case.word, RestsOn::Observed)
            .with(format!("met: {}", seen.surfaces.join(", "))),
        Some(_) | None => of(Factor::Surface, "unknown", RestsOn::Unknown),
    }
}

const fn volume(bytes: u64) -> &'static str {
    match bytes {
        0 => "none",
        1..100_000 => "below-100-kb",
        100_000..1_000_000 => "below-1-mb",
        1_000_000..10_000_000 => "below-10-mb",
        10_000_000..100_000_000 => "below-100-mb",
        100_000_000.. => "from-100-mb",
    }
}

const fn spread(devices: u64) -> &'static str {
    match devices {
        0 => "none",
        1 => "one",
        2..6 => "few",
        6..51 => "many",
        51.. => "broad",
    }
}
