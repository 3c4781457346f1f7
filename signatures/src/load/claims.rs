//! Compares all services: no id twice, no name claimed by two, nothing that can never match.

use std::collections::BTreeMap;

use super::Problems;
use crate::model::{Indicator, IndicatorKind, Service};
use crate::pattern::Pattern;
use crate::vocabulary::Specificity;

/// Most patterns under one anchor; each is tried for every name below it.
const MAX_PATTERNS_PER_ANCHOR: usize = 64;

/// Who claims what: an indicator and the service that it belongs to.
type Claim<'s> = (&'s Service, &'s Indicator);

pub(super) fn check(services: &[Service], problems: &mut Problems) {
    check_ids(services, problems);
    let exclusive = check_names(services, problems);
    check_reachable(services, &exclusive, problems);
    check_patterns(services, problems);
    check_requests(services, problems);
}

fn check_ids(services: &[Service], problems: &mut Problems) {
    let mut first: BTreeMap<&str, &Service> = BTreeMap::new();
    for service in services {
        if let Some(other) = first.get(service.id.as_str()) {
            let message = format!(
                "service {} is already in {}:{}",
                service.id, other.file, other.line
            );
            problems.add(&service.file, service.line, message);
        } else {
            first.insert(service.id.as_str(), service);
        }
    }
}

fn claims(services: &[Service]) -> impl Iterator<Item = Claim<'_>> {
    services
        .iter()
        .flat_map(|service| service.indicators.iter().map(move |one| (service, one)))
}

/// Reports names with two owners and names listed twice; returns the exclusive suffixes.
fn check_names<'s>(
    services: &'s [Service],
    problems: &mut Problems,
) -> BTreeMap<&'s str, &'s Service> {
    let mut seen: BTreeMap<&str, Vec<Claim<'_>>> = BTreeMap::new();
    let mut exclusive = BTreeMap::new();
    for (service, indicator) in claims(services) {
        match indicator.kind {
            IndicatorKind::Exact | IndicatorKind::Suffix => {}
            IndicatorKind::Pattern | IndicatorKind::Local => continue,
        }
        if indicator.kind == IndicatorKind::Suffix
            && indicator.specificity == Specificity::Exclusive
        {
            exclusive.insert(&*indicator.value, service);
        }
        let earlier = seen.entry(&indicator.value).or_default();
        for (owner, other) in earlier.iter() {
            if owner.id != service.id || other.kind == indicator.kind {
                report_twice(problems, (service, indicator), (owner, other));
            }
        }
        earlier.push((service, indicator));
    }
    exclusive
}

fn report_twice(problems: &mut Problems, new: Claim<'_>, old: Claim<'_>) {
    let message = format!(
        "{} of service {} is already {} of service {} in {}:{}",
        new.1,
        new.0.id,
        old.1,
        old.0.id,
        old.1.file(),
        old.1.line(),
    );
    problems.add(new.1.file(), new.1.line(), message);
}

/// Reports patterns and silent suffixes that an exclusive suffix above them always hides.
fn check_reachable(
    services: &[Service],
    exclusive: &BTreeMap<&str, &Service>,
    problems: &mut Problems,
) {
    for (_, indicator) in claims(services) {
        let place = match (indicator.kind, indicator.specificity) {
            (IndicatorKind::Pattern, _) => {
                Pattern::parse(&indicator.value).map(|pattern| pattern.anchor().to_owned())
            }
            (IndicatorKind::Suffix, Specificity::Shared | Specificity::ThirdPartyDependency) => {
                Ok(indicator.value.to_string())
            }
            _ => continue,
        };
        let Ok(place) = place else { continue };
        if let Some((above, owner)) =
            ancestors(&place).find_map(|name| exclusive.get_key_value(name))
        {
            let message = format!(
                "{indicator} can never match: suffix:{above} of service {} goes first",
                owner.id
            );
            problems.add(indicator.file(), indicator.line(), message);
        }
    }
}

/// Lists a name and the names above it.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        name.split_once('.').map(|(_, above)| above)
    })
}

fn check_patterns(services: &[Service], problems: &mut Problems) {
    let mut by_anchor: BTreeMap<String, Vec<(Claim<'_>, Pattern)>> = BTreeMap::new();
    for (service, indicator) in claims(services) {
        if indicator.kind != IndicatorKind::Pattern {
            continue;
        }
        let Ok(pattern) = Pattern::parse(&indicator.value) else {
            continue;
        };
        let group = by_anchor.entry(pattern.anchor().into()).or_default();
        if group.len() == MAX_PATTERNS_PER_ANCHOR {
            let message = format!(
                "more than {MAX_PATTERNS_PER_ANCHOR} patterns end in {}",
                pattern.anchor()
            );
            problems.add(indicator.file(), indicator.line(), message);
            continue;
        }
        for ((owner, other), earlier) in group.iter() {
            let same = indicator.value == other.value;
            if same || (owner.id != service.id && earlier.may_overlap(&pattern)) {
                report_twice(problems, (service, indicator), (owner, other));
            }
        }
        group.push(((service, indicator), pattern));
    }
}

/// Reports a request that two services claim for the same place.
fn check_requests(services: &[Service], problems: &mut Problems) {
    let mut seen: BTreeMap<String, Claim<'_>> = BTreeMap::new();
    for service in services {
        for rule in &service.local_rules {
            let mut places: Vec<String> = rule
                .ports
                .iter()
                .map(|port| format!("port {port}"))
                .collect();
            places.extend(rule.hosts.iter().map(|host| format!("host {host}")));
            places.extend(
                rule.user_agents
                    .iter()
                    .map(|agent| format!("client {agent}")),
            );
            if rule.mcp {
                places.push("protocol mcp".into());
            }
            if rule.any_port {
                places.push("any port".into());
            }
            for (_, number) in &rule.requests {
                let Some(indicator) = service.indicators.get(*number) else {
                    continue;
                };
                for place in &places {
                    let key = format!("{} {place}", indicator.value);
                    if let Some((owner, other)) = seen.insert(key, (service, indicator)) {
                        report_twice(problems, (service, indicator), (owner, other));
                    }
                }
            }
        }
    }
}
