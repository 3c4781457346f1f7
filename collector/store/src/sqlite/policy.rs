//! Decisions in their table. Setting one ends the one it replaces; nothing is deleted.

use std::collections::BTreeSet;

use inventory::{Decision, DecisionId, DeviceId, NewDecision, Policy, Scope, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::{Failure, audit, rows};
use crate::audit::AuditAction;
use crate::{ImportMode, Imported};

pub(super) fn load(connection: &Connection) -> Result<Policy, Failure> {
    let mut statement = connection.prepare_cached("SELECT * FROM decision ORDER BY id")?;
    let decisions: Vec<Decision> = statement
        .query_map([], decision)?
        .collect::<Result<_, _>>()?;
    Ok(Policy::new(decisions))
}

fn decision(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision {
        id: DecisionId(rows::counter(row, "id")?),
        service: row.get("service")?,
        scope: Scope {
            device: rows::text_opt(row, "device")?.map(DeviceId::from_stored),
            user: rows::text_opt(row, "user")?,
            tenant: rows::text_opt(row, "tenant")?,
        },
        status: rows::word(row, "status")?,
        reason: row.get("reason")?,
        expires: rows::time_opt(row, "expires")?,
        decided_by: row.get("decided_by")?,
        decided_at: rows::time(row, "decided_at")?,
        ended_at: rows::time_opt(row, "ended_at")?,
    })
}

fn columns(scope: &Scope) -> [&str; 3] {
    [
        scope.device.as_ref().map_or("", DeviceId::as_str),
        scope.user.as_deref().unwrap_or(""),
        scope.tenant.as_deref().unwrap_or(""),
    ]
}

fn in_force(
    connection: &Connection,
    service: &str,
    scope: &Scope,
) -> Result<Option<Decision>, Failure> {
    let [device, user, tenant] = columns(scope);
    let mut statement = connection.prepare_cached(
        "SELECT * FROM decision
         WHERE service = ?1 AND device = ?2 AND user = ?3 AND tenant = ?4 AND ended_at IS NULL",
    )?;
    Ok(statement
        .query_row((service, device, user, tenant), decision)
        .optional()?)
}

/// The decision now in force, and whether that is new.
pub(super) fn set(
    transaction: &Transaction<'_>,
    new: &NewDecision,
    actor: &str,
    now: Timestamp,
) -> Result<(Decision, bool), Failure> {
    if let Some(old) = in_force(transaction, &new.service, &new.scope)? {
        if (old.status, &old.reason, old.expires) == (new.status, &new.reason, new.expires) {
            return Ok((old, false));
        }
        end(transaction, &old, now)?;
    }
    let [device, user, tenant] = columns(&new.scope);
    transaction
        .prepare_cached(
            "INSERT INTO decision
                 (service, device, user, tenant, status, reason, expires, decided_by, decided_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            &new.service,
            device,
            user,
            tenant,
            new.status.as_str(),
            &new.reason,
            new.expires.map(Timestamp::as_nanos),
            actor,
            now.as_nanos(),
        ))?;
    let id = DecisionId(u64::try_from(transaction.last_insert_rowid()).unwrap_or(0));
    let until = new
        .expires
        .map(|expires| format!(", until {expires}"))
        .unwrap_or_default();
    let detail = format!("{} for {}{until}: {}", new.status, new.scope, new.reason);
    let target = format!("service {}", new.service);
    audit::log(
        transaction,
        (actor, AuditAction::PolicySet),
        target,
        detail,
        now,
    )?;
    let decision = Decision {
        id,
        service: new.service.clone(),
        scope: new.scope.clone(),
        status: new.status,
        reason: new.reason.clone(),
        expires: new.expires,
        decided_by: actor.to_owned(),
        decided_at: now,
        ended_at: None,
    };
    Ok((decision, true))
}

fn end(transaction: &Transaction<'_>, old: &Decision, now: Timestamp) -> Result<(), Failure> {
    transaction
        .prepare_cached("UPDATE decision SET ended_at = ?2 WHERE id = ?1")?
        .execute((rows::to_column(old.id.0), now.as_nanos()))?;
    Ok(())
}

pub(super) fn remove(
    transaction: &Transaction<'_>,
    service: &str,
    scope: &Scope,
    actor: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    let Some(old) = in_force(transaction, service, scope)? else {
        return Ok(false);
    };
    end(transaction, &old, now)?;
    let detail = format!("{} for {scope}", old.status);
    let target = format!("service {service}");
    audit::log(
        transaction,
        (actor, AuditAction::PolicyRemoved),
        target,
        detail,
        now,
    )?;
    Ok(true)
}

pub(super) fn import(
    transaction: &Transaction<'_>,
    decisions: &[NewDecision],
    mode: ImportMode,
    actor: &str,
    now: Timestamp,
) -> Result<Imported, Failure> {
    let mut imported = Imported::default();
    if mode == ImportMode::Replace {
        let kept: BTreeSet<_> = decisions
            .iter()
            .map(|decision| (&decision.service, &decision.scope))
            .collect();
        for old in load(transaction)?.in_force() {
            if !kept.contains(&(&old.service, &old.scope)) {
                remove(transaction, &old.service, &old.scope, actor, now)?;
                imported.removed = imported.removed.saturating_add(1);
            }
        }
    }
    for decision in decisions {
        let (_, new) = set(transaction, decision, actor, now)?;
        let count = if new {
            &mut imported.set
        } else {
            &mut imported.unchanged
        };
        *count = count.saturating_add(1);
    }
    Ok(imported)
}
