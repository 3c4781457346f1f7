//! What an engine counts beside its tracker.

/// Declares counters together with the names under which they are shown.
macro_rules! counts {
    ($($(#[$doc:meta])* $field:ident,)+) => {
        /// Costs of caps and rules, each explained.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Counts {
            $($(#[$doc])* pub(super) $field: u64,)+
        }

        impl Counts {
            pub(super) fn rows(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), self.$field),)+]
            }
        }
    };
}

counts! {
    /// Matches of flows and look-ups that this machine did not open.
    matches_not_ours,
    /// Look-ups of a resolver on behalf of others.
    look_ups_relayed,
    /// Flows that matched when as many as are kept had matched already.
    matches_over_cap,
    /// Services named on a flow that had named as many as are kept.
    subjects_over_cap,
    /// Reports that found the queue full.
    reports_dropped,
    /// Look-ups reported early to make room.
    mentions_crowded_out,
    /// Hidden or missing names that a look-up of the client told.
    names_correlated,
    /// Hidden or missing names that more than one look-up, or none, fits.
    names_not_correlated,
}

/// Adds one to a counter.
pub(super) const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

/// Counts of an engine, each with a stable name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EngineCounters {
    pub(super) rows: Vec<(&'static str, u64)>,
}

impl EngineCounters {
    /// Returns every counter with its name, in a fixed order; of the rejects those that happened.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.rows.iter().copied()
    }

    /// Returns the counter called `name`; zero when there is none.
    #[must_use]
    pub fn count_of(&self, name: &str) -> u64 {
        self.rows
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(0, |(_, count)| *count)
    }
}
