//! Pages of single sightings.

use inventory::{
    Cursor, Epoch, Evidence, FoundSighting, Page, PageRequest, Query, ReEvaluated, SensorId,
    Sighting, SightingKey, Stage, Timestamp, UsageKey,
};
use rusqlite::{Connection, Row, ToSql};

use super::telling::{attribution, confidence, evidence, stage_limit};
use super::{cursor, key_texts, limit};
use crate::error::Error;
use crate::sqlite::devices::Devices;
use crate::sqlite::sums::{self, Filters};
use crate::sqlite::{Failure, policy, rows};

const FINDINGS: &str = include_str!("../../../queries/findings.sql");

pub(in crate::sqlite) fn findings(
    connection: &Connection,
    query: &Query,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<FoundSighting>, Failure> {
    let policy = policy::load(connection)?;
    let after: Option<[String; 10]> = cursor(page)?;
    let (window, key, epoch, id) = match after {
        None => (i64::MAX, Default::default(), Vec::new(), 0),
        Some(
            [
                window,
                service,
                device,
                user,
                process,
                surface,
                tenant,
                class,
                epoch,
                id,
            ],
        ) => {
            let window = window.parse().map_err(|_| Error::BadCursor)?;
            let epoch: Epoch = epoch.parse().map_err(|_| Error::BadCursor)?;
            let key = [service, device, user, process, surface, tenant, class];
            let id: i64 = id.parse().map_err(|_| Error::BadCursor)?;
            (window, key, epoch.0.to_vec(), id)
        }
    };
    let filters = Filters::of(query)?;
    let mut params = filters.params();
    params.extend([
        (":window", &window as &dyn ToSql),
        (":epoch", &epoch),
        (":id", &id),
    ]);
    let names = [
        ":service", ":device", ":user", ":process", ":surface", ":tenant", ":class",
    ];
    params.extend(
        names
            .into_iter()
            .zip(&key)
            .map(|(name, value)| (name, value as &dyn ToSql)),
    );
    let mut statement = connection.prepare_cached(FINDINGS)?;
    let mut rows = statement.query(params.as_slice())?;
    let mut devices = Devices::new(connection);
    let mut items: Vec<FoundSighting> = Vec::new();
    let mut last: Option<Vec<String>> = None;
    while let Some(row) = rows.next()? {
        let key = sums::usage_key(row, "process_key")?;
        let verdict = policy.verdict(&key.subject(), now);
        if !query.statuses.keeps(verdict.status) {
            continue;
        }
        if items.len() >= limit(page) {
            return Ok(Page {
                items,
                next: last.map(Cursor),
            });
        }
        let id: i64 = row.get("id")?;
        let sighting = sighting(row, &key, evidence(connection, id)?)?;
        last = Some(finding_texts(&key, &sighting, id));
        items.push(FoundSighting {
            sensor: SensorId::new(row.get::<_, String>("sensor_id")?),
            device: devices.device(&key.device)?,
            status_then: policy.verdict_at(&key.subject(), sighting.last_seen).status,
            re_evaluated: re_evaluated(row)?,
            sighting,
            verdict,
        });
    }
    Ok(Page { items, next: None })
}

fn re_evaluated(row: &Row<'_>) -> rusqlite::Result<Option<ReEvaluated>> {
    if rows::text_opt(row, "re_evaluated")?.is_none() {
        return Ok(None);
    }
    Ok(Some(ReEvaluated {
        outcome: rows::word(row, "re_evaluated")?,
        catalogue_version: row.get("evaluated_with")?,
        reported_service: row.get("reported_service")?,
    }))
}

fn finding_texts(key: &UsageKey, sighting: &Sighting, id: i64) -> Vec<String> {
    let window = sighting.key.window_start.as_nanos().to_string();
    let epoch = sighting.key.epoch.to_string();
    [window]
        .into_iter()
        .chain(key_texts(key))
        .chain([epoch, id.to_string()])
        .collect()
}

fn sighting(row: &Row<'_>, key: &UsageKey, evidence: Vec<Evidence>) -> Result<Sighting, Failure> {
    let address = match rows::text_opt(row, "device_address")? {
        Some(_) => Some(rows::word(row, "device_address")?),
        None => None,
    };
    Ok(Sighting {
        key: SightingKey {
            epoch: Epoch(rows::bytes(row, "epoch")?),
            device: rows::word(row, "identity")?,
            window_start: rows::time(row, "window_start")?,
            service: key.service.clone(),
            surface: key.surface.clone(),
            tenant: key.tenant.clone(),
            process: key.process.clone(),
            user: key.user.clone(),
        },
        revision: row.get("revision")?,
        stage: Stage::from_rank(row.get("stage")?).ok_or(Failure::Unreadable)?,
        stage_limit: stage_limit(row)?,
        first_seen: rows::time(row, "first_seen")?,
        last_seen: rows::time(row, "last_seen")?,
        flow_count: rows::counter(row, "flow_count")?,
        bytes_out: rows::counter(row, "bytes_out")?,
        bytes_in: rows::counter(row, "bytes_in")?,
        evidence,
        confidence: confidence(row)?,
        attribution: attribution(row)?,
        sealed_user: Vec::new(),
        catalogue_version: row.get("catalogue_version")?,
        specificity: rows::word(row, "specificity")?,
        device_names: rows::json(row, "device_names")?,
        device_address: address,
    })
}
