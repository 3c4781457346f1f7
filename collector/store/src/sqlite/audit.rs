//! The chained log in its table.

use inventory::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::{Failure, rows};
use crate::audit::{AuditAction, AuditCheck, AuditEntry, AuditRecord, chain_hash};

/// What the first entry follows.
const BEGINNING: [u8; 32] = [0; 32];

/// Adds an entry within the transaction of what it logs.
pub(super) fn append(
    transaction: &Transaction<'_>,
    entry: &AuditEntry,
    now: Timestamp,
) -> Result<(), Failure> {
    let last = transaction
        .prepare_cached("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| {
            Ok((rows::counter(row, "number")?, rows::bytes(row, "hash")?))
        })
        .optional()?;
    let (number, previous) = last.unwrap_or((0, BEGINNING));
    let mut record = AuditRecord {
        number: number.saturating_add(1),
        at: now,
        actor: entry.actor.clone(),
        action: entry.action.as_str().to_owned(),
        target: entry.target.clone(),
        detail: entry.detail.clone(),
        hash: BEGINNING,
    };
    record.hash = chain_hash(&previous, &record);
    transaction
        .prepare_cached(
            "INSERT INTO audit (number, at, actor, action, target, detail, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            rows::to_column(record.number),
            now.as_nanos(),
            &record.actor,
            &record.action,
            &record.target,
            &record.detail,
            record.hash.as_slice(),
        ))?;
    Ok(())
}

/// The short form of [`append`].
pub(super) fn log(
    transaction: &Transaction<'_>,
    (actor, action): (&str, AuditAction),
    target: impl Into<String>,
    detail: impl Into<String>,
    now: Timestamp,
) -> Result<(), Failure> {
    let entry = AuditEntry {
        actor: actor.to_owned(),
        action,
        target: target.into(),
        detail: detail.into(),
    };
    append(transaction, &entry, now)
}

pub(super) fn list(
    connection: &Connection,
    after: u64,
    limit: u32,
) -> Result<Vec<AuditRecord>, Failure> {
    let mut statement = connection
        .prepare_cached("SELECT * FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2")?;
    let records = statement.query_map((rows::to_column(after), limit), record)?;
    Ok(records.collect::<Result<_, _>>()?)
}

pub(super) fn verify(connection: &Connection) -> Result<AuditCheck, Failure> {
    let mut statement = connection.prepare_cached("SELECT * FROM audit ORDER BY number")?;
    let (mut entries, mut head) = (0u64, BEGINNING);
    for record in statement.query_map([], record)? {
        let record = record?;
        let next = entries.saturating_add(1);
        if record.number != next || record.hash != chain_hash(&head, &record) {
            return Ok(AuditCheck::Broken { number: next });
        }
        (entries, head) = (next, record.hash);
    }
    Ok(AuditCheck::Intact { entries, head })
}

fn record(row: &Row<'_>) -> rusqlite::Result<AuditRecord> {
    Ok(AuditRecord {
        number: rows::counter(row, "number")?,
        at: rows::time(row, "at")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        target: row.get("target")?,
        detail: row.get("detail")?,
        hash: rows::bytes(row, "hash")?,
    })
}
