//! Between columns and the types of the inventory.

use std::str::FromStr;

use inventory::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Failure;

/// A counter as a column; larger than the column is the largest.
pub(super) fn to_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A counter from a column.
pub(super) fn counter(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column)
        .map(|number| u64::try_from(number).unwrap_or(0))
}

/// A time from a column.
pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_nanos)
}

/// A time that may be missing.
pub(super) fn time_opt(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)
        .map(|nanos| nanos.map(Timestamp::from_nanos))
}

/// A text that is `None` when empty.
pub(super) fn text_opt(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    row.get::<_, String>(column)
        .map(|text| (!text.is_empty()).then_some(text))
}

/// A word of a closed list, or whatever else reads from text.
pub(super) fn word<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse()
        .map_err(|error: T::Err| unreadable(Box::new(error)))
}

/// JSON in a column.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(Box::new(error)))
}

/// JSON for a column.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::Unreadable)
}

/// A blob of fixed length.
pub(super) fn bytes<const N: usize>(row: &Row<'_>, column: &str) -> rusqlite::Result<[u8; N]> {
    let blob: Vec<u8> = row.get(column)?;
    blob.try_into()
        .map_err(|_| unreadable("a blob has another length".into()))
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error)
}
