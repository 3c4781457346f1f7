//! Rows that many others refer to: found or made, and remembered for the rest of a batch.

use std::collections::HashMap;

use inventory::{Attribution, Confidence, Epoch, Evidence, SensorId, Sighting, UsageKey};
use rusqlite::{OptionalExtension as _, ToSql, Transaction};

use super::{Failure, rows};

/// Ids of rows that one batch of one sensor met. As long as the batch, and no longer.
pub(super) struct Interns<'a> {
    transaction: &'a Transaction<'a>,
    sensor: &'a SensorId,
    epochs: HashMap<Epoch, i64>,
    usages: HashMap<UsageKey, i64>,
    confidences: HashMap<Confidence, i64>,
    attributions: HashMap<Attribution, i64>,
    clients: HashMap<(String, Option<String>), i64>,
    observables: HashMap<[String; 4], i64>,
}

impl<'a> Interns<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>, sensor: &'a SensorId) -> Self {
        Self {
            transaction,
            sensor,
            epochs: HashMap::new(),
            usages: HashMap::new(),
            confidences: HashMap::new(),
            attributions: HashMap::new(),
            clients: HashMap::new(),
            observables: HashMap::new(),
        }
    }

    pub(super) fn usage(&mut self, sighting: &Sighting) -> Result<i64, Failure> {
        let key = sighting.usage_key(self.sensor);
        if let Some(id) = self.usages.get(&key) {
            return Ok(*id);
        }
        let identity = sighting.key.device.to_string();
        self.transaction
            .prepare_cached(
                "INSERT INTO device (id, sensor_id, identity) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((key.device.as_str(), self.sensor.as_str(), identity))?;
        let id = self.intern(
            "SELECT id FROM usage WHERE service = ?1 AND device_id = ?2 AND user = ?3
                 AND process = ?4 AND surface = ?5 AND tenant = ?6",
            "INSERT INTO usage (service, device_id, user, process, surface, tenant)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                &key.service,
                &key.device.as_str(),
                &key.user.as_deref().unwrap_or(""),
                &key.process.as_deref().unwrap_or(""),
                &key.surface,
                &key.tenant.as_deref().unwrap_or(""),
            ],
        )?;
        self.usages.insert(key, id);
        Ok(id)
    }

    pub(super) fn epoch(&mut self, epoch: Epoch) -> Result<i64, Failure> {
        if let Some(id) = self.epochs.get(&epoch) {
            return Ok(*id);
        }
        let id = self.intern(
            "SELECT id FROM epoch WHERE sensor_id = ?1 AND epoch = ?2",
            "INSERT INTO epoch (sensor_id, epoch) VALUES (?1, ?2)",
            &[&self.sensor.as_str(), &epoch.0.as_slice()],
        )?;
        self.epochs.insert(epoch, id);
        Ok(id)
    }

    pub(super) fn confidence(&mut self, confidence: &Confidence) -> Result<i64, Failure> {
        if let Some(id) = self.confidences.get(confidence) {
            return Ok(*id);
        }
        let id = self.intern(
            "SELECT id FROM confidence WHERE level = ?1 AND factors = ?2 AND does_not_prove = ?3",
            "INSERT INTO confidence (level, factors, does_not_prove) VALUES (?1, ?2, ?3)",
            &[
                &confidence.level.as_str(),
                &rows::to_json(&confidence.factors)?,
                &rows::to_json(&confidence.does_not_prove)?,
            ],
        )?;
        self.confidences.insert(confidence.clone(), id);
        Ok(id)
    }

    pub(super) fn attribution(&mut self, attribution: &Attribution) -> Result<i64, Failure> {
        if let Some(id) = self.attributions.get(attribution) {
            return Ok(*id);
        }
        let process = attribution
            .process
            .as_ref()
            .map(rows::to_json)
            .transpose()?;
        let id = self.intern(
            "SELECT id FROM attribution WHERE quality = ?1 AND reason = ?2 AND process = ?3",
            "INSERT INTO attribution (quality, reason, process) VALUES (?1, ?2, ?3)",
            &[
                &attribution.quality.as_str(),
                &attribution.reason,
                &process.unwrap_or_default(),
            ],
        )?;
        self.attributions.insert(attribution.clone(), id);
        Ok(id)
    }

    /// Why the client has its class, and who used its socket later.
    pub(super) fn client(&mut self, attribution: &Attribution) -> Result<i64, Failure> {
        let key = (
            attribution.client.reason.clone(),
            attribution.later_user.clone(),
        );
        if let Some(id) = self.clients.get(&key) {
            return Ok(*id);
        }
        let (reason, later_user) = &key;
        let id = self.intern(
            "SELECT id FROM client WHERE reason = ?1 AND later_user = ?2",
            "INSERT INTO client (reason, later_user) VALUES (?1, ?2)",
            &[reason, &later_user.as_deref().unwrap_or("")],
        )?;
        self.clients.insert(key, id);
        Ok(id)
    }

    pub(super) fn observable(&mut self, evidence: &Evidence) -> Result<i64, Failure> {
        let Evidence {
            kind,
            value,
            indicator,
            catalogue_version,
            ..
        } = evidence;
        let key = [kind, value, indicator, catalogue_version].map(Clone::clone);
        if let Some(id) = self.observables.get(&key) {
            return Ok(*id);
        }
        let id = self.intern(
            "SELECT id FROM observable
             WHERE kind = ?1 AND value = ?2 AND indicator = ?3 AND catalogue_version = ?4",
            "INSERT INTO observable (kind, value, indicator, catalogue_version)
             VALUES (?1, ?2, ?3, ?4)",
            &[kind, value, indicator, catalogue_version],
        )?;
        self.observables.insert(key, id);
        Ok(id)
    }

    /// The id of a row that is there or is made.
    fn intern(&self, select: &str, insert: &str, row: &[&dyn ToSql]) -> Result<i64, Failure> {
        let found: Option<i64> = self
            .transaction
            .prepare_cached(select)?
            .query_row(row, |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        Ok(self.transaction.prepare_cached(insert)?.insert(row)?)
    }
}
