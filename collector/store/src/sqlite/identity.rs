//! Enrolment tokens, certificates and users.

use inventory::{SensorId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::failure::exists;
use super::{Failure, audit, rows, sensors};
use crate::audit::AuditAction;
use crate::identity::{
    Certificate, NewSensor, NewToken, NewUser, Redemption, SecretHash, Token, TokenId, TokenState,
    User,
};

pub(super) fn create_token(
    transaction: &Transaction<'_>,
    token: &NewToken,
    actor: &str,
    now: Timestamp,
) -> Result<TokenId, Failure> {
    transaction
        .execute(
            "INSERT INTO enrolment_token (secret_hash, label, created_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                token.secret.0.as_slice(),
                &token.label,
                actor,
                now.as_nanos(),
                token.expires_at.as_nanos(),
            ),
        )
        .map_err(exists("an enrolment token with this secret"))?;
    let id = TokenId(u64::try_from(transaction.last_insert_rowid()).unwrap_or(0));
    let detail = format!("{:?}, until {}", token.label, token.expires_at);
    let target = format!("token {id}");
    audit::log(
        transaction,
        (actor, AuditAction::TokenCreated),
        target,
        detail,
        now,
    )?;
    Ok(id)
}

pub(super) fn redeem_token(
    transaction: &Transaction<'_>,
    secret: &SecretHash,
    sensor: &NewSensor,
    now: Timestamp,
) -> Result<Redemption, Failure> {
    let token = transaction
        .query_row(
            "SELECT * FROM enrolment_token WHERE secret_hash = ?1",
            [secret.0.as_slice()],
            token,
        )
        .optional()?;
    let Some(token) = token else {
        return Ok(Redemption::Unknown);
    };
    match token.state {
        TokenState::Used { at, sensor } => return Ok(Redemption::Used { at, sensor }),
        TokenState::Revoked { at } => return Ok(Redemption::Revoked { at }),
        TokenState::Waiting if now >= token.expires_at => {
            return Ok(Redemption::Expired {
                at: token.expires_at,
            });
        }
        TokenState::Waiting => {}
    }
    sensors::insert(transaction, sensor, now)?;
    transaction.execute(
        "UPDATE enrolment_token SET used_at = ?2, used_by = ?3 WHERE id = ?1",
        (
            rows::to_column(token.id.0),
            now.as_nanos(),
            sensor.id.as_str(),
        ),
    )?;
    let actor = format!("token {}", token.id);
    let detail = format!("{:?}, token made by {}", sensor.hostname, token.created_by);
    let target = format!("sensor {}", sensor.id);
    audit::log(
        transaction,
        (&actor, AuditAction::SensorEnrolled),
        target,
        detail,
        now,
    )?;
    Ok(Redemption::Admitted(token.id))
}

pub(super) fn tokens(connection: &Connection) -> Result<Vec<Token>, Failure> {
    let mut statement = connection.prepare("SELECT * FROM enrolment_token ORDER BY id DESC")?;
    let tokens = statement.query_map([], token)?;
    Ok(tokens.collect::<Result<_, _>>()?)
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    let used_by: Option<String> = row.get("used_by")?;
    let state = match (
        rows::time_opt(row, "used_at")?,
        used_by,
        rows::time_opt(row, "revoked_at")?,
    ) {
        (Some(at), Some(sensor), _) => TokenState::Used {
            at,
            sensor: SensorId::new(sensor),
        },
        (_, _, Some(at)) => TokenState::Revoked { at },
        _ => TokenState::Waiting,
    };
    Ok(Token {
        id: TokenId(rows::counter(row, "id")?),
        label: row.get("label")?,
        created_by: row.get("created_by")?,
        created_at: rows::time(row, "created_at")?,
        expires_at: rows::time(row, "expires_at")?,
        state,
    })
}

pub(super) fn revoke_token(
    transaction: &Transaction<'_>,
    token: TokenId,
    actor: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    let changed = transaction.execute(
        "UPDATE enrolment_token SET revoked_at = ?2
         WHERE id = ?1 AND used_at IS NULL AND revoked_at IS NULL",
        (rows::to_column(token.0), now.as_nanos()),
    )?;
    if changed > 0 {
        let target = format!("token {token}");
        audit::log(
            transaction,
            (actor, AuditAction::TokenRevoked),
            target,
            "",
            now,
        )?;
    }
    Ok(changed > 0)
}

pub(super) fn add_certificate(
    transaction: &Transaction<'_>,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<(), Failure> {
    sensors::known(transaction, &certificate.sensor)?;
    transaction
        .execute(
            "INSERT INTO certificate (serial, sensor_id, issued_at, not_after)
             VALUES (?1, ?2, ?3, ?4)",
            (
                &certificate.serial,
                certificate.sensor.as_str(),
                certificate.issued_at.as_nanos(),
                certificate.not_after.as_nanos(),
            ),
        )
        .map_err(exists("a certificate with this serial"))?;
    let detail = format!(
        "serial {}, until {}",
        certificate.serial, certificate.not_after
    );
    let target = format!("sensor {}", certificate.sensor);
    audit::log(
        transaction,
        ("collector", AuditAction::CertificateIssued),
        target,
        detail,
        now,
    )
}

pub(super) fn certificates(
    connection: &Connection,
    sensor: &SensorId,
) -> Result<Vec<Certificate>, Failure> {
    let mut statement = connection.prepare(
        "SELECT * FROM certificate WHERE sensor_id = ?1 ORDER BY issued_at DESC, serial",
    )?;
    let certificates = statement.query_map([sensor.as_str()], |row| {
        Ok(Certificate {
            serial: row.get("serial")?,
            sensor: SensorId::new(row.get::<_, String>("sensor_id")?),
            issued_at: rows::time(row, "issued_at")?,
            not_after: rows::time(row, "not_after")?,
        })
    })?;
    Ok(certificates.collect::<Result<_, _>>()?)
}

pub(super) fn add_user(
    transaction: &Transaction<'_>,
    user: &NewUser,
    actor: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    transaction
        .execute(
            "INSERT INTO user (name, role, token_hash, created_at) VALUES (?1, ?2, ?3, ?4)",
            (
                &user.name,
                user.role.as_str(),
                user.token.0.as_slice(),
                now.as_nanos(),
            ),
        )
        .map_err(exists("a user with this name or token"))?;
    let target = format!("user {}", user.name);
    let detail = format!("role {}", user.role);
    audit::log(
        transaction,
        (actor, AuditAction::UserAdded),
        target,
        detail,
        now,
    )
}

pub(super) fn user_by_token(
    connection: &Connection,
    token: &SecretHash,
) -> Result<Option<User>, Failure> {
    let mut statement = connection.prepare_cached("SELECT * FROM user WHERE token_hash = ?1")?;
    Ok(statement.query_row([token.0.as_slice()], user).optional()?)
}

pub(super) fn users(connection: &Connection) -> Result<Vec<User>, Failure> {
    let mut statement = connection.prepare("SELECT * FROM user ORDER BY name")?;
    let users = statement.query_map([], user)?;
    Ok(users.collect::<Result<_, _>>()?)
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        name: row.get("name")?,
        role: rows::word(row, "role")?,
        created_at: rows::time(row, "created_at")?,
    })
}

pub(super) fn remove_user(
    transaction: &Transaction<'_>,
    name: &str,
    actor: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    let removed = transaction.execute("DELETE FROM user WHERE name = ?1", [name])? > 0;
    if removed {
        let target = format!("user {name}");
        audit::log(
            transaction,
            (actor, AuditAction::UserRemoved),
            target,
            "",
            now,
        )?;
    }
    Ok(removed)
}
