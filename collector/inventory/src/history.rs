//! What a newer catalogue makes of sightings that were reported with an older one.
//!
//! A sighting keeps the names that were observed, so that another catalogue can read them again. What no catalogue knew at
//! the time was never reported and never kept: it cannot appear later.

use crate::words::words;

/// What became of a sighting that was read again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReEvaluation {
    /// It belongs to another service, surface or tenant than it was reported for.
    Moved,
    /// Nothing of it matches the service any more, nor any other that is reported.
    NoLongerMatches,
}

words!(ReEvaluation, "re-evaluation", {
    Moved => "moved",
    NoLongerMatches => "no_longer_matches",
});

/// How a sighting differs from its report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReEvaluated {
    /// What became of it.
    pub outcome: ReEvaluation,
    /// Of the catalogue that says so.
    pub catalogue_version: String,
    /// The service that it was reported for.
    pub reported_service: String,
}

/// What a newer catalogue brought to a row of usage or to a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReEvaluatedUse {
    /// Sightings that were reported for another service, surface or tenant.
    pub sightings: u64,
    /// The services that they were reported for, in order, at most [`ReEvaluatedUse::MAX_SERVICES`]; this one is among
    /// them when only surface or tenant changed.
    pub moved_from: Vec<String>,
}

impl ReEvaluatedUse {
    /// Services listed.
    pub const MAX_SERVICES: usize = 20;

    /// Joins what two rows say.
    #[must_use]
    pub fn join(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(mut one), Some(other)) = (one.clone(), other.clone()) else {
            return one.or(other);
        };
        one.sightings = one.sightings.saturating_add(other.sightings);
        one.moved_from.extend(other.moved_from);
        one.moved_from.sort();
        one.moved_from.dedup();
        one.moved_from.truncate(Self::MAX_SERVICES);
        Some(one)
    }
}

/// A sighting as far as it takes to read it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptSighting {
    /// The store's number of it.
    pub id: i64,
    /// A later revision makes what was read outdated.
    pub revision: u32,
    /// The service that it was reported for.
    pub service: String,
    /// The surface that it was reported for.
    pub surface: String,
    /// The tenant that it was reported for.
    pub tenant: Option<String>,
    /// Of the catalogue that it was reported with.
    pub catalogue_version: String,
    /// What was observed.
    pub evidence: Vec<KeptEvidence>,
}

/// One observation of a kept sighting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptEvidence {
    /// `tls_sni`, `process` and so on.
    pub kind: String,
    /// What was observed.
    pub value: String,
    /// The indicator that it matched then, as `kind:value`.
    pub indicator: String,
}

/// What a catalogue says about one kept sighting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// What was reported.
    AsReported,
    /// Another service, surface or tenant.
    Moved {
        /// Catalogue id.
        service: String,
        /// In the catalogue's words.
        surface: String,
        /// Where the name carries one.
        tenant: Option<String>,
    },
    /// Nothing that is reported.
    NoLongerMatches,
}

/// How often a value was observed for a service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ObservedValue {
    /// `tls_sni`, `dns_query` and so on.
    pub kind: String,
    /// What was observed.
    pub value: String,
    /// Service that it counts for now.
    pub service: String,
    /// Sightings that rest on it.
    pub sightings: u64,
}
