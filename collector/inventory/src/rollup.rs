//! Rows of usage rolled up into services and devices. Stores feed rows in the order of their
//! answer and so hold one service or device at a time.

use std::collections::BTreeSet;

use crate::answer::{DeviceUse, ServiceUse, StatusCounts, Totals, UsageKey};
use crate::device::{Device, DeviceId};
use crate::policy::{Status, Verdict};
use crate::sighting::{Confidence, Evidence};

/// Adds up the rows of one service.
#[derive(Clone, Debug)]
pub struct ServiceRollup {
    service: String,
    totals: Option<Totals>,
    devices: BTreeSet<DeviceId>,
    users: BTreeSet<String>,
    surfaces: BTreeSet<String>,
    tenants: BTreeSet<String>,
    statuses: StatusCounts,
    telling: Vec<(UsageKey, Totals)>,
}

impl ServiceRollup {
    /// Of a service without rows.
    #[must_use]
    pub fn new(service: String) -> Self {
        Self {
            service,
            totals: None,
            devices: BTreeSet::new(),
            users: BTreeSet::new(),
            surfaces: BTreeSet::new(),
            tenants: BTreeSet::new(),
            statuses: StatusCounts::default(),
            telling: Vec::new(),
        }
    }

    /// Catalogue id.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Adds a row, with the status that applies to it now.
    pub fn add(&mut self, key: &UsageKey, totals: &Totals, status: Status) {
        add_totals(&mut self.totals, totals);
        insert(&mut self.devices, &key.device);
        insert(&mut self.surfaces, &key.surface);
        if let Some(user) = &key.user {
            insert(&mut self.users, user);
        }
        if let Some(tenant) = &key.tenant {
            insert(&mut self.tenants, tenant);
        }
        self.statuses.add(status);
        let rank = |totals: &Totals| (totals.stage, totals.last_seen);
        let place = self.telling.partition_point(|(other, kept)| {
            rank(kept) > rank(totals) || (rank(kept) == rank(totals) && other < key)
        });
        if place < ServiceUse::EVIDENCE_USAGES {
            self.telling.insert(place, (key.clone(), *totals));
            self.telling.truncate(ServiceUse::EVIDENCE_USAGES);
        }
    }

    /// The rows whose evidence says most: the highest stage, then the latest.
    pub fn telling(&self) -> impl Iterator<Item = &UsageKey> {
        self.telling.iter().map(|(key, _)| key)
    }

    /// The finished row. `verdict` is everybody's; `confidence` and `evidence` are those of the
    /// [`telling`](Self::telling) rows, in their order.
    #[must_use]
    pub fn finish(
        self,
        verdict: Verdict,
        confidence: Option<Confidence>,
        evidence: impl IntoIterator<Item = Evidence>,
    ) -> ServiceUse {
        let (tenants, tenants_total) = capped(self.tenants, ServiceUse::MAX_TENANTS);
        ServiceUse {
            service: self.service,
            totals: self.totals,
            devices: length(self.devices.len()),
            users: length(self.users.len()),
            surfaces: self.surfaces.into_iter().collect(),
            tenants,
            tenants_total,
            statuses: self.statuses,
            verdict,
            confidence,
            evidence: merge_evidence(evidence),
            re_evaluated: None,
        }
    }
}

/// Adds up the rows of one device.
#[derive(Clone, Debug)]
pub struct DeviceRollup {
    device: DeviceId,
    totals: Option<Totals>,
    services: BTreeSet<String>,
    users: BTreeSet<String>,
    statuses: StatusCounts,
}

impl DeviceRollup {
    /// Of a device without rows.
    #[must_use]
    pub fn new(device: DeviceId) -> Self {
        Self {
            device,
            totals: None,
            services: BTreeSet::new(),
            users: BTreeSet::new(),
            statuses: StatusCounts::default(),
        }
    }

    /// Its id.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    /// Adds a row, with the status that applies to it now.
    pub fn add(&mut self, key: &UsageKey, totals: &Totals, status: Status) {
        add_totals(&mut self.totals, totals);
        insert(&mut self.services, &key.service);
        if let Some(user) = &key.user {
            insert(&mut self.users, user);
        }
        self.statuses.add(status);
    }

    /// The finished row; `None` when nothing was added.
    #[must_use]
    pub fn finish(self, device: Device) -> Option<DeviceUse> {
        let (services, services_total) = capped(self.services, DeviceUse::MAX_SERVICES);
        Some(DeviceUse {
            device,
            totals: self.totals?,
            services,
            services_total,
            users: length(self.users.len()),
            statuses: self.statuses,
        })
    }
}

fn add_totals(sum: &mut Option<Totals>, totals: &Totals) {
    match sum {
        Some(sum) => sum.add(totals),
        None => *sum = Some(*totals),
    }
}

fn insert<T: Ord + Clone>(set: &mut BTreeSet<T>, value: &T) {
    if !set.contains(value) {
        set.insert(value.clone());
    }
}

fn capped(set: BTreeSet<String>, cap: usize) -> (Vec<String>, u64) {
    let total = length(set.len());
    (set.into_iter().take(cap).collect(), total)
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Merges items that say the same, the most frequent first, at most [`ServiceUse::MAX_EVIDENCE`].
fn merge_evidence(items: impl IntoIterator<Item = Evidence>) -> Vec<Evidence> {
    let mut merged: Vec<Evidence> = Vec::new();
    for item in items {
        let same = merged.iter_mut().find(|known| {
            known.kind == item.kind
                && known.value == item.value
                && known.indicator == item.indicator
                && known.catalogue_version == item.catalogue_version
        });
        match same {
            Some(known) => {
                known.count = known.count.saturating_add(item.count);
                known.first_seen = known.first_seen.min(item.first_seen);
                known.last_seen = known.last_seen.max(item.last_seen);
                // What is true of all of them.
                (known.attributes).retain(|one| item.attributes.contains(one));
            }
            None => merged.push(item),
        }
    }
    merged.sort_by(|a, b| {
        let text = |e: &Evidence| (e.kind.clone(), e.value.clone(), e.indicator.clone());
        (b.count.cmp(&a.count)).then_with(|| text(a).cmp(&text(b)))
    });
    merged.truncate(ServiceUse::MAX_EVIDENCE);
    merged
}
