//! Names of users, sealed: kept apart from everything that answers questions about use.

use inventory::{SensorId, Sighting};
use rusqlite::{Connection, Transaction};

use super::{Failure, rows};
use crate::SealedUser;

/// A name is sealed anew at each start of an agent; the latest counts, whichever sighting came with it.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    sensor: &SensorId,
    sighting: &Sighting,
) -> Result<(), Failure> {
    let Some(user) = &sighting.key.user else {
        return Ok(());
    };
    if sighting.sealed_user.is_empty() {
        return Ok(());
    }
    transaction
        .prepare_cached(
            "INSERT INTO sealed_user (label, sensor_id, sealed, last_seen) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET sealed = excluded.sealed, last_seen = excluded.last_seen
             WHERE excluded.last_seen >= last_seen AND excluded.sealed <> sealed",
        )?
        .execute((
            user,
            sensor.as_str(),
            &sighting.sealed_user,
            sighting.last_seen.as_nanos(),
        ))?;
    Ok(())
}

pub(super) fn sealed_users(
    connection: &Connection,
    label: &str,
) -> Result<Vec<SealedUser>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT sensor_id, sealed, last_seen FROM sealed_user
         WHERE label = ?1 ORDER BY last_seen DESC, sensor_id LIMIT ?2",
    )?;
    let most = i64::try_from(SealedUser::MAX).unwrap_or(i64::MAX);
    let found = statement.query_map((label, most), |row| {
        Ok(SealedUser {
            sensor: SensorId::new(row.get::<_, String>("sensor_id")?),
            sealed: row.get("sealed")?,
            last_seen: rows::time(row, "last_seen")?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}
