//! What the catalogue says about an observed name or request, in owned form.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use signatures::{Catalogue, LocalRequest, Match, ServiceId, Specificity, Surface};
use wire::Timestamp;

use crate::finding::EvidenceKind;
use crate::report::ReportedEvidence;

/// What of a match is in the key of a finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Subject {
    pub(super) service: ServiceId,
    pub(super) surface: Surface,
    pub(super) tenant: Option<String>,
    pub(super) specificity: Specificity,
    /// Whether this alone makes a finding.
    pub(super) stands_alone: bool,
}

/// A match, and what was observed.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) subject: Subject,
    pub(super) evidence: ReportedEvidence,
    /// Version of the catalogue that matched.
    pub(super) version: Arc<str>,
}

/// Looks up what is observed.
#[derive(Debug)]
pub(super) struct Lookout {
    catalogue: Arc<Catalogue>,
    version: Arc<str>,
    shared: BTreeSet<ServiceId>,
}

impl Lookout {
    pub(super) fn new(catalogue: Arc<Catalogue>, shared: BTreeSet<ServiceId>) -> Self {
        let version = Arc::from(catalogue.version());
        Self {
            catalogue,
            version,
            shared,
        }
    }

    pub(super) fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.version = Arc::from(catalogue.version());
        self.catalogue = catalogue;
    }

    /// Whether the catalogue knows `name`, be it as a dependency that stays silent.
    pub(super) fn knows(&self, name: &[u8]) -> bool {
        self.catalogue.matcher().match_name(name).is_some()
    }

    /// Looks up a name; silent dependencies give nothing.
    pub(super) fn name(&self, name: &[u8], kind: EvidenceKind, ts: Timestamp) -> Option<Found> {
        let found = self.catalogue.matcher().match_name(name)?;
        self.found(&found, kind, name, ts)
    }

    /// Looks up a request to a server on the device or in its network.
    pub(super) fn local(
        &self,
        request: &LocalRequest<'_>,
        shown: &[u8],
        ts: Timestamp,
    ) -> Option<Found> {
        let found = self.catalogue.matcher().match_local(request)?;
        self.found(&found, EvidenceKind::HttpHost, shown, ts)
    }

    fn found(
        &self,
        found: &Match<'_, '_>,
        kind: EvidenceKind,
        value: &[u8],
        ts: Timestamp,
    ) -> Option<Found> {
        let stands_alone = match found.specificity {
            Specificity::Exclusive => true,
            Specificity::Shared => {
                let id = &found.service.id;
                self.shared.contains(id) || self.catalogue.reports_shared(id)
            }
            Specificity::ThirdPartyDependency => return None,
        };
        Some(Found {
            subject: Subject {
                service: found.service.id.clone(),
                surface: found.surface,
                tenant: found.tenant.as_deref().map(Into::into),
                specificity: found.specificity,
                stands_alone,
            },
            evidence: ReportedEvidence {
                kind,
                value: Arc::from(String::from_utf8_lossy(value)),
                indicator: Arc::from(found.indicator.to_string()),
                attributes: Arc::default(),
                indicator_confidence: found.indicator.confidence(),
                count: 1,
                first_seen: ts,
                last_seen: ts,
            },
            version: Arc::clone(&self.version),
        })
    }
}

/// Adds one observation to a list, or counts it where it stands already. Returns whether it
/// found a place.
pub(super) fn add_evidence(
    list: &mut Vec<ReportedEvidence>,
    new: ReportedEvidence,
    most: usize,
) -> bool {
    let same = list.iter_mut().find(|known| {
        known.kind == new.kind && known.value == new.value && known.indicator == new.indicator
    });
    if let Some(known) = same {
        known.count = known.count.saturating_add(new.count);
        known.first_seen = known.first_seen.min(new.first_seen);
        known.last_seen = known.last_seen.max(new.last_seen);
        return true;
    }
    let room = list.len() < most;
    if room {
        list.reserve_exact(1);
        list.push(new);
    }
    room
}

/// Whether a server is on the device of its client, or in a network that is nobody's on the
/// Internet: where a local runtime may be.
pub(super) fn is_near(client: IpAddr, server: IpAddr) -> bool {
    client == server || is_private(server)
}

/// Loopback, link-local, and the private ranges of both families (RFC 1918, RFC 4193, RFC 6598).
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
