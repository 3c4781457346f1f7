//! Brings the tables of a database to the newest schema, one file of `migrations/sqlite` at a
//! time, each in its own transaction.

use rusqlite::{Connection, TransactionBehavior};

use super::Failure;
use crate::error::Error;

/// Schema of this version: the number of the last migration.
pub const SCHEMA_VERSION: u32 = 4;

/// `GNOM`: tells an inventory from any other SQLite file.
const APPLICATION_ID: i64 = 0x474e_4f4d;

/// Each brings the schema from its place in the list to the next number.
const MIGRATIONS: [&str; SCHEMA_VERSION as usize] = [
    include_str!("../../migrations/sqlite/001_inventory.sql"),
    include_str!("../../migrations/sqlite/002_history.sql"),
    include_str!("../../migrations/sqlite/003_endpoint.sql"),
    include_str!("../../migrations/sqlite/004_counts.sql"),
];

pub(super) fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let owner: i64 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let fresh = tables == 0 && found == 0 && owner == 0;
    if !fresh && owner != APPLICATION_ID {
        return Err(Failure::Unreadable);
    }
    if found > SCHEMA_VERSION {
        return Err(Error::TooNew {
            found,
            supported: SCHEMA_VERSION,
        }
        .into());
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    for (number, sql) in (1u32..).zip(MIGRATIONS) {
        if number > found {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

pub(super) fn version(connection: &Connection) -> Result<u32, Failure> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    u32::try_from(version).map_err(|_| Failure::Unreadable)
}
