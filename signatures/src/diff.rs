//! What changes from one catalogue to another, service by service and indicator by indicator.

use std::collections::BTreeMap;

use crate::{Catalogue, Indicator, Service};

/// How something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Only the new catalogue has it.
    Added,
    /// Only the old catalogue has it.
    Removed,
    /// Both have it, and it says something else.
    Changed,
}

impl ChangeKind {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One difference between two catalogues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// Service it is about.
    pub service: String,
    /// The indicator, process or artefact, for example `suffix:openai.com`; `None`: the service itself.
    pub indicator: Option<String>,
    /// What it says, or what it said before and says now.
    pub detail: String,
}

/// Lists what changes from `old` to `new`, ordered by service, the service itself before its indicators.
#[must_use]
pub fn diff(old: &Catalogue, new: &Catalogue) -> Vec<Change> {
    let mut changes = Vec::new();
    let old_services = by_id(old);
    let new_services = by_id(new);
    let mut ids: Vec<&str> = old_services
        .keys()
        .chain(new_services.keys())
        .copied()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let (before, after) = (old_services.get(id), new_services.get(id));
        changes.extend(change(
            id,
            None,
            before.map(|s| facts(s)),
            after.map(|s| facts(s)),
        ));
        let none = BTreeMap::new();
        let before = before.map_or_else(|| none.clone(), |service| indicators(service));
        let after = after.map_or(none, |service| indicators(service));
        let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let (before, after) = (before.get(key).cloned(), after.get(key).cloned());
            changes.extend(change(id, Some(key), before, after));
        }
    }
    changes
}

fn by_id(catalogue: &Catalogue) -> BTreeMap<&str, &Service> {
    let services = catalogue.services();
    services
        .map(|service| (service.id.as_str(), service))
        .collect()
}

fn change(
    service: &str,
    indicator: Option<&String>,
    before: Option<String>,
    after: Option<String>,
) -> Option<Change> {
    let (kind, detail) = match (before, after) {
        (None, None) => return None,
        (None, Some(after)) => (ChangeKind::Added, after),
        (Some(before), None) => (ChangeKind::Removed, before),
        (Some(before), Some(after)) if before == after => return None,
        (Some(before), Some(after)) => (ChangeKind::Changed, format!("{before} -> {after}")),
    };
    Some(Change {
        kind,
        service: service.into(),
        indicator: indicator.cloned(),
        detail,
    })
}

/// What a service says about itself that people see.
fn facts(service: &Service) -> String {
    format!(
        "{}, {}, {}, {}, data use {}, enterprise tier {}",
        service.name,
        service.vendor,
        service.category,
        service.country.as_deref().unwrap_or("country unknown"),
        service.data_use,
        service.enterprise_tier
    )
}

/// Everything that a service is recognised by, with what it says.
fn indicators(service: &Service) -> BTreeMap<String, String> {
    let name = |one: &Indicator| {
        let says = format!("{}, {}, {}", one.surface(), one.specificity(), one.basis());
        (one.to_string(), says)
    };
    let mut all: BTreeMap<String, String> = service.indicators.iter().map(name).collect();
    for process in &service.processes {
        let requires = process.requires.as_deref().unwrap_or_default();
        let key = format!("process:{} {requires}", process.name);
        let says = format!("{}, {}", process.surface, process.platform);
        all.insert(key.trim_end().into(), says);
    }
    for artefact in &service.artefacts {
        let key = format!("{}:{}", artefact.kind, artefact.value);
        all.insert(key, format!("{}, {}", artefact.surface, artefact.platform));
    }
    all
}
