//! The collector's clock. The parts that decide take the time as a parameter;
//! this is where it comes from.

use std::time::{SystemTime, UNIX_EPOCH};

use inventory::Timestamp;

/// The time now; 1970 when the system's clock is before that.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
