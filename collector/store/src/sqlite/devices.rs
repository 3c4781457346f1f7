//! What is known about devices, put together from what they were called.

use std::collections::BTreeMap;

use inventory::{Device, DeviceId, DeviceIdentity, SensorId};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use super::{Failure, rows};

const FIND_DEVICES: &str = include_str!("../../queries/find_devices.sql");

/// Devices that one text may name.
const MAX_FOUND: u32 = 1000;

/// Devices of one answer, each read once.
pub(super) struct Devices<'a> {
    connection: &'a Connection,
    known: BTreeMap<DeviceId, Device>,
}

impl<'a> Devices<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            known: BTreeMap::new(),
        }
    }

    pub(super) fn device(&mut self, id: &DeviceId) -> Result<Device, Failure> {
        if let Some(device) = self.known.get(id) {
            return Ok(device.clone());
        }
        let device = read(self.connection, id)?;
        self.known.insert(id.clone(), device.clone());
        Ok(device)
    }
}

fn read(connection: &Connection, id: &DeviceId) -> Result<Device, Failure> {
    let found: Option<(SensorId, DeviceIdentity, String)> = connection
        .prepare_cached(
            "SELECT d.sensor_id, d.identity, s.hostname
             FROM device AS d JOIN sensor AS s ON s.id = d.sensor_id WHERE d.id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            let sensor = SensorId::new(row.get::<_, String>("sensor_id")?);
            Ok((sensor, rows::word(row, "identity")?, row.get("hostname")?))
        })
        .optional()?;
    let (sensor, identity, hostname) = found.ok_or(Failure::Unreadable)?;
    let names = known(
        connection,
        "SELECT name FROM device_name WHERE device_id = ?1 ORDER BY last_seen DESC, name LIMIT ?2",
        id,
        |row| row.get(0),
    )?;
    let addresses = known(
        connection,
        "SELECT address FROM device_address WHERE device_id = ?1
         ORDER BY last_seen DESC, address LIMIT ?2",
        id,
        |row| rows::word(row, "address"),
    )?;
    Ok(Device::assemble(
        &sensor,
        identity,
        Some(&hostname),
        names,
        addresses,
    ))
}

fn known<T>(
    connection: &Connection,
    sql: &str,
    id: &DeviceId,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Failure> {
    let cap = u32::try_from(Device::MAX_KNOWN).unwrap_or(u32::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let known = statement.query_map((id.as_str(), cap), read)?;
    Ok(known.collect::<Result<_, _>>()?)
}

pub(super) fn find(connection: &Connection, text: &str) -> Result<Vec<DeviceId>, Failure> {
    let mut statement = connection.prepare_cached(FIND_DEVICES)?;
    let params = named_params! {
        ":text": text,
        ":lower": text.to_lowercase(),
        ":limit": MAX_FOUND,
    };
    let ids = statement.query_map(params, |row| row.get(0).map(DeviceId::from_stored))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
