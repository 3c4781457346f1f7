//! From what SQLite says to what the caller can do.

use std::path::Path;

use inventory::Invalid;
use rusqlite::ErrorCode;

use crate::error::Error;

/// What goes wrong inside a transaction, before it is known where.
#[derive(Debug)]
pub(crate) enum Failure {
    /// SQLite's word.
    Sql(rusqlite::Error),
    /// Ours.
    Store(Error),
    /// What is kept does not read back.
    Unreadable,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<Invalid> for Failure {
    fn from(error: Invalid) -> Self {
        Self::Store(Error::Invalid(error))
    }
}

impl Failure {
    /// As the caller sees it, for the database at `path`.
    pub(crate) fn at(self, path: &Path) -> Error {
        let error = match self {
            Self::Store(error) => return error,
            Self::Unreadable => {
                return Error::Corrupt {
                    path: path.to_owned(),
                    source: None,
                };
            }
            Self::Sql(error) => error,
        };
        if is_unreadable(&error) {
            return Error::Corrupt {
                path: path.to_owned(),
                source: Some(error),
            };
        }
        let Some(code) = error.sqlite_error_code() else {
            return Error::Database(error);
        };
        let is = |codes: &[ErrorCode]| codes.contains(&code);
        if is(&[ErrorCode::DiskFull]) {
            Error::Full(error)
        } else if is(&[
            ErrorCode::ReadOnly,
            ErrorCode::PermissionDenied,
            ErrorCode::CannotOpen,
        ]) {
            Error::Unwritable {
                path: path.to_owned(),
                source: Box::new(error),
            }
        } else if is(&[ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked]) {
            Error::Busy(error)
        } else if is(&[ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase]) {
            Error::Corrupt {
                path: path.to_owned(),
                source: Some(error),
            }
        } else {
            Error::Database(error)
        }
    }
}

/// A value has another type or range than the schema says.
fn is_unreadable(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// Turns a broken uniqueness into `Exists`, and leaves every other error.
pub(super) fn exists(what: &'static str) -> impl FnOnce(rusqlite::Error) -> Failure {
    move |error| {
        if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
            Failure::Store(Error::Exists { what })
        } else {
            Failure::Sql(error)
        }
    }
}
