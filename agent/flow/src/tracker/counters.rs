//! What a tracker counts.

/// Counts of a tracker, each with a stable name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrackerCounters {
    rows: Vec<(&'static str, u64)>,
}

impl TrackerCounters {
    /// Returns every counter with its name, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.rows.iter().copied()
    }
}
