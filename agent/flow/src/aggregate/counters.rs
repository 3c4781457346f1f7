//! What an aggregator counts.

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
    /// Reports about flows that another source reports already.
    reports_seen_twice,
    /// Reports about flows that found no place to be remembered.
    reports_over_cap,
    /// Reports and accounts for windows that were closed and forgotten.
    reports_too_late,
    /// Look-ups without a program that strengthened the finding of a contact.
    look_ups_joined,
    /// Look-ups that could not wait for a contact.
    look_ups_not_held,
    /// Findings closed before their window to make room.
    findings_closed_early,
    /// Observations that found no place in their finding.
    evidence_over_cap,
    /// Coverage windows closed early to make room.
    windows_closed_early,
    /// Findings emitted, revisions included.
    findings_emitted,
    /// Coverage windows emitted, revisions included.
    coverage_emitted,
}

/// Adds one to a counter.
pub(super) const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

/// Counts of an aggregator, each with a stable name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AggregatorCounters {
    pub(super) rows: Vec<(&'static str, u64)>,
}

impl AggregatorCounters {
    /// Returns every counter with its name, in a fixed order.
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
