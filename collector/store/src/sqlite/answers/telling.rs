//! What the most telling sighting of a usage says: why, how sure, who.

use inventory::{
    Attribution, Client, ClientClass, Confidence, Evidence, Query, ReEvaluatedUse, Specificity,
    Stage, StageLimit, Totals,
};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use crate::sqlite::sums::Bounds;
use crate::sqlite::{Failure, rows};

const MOVED_FROM: &str = include_str!("../../../queries/moved_from.sql");
const TELLING: &str = include_str!("../../../queries/telling.sql");

/// What the most telling sighting of a usage says.
pub(super) struct Telling {
    pub(super) sighting: i64,
    pub(super) stage_limit: Option<StageLimit>,
    pub(super) specificity: Specificity,
    pub(super) confidence: Confidence,
    pub(super) attribution: Attribution,
}

pub(super) fn telling(
    connection: &Connection,
    (usage, class): (i64, ClientClass),
    stage: Stage,
    query: &Query,
) -> Result<Telling, Failure> {
    let bounds = Bounds::of(query.range);
    let params = named_params! {
        ":usage": usage,
        ":class": class.as_str(),
        ":stage": stage.rank(),
        ":since": bounds.since,
        ":until": bounds.until,
    };
    let telling = connection
        .prepare_cached(TELLING)?
        .query_row(params, |row| {
            Ok(Telling {
                sighting: row.get("id")?,
                stage_limit: stage_limit(row)?,
                specificity: rows::word(row, "specificity")?,
                confidence: confidence(row)?,
                attribution: attribution(row)?,
            })
        })
        .optional()?;
    telling.ok_or(Failure::Unreadable)
}

/// What of a usage a newer catalogue brought there.
pub(super) fn moved(
    connection: &Connection,
    (usage, class): (i64, ClientClass),
    totals: &Totals,
    query: &Query,
) -> Result<Option<ReEvaluatedUse>, Failure> {
    if totals.moved == 0 {
        return Ok(None);
    }
    let bounds = Bounds::of(query.range);
    let params = named_params! {
        ":usage": usage,
        ":class": class.as_str(),
        ":since": bounds.since,
        ":until": bounds.until,
    };
    let mut statement = connection.prepare_cached(MOVED_FROM)?;
    let services = statement.query_map(params, |row| row.get(0))?;
    Ok(Some(ReEvaluatedUse {
        sightings: totals.moved,
        moved_from: services.collect::<Result<_, _>>()?,
    }))
}

pub(super) fn stage_limit(row: &Row<'_>) -> rusqlite::Result<Option<StageLimit>> {
    match rows::text_opt(row, "stage_limit")? {
        Some(_) => rows::word(row, "stage_limit").map(Some),
        None => Ok(None),
    }
}

pub(super) fn confidence(row: &Row<'_>) -> rusqlite::Result<Confidence> {
    Ok(Confidence {
        level: rows::word(row, "level")?,
        factors: rows::json(row, "factors")?,
        does_not_prove: rows::json(row, "does_not_prove")?,
    })
}

pub(super) fn attribution(row: &Row<'_>) -> rusqlite::Result<Attribution> {
    let process = match rows::text_opt(row, "process")? {
        Some(_) => Some(rows::json(row, "process")?),
        None => None,
    };
    Ok(Attribution {
        quality: rows::word(row, "quality")?,
        reason: row.get("reason")?,
        process,
        client: Client {
            class: rows::word(row, "client_class")?,
            reason: row.get("client_reason")?,
        },
        later_user: rows::text_opt(row, "later_user")?,
    })
}

pub(super) fn evidence(connection: &Connection, sighting: i64) -> Result<Vec<Evidence>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT o.kind, o.value, o.indicator, o.catalogue_version, e.count, e.first_seen, e.last_seen,
                e.attributes
         FROM evidence AS e JOIN observable AS o ON o.id = e.observable_id
         WHERE e.sighting_id = ?1 ORDER BY e.ordinal",
    )?;
    let evidence = statement.query_map([sighting], |row| {
        Ok(Evidence {
            kind: row.get("kind")?,
            value: row.get("value")?,
            indicator: row.get("indicator")?,
            catalogue_version: row.get("catalogue_version")?,
            count: rows::counter(row, "count")?,
            first_seen: rows::time(row, "first_seen")?,
            last_seen: rows::time(row, "last_seen")?,
            attributes: match rows::text_opt(row, "attributes")? {
                Some(_) => rows::json(row, "attributes")?,
                None => Vec::new(),
            },
        })
    })?;
    Ok(evidence.collect::<Result<_, _>>()?)
}
