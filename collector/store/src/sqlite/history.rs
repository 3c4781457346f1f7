//! Sightings that a newer catalogue reads again.

use inventory::{KeptEvidence, KeptSighting, ObservedValue, ReEvaluation, Reading};
use rusqlite::{Connection, Transaction, named_params};

use super::{Failure, rows};

const KEPT: &str = include_str!("../../queries/kept.sql");
const OBSERVED: &str = include_str!("../../queries/observed.sql");

pub(super) fn kept(
    connection: &Connection,
    version: &str,
    limit: u32,
) -> Result<Vec<KeptSighting>, Failure> {
    let mut statement = connection.prepare_cached(KEPT)?;
    let params = named_params! { ":version": version, ":limit": limit };
    let found = statement.query_map(params, |row| {
        Ok(KeptSighting {
            id: row.get("id")?,
            revision: row.get("revision")?,
            service: row.get("service")?,
            surface: row.get("surface")?,
            tenant: rows::text_opt(row, "tenant")?,
            catalogue_version: row.get("catalogue_version")?,
            evidence: Vec::new(),
        })
    })?;
    let mut found: Vec<KeptSighting> = found.collect::<Result<_, _>>()?;
    let mut statement = connection.prepare_cached(
        "SELECT o.kind, o.value, o.indicator FROM evidence AS e JOIN observable AS o ON o.id = e.observable_id
         WHERE e.sighting_id = ?1 ORDER BY e.ordinal",
    )?;
    for one in &mut found {
        let evidence = statement.query_map([one.id], |row| {
            Ok(KeptEvidence {
                kind: row.get(0)?,
                value: row.get(1)?,
                indicator: row.get(2)?,
            })
        })?;
        one.evidence = evidence.collect::<Result<_, _>>()?;
    }
    Ok(found)
}

/// Notes what a catalogue says. A sighting that has got a later revision since is left for another time.
pub(super) fn read_again(
    transaction: &Transaction<'_>,
    version: &str,
    readings: &[(KeptSighting, Reading)],
) -> Result<u64, Failure> {
    let mut changed = 0_u64;
    for (kept, reading) in readings {
        let word = match reading {
            Reading::AsReported => "",
            Reading::Moved { .. } => ReEvaluation::Moved.as_str(),
            Reading::NoLongerMatches => ReEvaluation::NoLongerMatches.as_str(),
        };
        let usage = usage(transaction, kept, reading)?;
        let differs = transaction
            .prepare_cached(
                "SELECT 1 FROM sighting WHERE id = ?1 AND (usage_id <> ?2 OR re_evaluated <> ?3)",
            )?
            .exists((kept.id, usage, word))?;
        let written = transaction
            .prepare_cached(
                "UPDATE sighting SET usage_id = ?2, re_evaluated = ?3, evaluated_with = ?4
                 WHERE id = ?1 AND revision = ?5",
            )?
            .execute((kept.id, usage, word, version, kept.revision))?;
        if differs && written > 0 {
            changed = changed.saturating_add(1);
        }
    }
    Ok(changed)
}

/// The row of usage that a sighting belongs to now, made where there is none.
fn usage(
    transaction: &Transaction<'_>,
    kept: &KeptSighting,
    reading: &Reading,
) -> Result<i64, Failure> {
    let reported: i64 = transaction
        .prepare_cached("SELECT reported_usage_id FROM sighting WHERE id = ?1")?
        .query_row([kept.id], |row| row.get(0))?;
    let Reading::Moved {
        service,
        surface,
        tenant,
    } = reading
    else {
        return Ok(reported);
    };
    let tenant = tenant.as_deref().unwrap_or("");
    transaction
        .prepare_cached(
            "INSERT INTO usage (service, device_id, user, process, surface, tenant)
             SELECT ?2, device_id, user, process, ?3, ?4 FROM usage WHERE id = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute((reported, service, surface, tenant))?;
    let id = transaction
        .prepare_cached(
            "SELECT u.id FROM usage AS r JOIN usage AS u
                 ON u.service = ?2 AND u.device_id = r.device_id AND u.user = r.user
                 AND u.process = r.process AND u.surface = ?3 AND u.tenant = ?4
             WHERE r.id = ?1",
        )?
        .query_row((reported, service, surface, tenant), |row| row.get(0))?;
    Ok(id)
}

pub(super) fn observed(connection: &Connection) -> Result<Vec<ObservedValue>, Failure> {
    let mut statement = connection.prepare_cached(OBSERVED)?;
    let found = statement.query_map([], |row| {
        Ok(ObservedValue {
            kind: row.get("kind")?,
            value: row.get("value")?,
            service: row.get("service")?,
            sightings: rows::counter(row, "sightings")?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
