//! Which service has an indicator for local requests, processes or artefacts.
//!
//! Of such evidence the place is not kept that it matched in (a port, a path, a command line), only the indicator. So a
//! catalogue is asked which services have that indicator now: one that went away or to another service is found, what only
//! a new indicator would match is not. A process says with its indicator all that it matched by; an artefact may have
//! matched by what it is, and then nobody can tell.

use std::collections::BTreeMap;

use signatures::{Catalogue, IndicatorKind, Service};

/// The services of a catalogue by such indicators.
#[derive(Debug)]
pub struct Traces<'c>(BTreeMap<String, Vec<&'c Service>>);

impl<'c> Traces<'c> {
    /// Collects those that are reported.
    #[must_use]
    pub fn of(catalogue: &'c Catalogue) -> Self {
        let mut traces: BTreeMap<String, Vec<&Service>> = BTreeMap::new();
        let services = catalogue.services();
        for service in services.filter(|service| !catalogue.is_silenced(&service.id)) {
            for indicator in indicators(service) {
                let owners = traces.entry(indicator).or_default();
                if owners.last().is_none_or(|last| last.id != service.id) {
                    owners.push(service);
                }
            }
        }
        Self(traces)
    }

    /// The services that have an indicator, at least one.
    pub(super) fn owners(&self, indicator: &str) -> Option<&[&'c Service]> {
        self.0.get(indicator).map(Vec::as_slice)
    }
}

fn indicators(service: &Service) -> impl Iterator<Item = String> {
    let local = service.indicators.iter();
    let local = local.filter(|one| one.kind() == IndicatorKind::Local);
    let processes = service.processes.iter().map(|one| match &one.requires {
        Some(requires) => format!("process:{} {requires}", one.name),
        None => format!("process:{}", one.name),
    });
    let artefacts = service.artefacts.iter();
    let artefacts = artefacts.map(|one| format!("artefact:{} {}", one.kind, one.value));
    local
        .map(ToString::to_string)
        .chain(processes)
        .chain(artefacts)
}

/// Tells whether an indicator is a request to a model server.
pub(super) fn is_request(indicator: &str) -> bool {
    indicator.starts_with("local:")
}

/// Tells whether an indicator says all that the evidence matched by.
pub(super) fn is_whole(indicator: &str) -> bool {
    is_request(indicator) || indicator.starts_with("process:")
}
