//! Decisions about services, and the verdict that follows for one use.
//!
//! # Which decision applies
//!
//! A decision is about one service, for everybody or for a [`Scope`]: a device, a user, a tenant,
//! or several of these at once, and then all of them must fit. The most specific one that fits and
//! has not expired applies:
//!
//! 1. the one that names more of device, user and tenant;
//! 2. of equally many, one that names the user wins over one that names the device, and that over
//!    one that names the tenant.
//!
//! For one service and one scope there is at most one decision in force, so this always decides.
//! Without any the status is `discovered`, and that counts as unsanctioned. An expired decision no
//! longer applies; the next one does, and the verdict shows the expired one.

mod file;
mod render;
#[cfg(test)]
mod tests;
mod verdict;

use std::fmt;

pub use file::{PolicyFile, PolicyFileError, PolicyProblem};
pub use verdict::{Policy, Subject, Verdict};

use crate::device::DeviceId;
use crate::time::Timestamp;
use crate::words::words;

/// Where a service stands with those who decide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Seen, and nobody decided.
    Discovered,
    /// Somebody looks at it.
    UnderReview,
    /// Approved.
    Sanctioned,
    /// Not approved, and let be.
    Tolerated,
    /// Forbidden.
    Prohibited,
    /// Was approved, and is no more to be used.
    Retired,
}

words!(Status, "status", {
    Discovered => "discovered",
    UnderReview => "under_review",
    Sanctioned => "sanctioned",
    Tolerated => "tolerated",
    Prohibited => "prohibited",
    Retired => "retired",
});

impl Status {
    /// Neither sanctioned nor tolerated.
    #[must_use]
    pub const fn is_unsanctioned(self) -> bool {
        !matches!(self, Self::Sanctioned | Self::Tolerated)
    }
}

/// Whom a decision is for; nothing named means everybody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Scope {
    /// One device.
    pub device: Option<DeviceId>,
    /// One user, as recorded.
    pub user: Option<String>,
    /// One tenant or resource of the service.
    pub tenant: Option<String>,
}

impl Scope {
    /// Everybody.
    pub const EVERYBODY: Self = Self {
        device: None,
        user: None,
        tenant: None,
    };

    /// Whether nothing is named.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        *self == Self::EVERYBODY
    }
}

impl fmt::Display for Scope {
    /// `everybody`, or `user X, device Y, tenant Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("user", self.user.as_deref()),
            ("device", self.device.as_ref().map(DeviceId::as_str)),
            ("tenant", self.tenant.as_deref()),
        ];
        let mut separator = "";
        for (what, value) in parts {
            if let Some(value) = value {
                write!(f, "{separator}{what} {value}")?;
                separator = ", ";
            }
        }
        if separator.is_empty() {
            f.write_str("everybody")
        } else {
            Ok(())
        }
    }
}

/// Number that a store gave a decision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DecisionId(pub u64);

/// What somebody wants to decide about one service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDecision {
    /// Catalogue id.
    pub service: String,
    /// For whom.
    pub scope: Scope,
    /// What.
    pub status: Status,
    /// Why.
    pub reason: String,
    /// From when on it no longer applies.
    pub expires: Option<Timestamp>,
}

/// What somebody decided about one service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Its number.
    pub id: DecisionId,
    /// Catalogue id.
    pub service: String,
    /// For whom.
    pub scope: Scope,
    /// What.
    pub status: Status,
    /// Why.
    pub reason: String,
    /// From when on it no longer applies.
    pub expires: Option<Timestamp>,
    /// Who decided.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
    /// When another took its place or it was removed; `None` while in force.
    pub ended_at: Option<Timestamp>,
}

impl Decision {
    /// Whether its time is over.
    #[must_use]
    pub fn is_expired(&self, at: Timestamp) -> bool {
        self.expires.is_some_and(|expires| at >= expires)
    }
}
