//! The reference: sightings folded in memory, in the simplest way that is right. Stores answer
//! faster and must answer the same.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::answer::{DeviceUse, FoundSighting, ServiceUse, Totals, Usage, UsageKey};
use crate::device::{Device, DeviceId, DeviceIdentity};
use crate::policy::{Policy, Subject};
use crate::query::Query;
use crate::rollup::{DeviceRollup, ServiceRollup};
use crate::sensor::SensorId;
use crate::sighting::{Sighting, SightingKey};
use crate::time::Timestamp;

/// All sightings, of each key the highest revision, and what devices were called.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    sightings: BTreeMap<(SensorId, SightingKey), Sighting>,
    hostnames: BTreeMap<SensorId, String>,
    names: BTreeMap<DeviceId, BTreeMap<String, Timestamp>>,
    addresses: BTreeMap<DeviceId, BTreeMap<IpAddr, Timestamp>>,
}

impl Inventory {
    /// Gives a sensor its host name.
    pub fn name_sensor(&mut self, sensor: &SensorId, hostname: &str) {
        self.hostnames.insert(sensor.clone(), hostname.to_owned());
    }

    /// Takes what one sensor reported, in whatever order and however often.
    pub fn record(&mut self, sensor: &SensorId, sightings: &[Sighting]) {
        for sighting in sightings {
            let device = DeviceId::new(sensor, &sighting.key.device);
            let names = self.names.entry(device.clone()).or_default();
            for name in &sighting.device_names {
                let seen = names.entry(name.clone()).or_insert(sighting.last_seen);
                *seen = (*seen).max(sighting.last_seen);
            }
            if let Some(address) = sighting.device_address {
                let addresses = self.addresses.entry(device).or_default();
                let seen = addresses.entry(address).or_insert(sighting.last_seen);
                *seen = (*seen).max(sighting.last_seen);
            }
            let kept = self
                .sightings
                .entry((sensor.clone(), sighting.key.clone()))
                .or_insert_with(|| sighting.clone());
            if sighting.revision > kept.revision {
                kept.clone_from(sighting);
            }
            kept.sealed_user.clear();
        }
    }

    /// Rows of usage, in order of key.
    #[must_use]
    pub fn usage(&self, query: &Query, policy: &Policy, now: Timestamp) -> Vec<Usage> {
        let rows = self.rows(query);
        let usage = rows.into_iter().filter_map(|(key, sightings)| {
            let verdict = policy.verdict(&key.subject(), now);
            let totals = sum(&sightings)?;
            let (sensor, telling) = sightings
                .into_iter()
                .min_by_key(|(_, s)| telling_order(s))?;
            query.statuses.keeps(verdict.status).then(|| Usage {
                device: self.device(sensor, &telling.key.device),
                totals,
                stage_limit: telling.stage_limit,
                confidence: telling.confidence.clone(),
                attribution: telling.attribution.clone(),
                specificity: telling.specificity,
                evidence: telling.evidence.clone(),
                status_then: policy.verdict_at(&key.subject(), totals.last_seen).status,
                verdict,
                re_evaluated: None,
                key,
            })
        });
        usage.collect()
    }

    /// Services, in order of id.
    #[must_use]
    pub fn services(&self, query: &Query, policy: &Policy, now: Timestamp) -> Vec<ServiceUse> {
        let usage = self.usage(query, policy, now);
        let mut rollups: BTreeMap<String, ServiceRollup> = BTreeMap::new();
        for row in &usage {
            rollups
                .entry(row.key.service.clone())
                .or_insert_with(|| ServiceRollup::new(row.key.service.clone()))
                .add(&row.key, &row.totals, row.verdict.status);
        }
        let finish = |rollup: ServiceRollup| {
            let telling: Vec<&Usage> = rollup
                .telling()
                .filter_map(|key| usage.iter().find(|row| row.key == *key))
                .collect();
            let subject = Subject::everybody(rollup.service());
            let verdict = policy.verdict(&subject, now);
            let confidence = telling.first().map(|row| row.confidence.clone());
            let evidence: Vec<_> = telling
                .iter()
                .flat_map(|row| row.evidence.clone())
                .collect();
            rollup.finish(verdict, confidence, evidence)
        };
        rollups.into_values().map(finish).collect()
    }

    /// Devices, in order of id.
    #[must_use]
    pub fn devices(&self, query: &Query, policy: &Policy, now: Timestamp) -> Vec<DeviceUse> {
        let usage = self.usage(query, policy, now);
        let mut rollups: BTreeMap<DeviceId, (Device, DeviceRollup)> = BTreeMap::new();
        for row in usage {
            let id = row.key.device.clone();
            rollups
                .entry(id.clone())
                .or_insert_with(|| (row.device.clone(), DeviceRollup::new(id)))
                .1
                .add(&row.key, &row.totals, row.verdict.status);
        }
        rollups
            .into_values()
            .filter_map(|(device, rollup)| rollup.finish(device))
            .collect()
    }

    /// Single sightings, latest window first, then in order of usage and epoch.
    #[must_use]
    pub fn findings(&self, query: &Query, policy: &Policy, now: Timestamp) -> Vec<FoundSighting> {
        let mut found: Vec<(UsageKey, FoundSighting)> = Vec::new();
        for (key, sightings) in self.rows(query) {
            let verdict = policy.verdict(&key.subject(), now);
            if !query.statuses.keeps(verdict.status) {
                continue;
            }
            for (sensor, sighting) in sightings {
                let status_then = policy.verdict_at(&key.subject(), sighting.last_seen).status;
                let sighting = FoundSighting {
                    sensor: sensor.clone(),
                    device: self.device(sensor, &sighting.key.device),
                    sighting: sighting.clone(),
                    verdict: verdict.clone(),
                    status_then,
                    re_evaluated: None,
                };
                found.push((key.clone(), sighting));
            }
        }
        found.sort_by(|(a_key, a), (b_key, b)| {
            let (a, b) = (&a.sighting.key, &b.sighting.key);
            (b.window_start.cmp(&a.window_start))
                .then_with(|| a_key.cmp(b_key))
                .then_with(|| a.epoch.cmp(&b.epoch))
        });
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn rows(&self, query: &Query) -> BTreeMap<UsageKey, Vec<(&SensorId, &Sighting)>> {
        let mut rows: BTreeMap<UsageKey, Vec<(&SensorId, &Sighting)>> = BTreeMap::new();
        for ((sensor, _), sighting) in &self.sightings {
            let key = sighting.usage_key(sensor);
            if query.keeps(&key)
                && query
                    .range
                    .overlaps(sighting.first_seen, sighting.last_seen)
            {
                rows.entry(key).or_default().push((sensor, sighting));
            }
        }
        rows
    }

    fn device(&self, sensor: &SensorId, identity: &DeviceIdentity) -> Device {
        let id = DeviceId::new(sensor, identity);
        let names = self.names.get(&id).map(latest_first).unwrap_or_default();
        let addresses = self
            .addresses
            .get(&id)
            .map(latest_first)
            .unwrap_or_default();
        let hostname = self.hostnames.get(sensor).map(String::as_str);
        Device::assemble(sensor, *identity, hostname, names, addresses)
    }
}

/// The most telling sighting of a usage comes first: the highest stage, then the latest.
fn telling_order(sighting: &Sighting) -> impl Ord + use<> {
    (
        Reverse(sighting.stage),
        Reverse(sighting.last_seen),
        Reverse(sighting.key.window_start),
        sighting.key.epoch,
    )
}

fn sum(sightings: &[(&SensorId, &Sighting)]) -> Option<Totals> {
    let mut all = sightings
        .iter()
        .map(|(_, sighting)| Totals::from(*sighting));
    let first = all.next()?;
    Some(all.fold(first, |mut sum, totals| {
        sum.add(&totals);
        sum
    }))
}

fn latest_first<T: Ord + Clone>(known: &BTreeMap<T, Timestamp>) -> Vec<T> {
    let mut known: Vec<_> = known.iter().collect();
    known.sort_by_key(|(value, seen)| (Reverse(**seen), *value));
    known.into_iter().map(|(value, _)| value.clone()).collect()
}
