//! Coverage from its windows.

use std::collections::HashMap;

use inventory::{Counters, Coverage, Epoch, EpochCoverage, EpochPart, Range, SensorId, Timestamp};
use rusqlite::{Connection, Row, named_params};

use super::sums::Bounds;
use super::{Failure, rows, sensors};

const EPOCHS: &str = include_str!("../../queries/epochs.sql");
const EPOCH_PARTS: &str = include_str!("../../queries/epoch_parts.sql");
const NO_LONGER: &str = include_str!("../../queries/no_longer.sql");
const UNMANAGED: &str = include_str!("../../queries/unmanaged.sql");

pub(super) fn coverage(
    connection: &Connection,
    range: Range,
    now: Timestamp,
) -> Result<Coverage, Failure> {
    let bounds = Bounds::of(range);
    let params = named_params! { ":since": bounds.since, ":until": bounds.until };
    let mut parts: HashMap<i64, EpochPart> = HashMap::new();
    let mut statement = connection.prepare_cached(EPOCH_PARTS)?;
    for row in statement.query_map(params, part)? {
        let (id, part) = row?;
        parts.insert(id, part);
    }
    let mut statement = connection.prepare_cached(EPOCHS)?;
    let epochs = statement.query_map([], |row| epoch(row, &mut parts))?;
    let epochs: Vec<EpochCoverage> = epochs.collect::<Result<_, _>>()?;
    let unmanaged: i64 = connection
        .prepare_cached(UNMANAGED)?
        .query_row(params, |row| row.get(0))?;
    let unmanaged = u64::try_from(unmanaged).unwrap_or(0);
    let no_longer: i64 = connection
        .prepare_cached(NO_LONGER)?
        .query_row(params, |row| row.get(0))?;
    let sensors = sensors::all(connection)?;
    Ok(Coverage {
        no_longer_matching: u64::try_from(no_longer).unwrap_or(0),
        ..Coverage::fold(range, &sensors, epochs, unmanaged, now)
    })
}

fn part(row: &Row<'_>) -> rusqlite::Result<(i64, EpochPart)> {
    let counters = Counters {
        frames: rows::counter(row, "frames")?,
        bytes: rows::counter(row, "bytes")?,
        frames_dropped: rows::counter(row, "frames_dropped")?,
        flows: rows::counter(row, "flows")?,
        flows_named: rows::counter(row, "flows_named")?,
        flows_hidden: rows::counter(row, "flows_hidden")?,
        flows_unnamed: rows::counter(row, "flows_unnamed")?,
        flows_mid_stream: rows::counter(row, "flows_mid_stream")?,
        flows_evicted: rows::counter(row, "flows_evicted")?,
        flows_encrypted_dns: rows::counter(row, "flows_encrypted_dns")?,
        flows_tunnelled: rows::counter(row, "flows_tunnelled")?,
    };
    let part = EpochPart {
        first_seen: rows::time(row, "first_seen")?,
        last_seen: rows::time(row, "last_seen")?,
        counters,
    };
    Ok((row.get("epoch_id")?, part))
}

fn epoch(row: &Row<'_>, parts: &mut HashMap<i64, EpochPart>) -> rusqlite::Result<EpochCoverage> {
    Ok(EpochCoverage {
        sensor: SensorId::new(row.get::<_, String>("sensor_id")?),
        epoch: Epoch(rows::bytes(row, "epoch")?),
        first_seen: rows::time(row, "first_seen")?,
        last_seen: rows::time(row, "last_seen")?,
        closed: row.get("closed")?,
        replay: row.get("replay")?,
        part: parts.remove(&row.get("id")?),
    })
}
