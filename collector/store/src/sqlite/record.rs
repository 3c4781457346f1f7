//! Batches into tables: of each key the highest revision.

use std::collections::HashMap;

use inventory::{
    CoverageWindow, DeviceId, Epoch, Evidence, SensorId, Sighting, Timestamp, UsageKey,
};
use rusqlite::{OptionalExtension as _, ToSql, Transaction};

use super::{Failure, rows, sensors};
use crate::Recorded;

const UPSERT_SIGHTING: &str = include_str!("../../queries/upsert_sighting.sql");
const UPSERT_COVERAGE: &str = include_str!("../../queries/upsert_coverage.sql");

pub(super) fn record(
    transaction: &Transaction<'_>,
    sensor: &SensorId,
    sightings: &[Sighting],
    coverage: &[CoverageWindow],
    now: Timestamp,
) -> Result<Recorded, Failure> {
    sightings.iter().try_for_each(Sighting::check)?;
    coverage.iter().try_for_each(CoverageWindow::check)?;
    sensors::known(transaction, sensor)?;
    sensors::seen(transaction, sensor, now)?;
    let mut batch = Batch {
        transaction,
        sensor,
        epochs: HashMap::new(),
        usages: HashMap::new(),
        recorded: Recorded::default(),
    };
    sightings
        .iter()
        .try_for_each(|sighting| batch.sighting(sighting))?;
    coverage
        .iter()
        .try_for_each(|window| batch.coverage(window))?;
    Ok(batch.recorded)
}

/// One batch under way, with the row ids that it met before.
struct Batch<'a> {
    transaction: &'a Transaction<'a>,
    sensor: &'a SensorId,
    epochs: HashMap<Epoch, i64>,
    usages: HashMap<UsageKey, i64>,
    recorded: Recorded,
}

impl Batch<'_> {
    fn sighting(&mut self, sighting: &Sighting) -> Result<(), Failure> {
        let usage = self.usage(sighting)?;
        self.names(sighting)?;
        let epoch = self.epoch(sighting.key.epoch)?;
        let confidence = self.confidence(sighting)?;
        let attribution = self.attribution(sighting)?;
        let address = sighting
            .device_address
            .map(|a| a.to_string())
            .unwrap_or_default();
        let id: Option<i64> = self
            .transaction
            .prepare_cached(UPSERT_SIGHTING)?
            .query_row(
                rusqlite::params![
                    usage,
                    sighting.key.window_start.as_nanos(),
                    epoch,
                    sighting.revision,
                    sighting.stage.rank(),
                    sighting.stage_limit.map_or("", |limit| limit.as_str()),
                    sighting.first_seen.as_nanos(),
                    sighting.last_seen.as_nanos(),
                    rows::to_column(sighting.flow_count),
                    rows::to_column(sighting.bytes_out),
                    rows::to_column(sighting.bytes_in),
                    sighting.specificity.as_str(),
                    confidence,
                    attribution,
                    sighting.catalogue_version,
                    rows::to_json(&sighting.device_names)?,
                    address,
                ],
                |row| row.get(0),
            )
            .optional()?;
        self.count(id.is_some());
        if let Some(id) = id {
            self.evidence(id, &sighting.evidence)?;
        }
        Ok(())
    }

    fn count(&mut self, changed: bool) {
        let count = if changed {
            &mut self.recorded.changed
        } else {
            &mut self.recorded.known
        };
        *count = count.saturating_add(1);
    }

    fn usage(&mut self, sighting: &Sighting) -> Result<i64, Failure> {
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

    /// Names and addresses are a set that only grows, so older revisions may add to it too.
    fn names(&self, sighting: &Sighting) -> Result<(), Failure> {
        let device = DeviceId::new(self.sensor, &sighting.key.device);
        let seen = sighting.last_seen.as_nanos();
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO device_name (device_id, name, last_seen) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen
             WHERE excluded.last_seen > last_seen",
        )?;
        for name in &sighting.device_names {
            statement.execute((device.as_str(), name, seen))?;
        }
        if let Some(address) = sighting.device_address {
            self.transaction
                .prepare_cached(
                    "INSERT INTO device_address (device_id, address, last_seen)
                     VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen
                     WHERE excluded.last_seen > last_seen",
                )?
                .execute((device.as_str(), address.to_string(), seen))?;
        }
        Ok(())
    }

    fn epoch(&mut self, epoch: Epoch) -> Result<i64, Failure> {
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

    fn confidence(&self, sighting: &Sighting) -> Result<i64, Failure> {
        let confidence = &sighting.confidence;
        self.intern(
            "SELECT id FROM confidence WHERE level = ?1 AND factors = ?2 AND does_not_prove = ?3",
            "INSERT INTO confidence (level, factors, does_not_prove) VALUES (?1, ?2, ?3)",
            &[
                &confidence.level.as_str(),
                &rows::to_json(&confidence.factors)?,
                &rows::to_json(&confidence.does_not_prove)?,
            ],
        )
    }

    fn attribution(&self, sighting: &Sighting) -> Result<i64, Failure> {
        let attribution = &sighting.attribution;
        let process = attribution
            .process
            .as_ref()
            .map(rows::to_json)
            .transpose()?;
        self.intern(
            "SELECT id FROM attribution WHERE quality = ?1 AND reason = ?2 AND process = ?3",
            "INSERT INTO attribution (quality, reason, process) VALUES (?1, ?2, ?3)",
            &[
                &attribution.quality.as_str(),
                &attribution.reason,
                &process.unwrap_or_default(),
            ],
        )
    }

    /// The evidence of the highest revision takes the place of what was there.
    fn evidence(&self, sighting: i64, evidence: &[Evidence]) -> Result<(), Failure> {
        self.transaction
            .prepare_cached("DELETE FROM evidence WHERE sighting_id = ?1")?
            .execute([sighting])?;
        for (ordinal, item) in (0i64..).zip(evidence) {
            let observable = self.intern(
                "SELECT id FROM observable
                 WHERE kind = ?1 AND value = ?2 AND indicator = ?3 AND catalogue_version = ?4",
                "INSERT INTO observable (kind, value, indicator, catalogue_version)
                 VALUES (?1, ?2, ?3, ?4)",
                &[
                    &item.kind,
                    &item.value,
                    &item.indicator,
                    &item.catalogue_version,
                ],
            )?;
            self.transaction
                .prepare_cached(
                    "INSERT INTO evidence
                         (sighting_id, ordinal, observable_id, count, first_seen, last_seen)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((
                    sighting,
                    ordinal,
                    observable,
                    rows::to_column(item.count),
                    item.first_seen.as_nanos(),
                    item.last_seen.as_nanos(),
                ))?;
        }
        Ok(())
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

    fn coverage(&mut self, window: &CoverageWindow) -> Result<(), Failure> {
        let epoch = self.epoch(window.epoch)?;
        let rejects: serde_json::Map<String, serde_json::Value> = window
            .rejects
            .iter()
            .map(|(reason, count)| (reason.clone(), (*count).into()))
            .collect();
        let length = i64::try_from(window.window_length.as_nanos()).unwrap_or(i64::MAX);
        let changed =
            self.transaction
                .prepare_cached(UPSERT_COVERAGE)?
                .execute(rusqlite::params![
                    epoch,
                    window.window_start.as_nanos(),
                    length,
                    window.revision,
                    window.first_seen.as_nanos(),
                    window.last_seen.as_nanos(),
                    window.closed,
                    window.replay,
                    rows::to_column(window.frames),
                    rows::to_column(window.bytes),
                    rows::to_column(window.frames_dropped),
                    rows::to_column(window.flows),
                    rows::to_column(window.flows_named),
                    rows::to_column(window.flows_hidden),
                    rows::to_column(window.flows_unnamed),
                    rows::to_column(window.flows_mid_stream),
                    rows::to_column(window.flows_evicted),
                    rows::to_column(window.flows_encrypted_dns),
                    rows::to_column(window.flows_tunnelled),
                    rows::to_json(&rejects)?,
                ])?;
        self.count(changed > 0);
        Ok(())
    }
}
