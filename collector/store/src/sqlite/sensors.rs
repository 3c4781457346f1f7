//! Enrolled sensors and their heartbeats.

use inventory::{Heartbeat, Sensor, SensorId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::failure::exists;
use super::{Failure, audit, rows};
use crate::audit::AuditAction;
use crate::error::Error;
use crate::identity::NewSensor;

pub(super) fn insert(
    transaction: &Transaction<'_>,
    sensor: &NewSensor,
    now: Timestamp,
) -> Result<(), Failure> {
    transaction
        .execute(
            "INSERT INTO sensor (id, hostname, os, agent_version, enrolled_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                sensor.id.as_str(),
                &sensor.hostname,
                &sensor.os,
                &sensor.agent_version,
                now.as_nanos(),
            ),
        )
        .map_err(exists("a sensor with this id"))?;
    Ok(())
}

pub(super) fn add(
    transaction: &Transaction<'_>,
    sensor: &NewSensor,
    actor: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    insert(transaction, sensor, now)?;
    let target = format!("sensor {}", sensor.id);
    let detail = format!("{:?}, without a token", sensor.hostname);
    audit::log(
        transaction,
        (actor, AuditAction::SensorEnrolled),
        target,
        detail,
        now,
    )
}

/// Refuses a sensor that may not report.
pub(super) fn known(connection: &Connection, sensor: &SensorId) -> Result<(), Failure> {
    let revoked: Option<Option<i64>> = connection
        .prepare_cached("SELECT revoked_at FROM sensor WHERE id = ?1")?
        .query_row([sensor.as_str()], |row| row.get(0))
        .optional()?;
    match revoked {
        Some(None) => Ok(()),
        Some(Some(_)) => Err(Error::Revoked(sensor.clone()).into()),
        None => Err(Error::UnknownSensor(sensor.clone()).into()),
    }
}

/// Notes that a sensor was heard from.
pub(super) fn seen(
    transaction: &Transaction<'_>,
    sensor: &SensorId,
    now: Timestamp,
) -> Result<(), Failure> {
    transaction
        .prepare_cached(
            "UPDATE sensor SET last_seen = max(coalesce(last_seen, ?2), ?2) WHERE id = ?1",
        )?
        .execute((sensor.as_str(), now.as_nanos()))?;
    Ok(())
}

pub(super) fn heartbeat(
    transaction: &Transaction<'_>,
    sensor: &SensorId,
    heartbeat: &Heartbeat,
    now: Timestamp,
) -> Result<(), Failure> {
    known(transaction, sensor)?;
    seen(transaction, sensor, now)?;
    transaction
        .prepare_cached(
            "UPDATE sensor SET heartbeat_at = ?2, heartbeat = ?3,
                 hostname = iif(?4 = '', hostname, ?4), os = iif(?5 = '', os, ?5),
                 agent_version = iif(?6 = '', agent_version, ?6)
             WHERE id = ?1",
        )?
        .execute((
            sensor.as_str(),
            now.as_nanos(),
            rows::to_json(heartbeat)?,
            &heartbeat.hostname,
            &heartbeat.os,
            &heartbeat.agent_version,
        ))?;
    Ok(())
}

pub(super) fn one(connection: &Connection, id: &SensorId) -> Result<Option<Sensor>, Failure> {
    let mut statement = connection.prepare_cached("SELECT * FROM sensor WHERE id = ?1")?;
    Ok(statement.query_row([id.as_str()], sensor).optional()?)
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Sensor>, Failure> {
    let mut statement = connection.prepare_cached("SELECT * FROM sensor ORDER BY id")?;
    let sensors = statement.query_map([], sensor)?;
    Ok(sensors.collect::<Result<_, _>>()?)
}

fn sensor(row: &Row<'_>) -> rusqlite::Result<Sensor> {
    let heartbeat = match rows::time_opt(row, "heartbeat_at")? {
        Some(at) => Some((at, rows::json(row, "heartbeat")?)),
        None => None,
    };
    Ok(Sensor {
        id: SensorId::new(row.get::<_, String>("id")?),
        hostname: row.get("hostname")?,
        os: row.get("os")?,
        agent_version: row.get("agent_version")?,
        enrolled_at: rows::time(row, "enrolled_at")?,
        revoked_at: rows::time_opt(row, "revoked_at")?,
        last_seen: rows::time_opt(row, "last_seen")?,
        heartbeat,
    })
}

pub(super) fn revoke(
    transaction: &Transaction<'_>,
    sensor: &SensorId,
    actor: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    let changed = transaction.execute(
        "UPDATE sensor SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        (sensor.as_str(), now.as_nanos()),
    )?;
    if changed > 0 {
        let target = format!("sensor {sensor}");
        audit::log(
            transaction,
            (actor, AuditAction::SensorRevoked),
            target,
            "",
            now,
        )?;
    }
    Ok(changed > 0)
}
