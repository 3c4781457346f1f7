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

use std::collections::BTreeMap;
use std::fmt;

pub use file::{PolicyFile, PolicyFileError, PolicyProblem};

use crate::device::DeviceId;
use crate::sighting::words;
use crate::time::Timestamp;

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

    fn shape(&self) -> Shape {
        Shape {
            user: self.user.is_some(),
            device: self.device.is_some(),
            tenant: self.tenant.is_some(),
        }
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

/// Which parts a scope names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Shape {
    user: bool,
    device: bool,
    tenant: bool,
}

impl Shape {
    /// Every shape, most specific first.
    const BY_PRECEDENCE: [Self; 8] = [
        Self {
            user: true,
            device: true,
            tenant: true,
        },
        Self {
            user: true,
            device: true,
            tenant: false,
        },
        Self {
            user: true,
            device: false,
            tenant: true,
        },
        Self {
            user: false,
            device: true,
            tenant: true,
        },
        Self {
            user: true,
            device: false,
            tenant: false,
        },
        Self {
            user: false,
            device: true,
            tenant: false,
        },
        Self {
            user: false,
            device: false,
            tenant: true,
        },
        Self {
            user: false,
            device: false,
            tenant: false,
        },
    ];

    /// The scope of this shape that the subject falls under, if it has all the parts.
    fn scope_of(self, subject: &Subject<'_>) -> Option<Scope> {
        let part = |wanted: bool, value: Option<&str>| match (wanted, value) {
            (false, _) => Some(None),
            (true, Some(value)) => Some(Some(value.to_owned())),
            (true, None) => None,
        };
        Some(Scope {
            device: part(self.device, Some(subject.device))?.map(DeviceId::from_stored),
            user: part(self.user, subject.user)?,
            tenant: part(self.tenant, subject.tenant)?,
        })
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

/// What a decision can be about: one use of one service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject<'a> {
    /// Catalogue id.
    pub service: &'a str,
    /// Device id; empty for "everybody".
    pub device: &'a str,
    /// User, if known.
    pub user: Option<&'a str>,
    /// Tenant, if the name carried one.
    pub tenant: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// The service as such: only decisions for everybody fit.
    #[must_use]
    pub const fn everybody(service: &'a str) -> Self {
        Self {
            service,
            device: "",
            user: None,
            tenant: None,
        }
    }
}

/// The status that applies, and by which decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// The decision it comes from; `None`: nobody decided.
    pub decision: Option<Decision>,
    /// A more specific decision that fits and has expired, to be renewed or removed.
    pub expired: Option<Decision>,
}

impl Verdict {
    /// Nobody decided.
    pub const DISCOVERED: Self = Self {
        status: Status::Discovered,
        decision: None,
        expired: None,
    };
}

/// All decisions, past ones too, arranged for verdicts.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    services: BTreeMap<String, ServicePolicy>,
}

#[derive(Clone, Debug, Default)]
struct ServicePolicy {
    shapes: Vec<Shape>,
    scopes: BTreeMap<Scope, Vec<Decision>>,
}

impl Policy {
    /// Of decisions in force and past, in any order.
    #[must_use]
    pub fn new(decisions: impl IntoIterator<Item = Decision>) -> Self {
        let mut policy = Self::default();
        for decision in decisions {
            let service = policy.services.entry(decision.service.clone()).or_default();
            service
                .scopes
                .entry(decision.scope.clone())
                .or_default()
                .push(decision);
        }
        for service in policy.services.values_mut() {
            for history in service.scopes.values_mut() {
                history.sort_by_key(|decision| (decision.decided_at, decision.id));
            }
            service.shapes = Shape::BY_PRECEDENCE
                .into_iter()
                .filter(|shape| service.scopes.keys().any(|scope| scope.shape() == *shape))
                .collect();
        }
        policy
    }

    /// The decisions in force, by service and scope; expired ones are among them.
    pub fn in_force(&self) -> impl Iterator<Item = &Decision> {
        self.services
            .values()
            .flat_map(|service| service.scopes.values())
            .flatten()
            .filter(|decision| decision.ended_at.is_none())
    }

    /// What applies now.
    #[must_use]
    pub fn verdict(&self, subject: &Subject<'_>, now: Timestamp) -> Verdict {
        self.decide(subject, now, |decision| decision.ended_at.is_none())
    }

    /// What applied at a time in the past.
    #[must_use]
    pub fn verdict_at(&self, subject: &Subject<'_>, then: Timestamp) -> Verdict {
        self.decide(subject, then, |decision| {
            decision.decided_at <= then && decision.ended_at.is_none_or(|ended| then < ended)
        })
    }

    fn decide(
        &self,
        subject: &Subject<'_>,
        at: Timestamp,
        in_force: impl Fn(&Decision) -> bool,
    ) -> Verdict {
        let mut verdict = Verdict::DISCOVERED;
        let Some(service) = self.services.get(subject.service) else {
            return verdict;
        };
        for shape in &service.shapes {
            let Some(scope) = shape.scope_of(subject) else {
                continue;
            };
            let history = service.scopes.get(&scope).map_or(&[][..], Vec::as_slice);
            let Some(decision) = history.iter().rev().find(|decision| in_force(decision)) else {
                continue;
            };
            if decision.is_expired(at) {
                verdict.expired.get_or_insert_with(|| decision.clone());
            } else {
                verdict.status = decision.status;
                verdict.decision = Some(decision.clone());
                break;
            }
        }
        verdict
    }
}
