//! Batches into tables: of each key the highest revision.

use inventory::{CoverageWindow, DeviceId, Evidence, SensorId, Sighting, Timestamp};
use rusqlite::{OptionalExtension as _, Transaction};

use super::intern::Interns;
use super::{Failure, rows, sealed, sensors};
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
        interns: Interns::new(transaction, sensor),
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

/// One batch under way.
struct Batch<'a> {
    transaction: &'a Transaction<'a>,
    sensor: &'a SensorId,
    interns: Interns<'a>,
    recorded: Recorded,
}

impl Batch<'_> {
    fn sighting(&mut self, sighting: &Sighting) -> Result<(), Failure> {
        let usage = self.interns.usage(sighting)?;
        self.names(sighting)?;
        let epoch = self.interns.epoch(sighting.key.epoch)?;
        let confidence = self.interns.confidence(&sighting.confidence)?;
        let attribution = self.interns.attribution(&sighting.attribution)?;
        let client = self.interns.client(&sighting.attribution)?;
        sealed::keep(self.transaction, self.sensor, sighting)?;
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
                    sighting.attribution.client.class.as_str(),
                    client,
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

    /// The evidence of the highest revision takes the place of what was there.
    fn evidence(&mut self, sighting: i64, evidence: &[Evidence]) -> Result<(), Failure> {
        self.transaction
            .prepare_cached("DELETE FROM evidence WHERE sighting_id = ?1")?
            .execute([sighting])?;
        for (ordinal, item) in (0i64..).zip(evidence) {
            let observable = self.interns.observable(item)?;
            let attributes = match item.attributes.as_slice() {
                [] => String::new(),
                attributes => rows::to_json(attributes)?,
            };
            self.transaction
                .prepare_cached(
                    "INSERT INTO evidence
                         (sighting_id, ordinal, observable_id, count, first_seen, last_seen, attributes)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute((
                    sighting,
                    ordinal,
                    observable,
                    rows::to_column(item.count),
                    item.first_seen.as_nanos(),
                    item.last_seen.as_nanos(),
                    attributes,
                ))?;
        }
        Ok(())
    }

    fn coverage(&mut self, window: &CoverageWindow) -> Result<(), Failure> {
        let epoch = self.interns.epoch(window.epoch)?;
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
