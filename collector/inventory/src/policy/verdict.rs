//! Which decision applies to one use; the rule is on the page of this module's parent.

use std::collections::BTreeMap;

use super::{Decision, Scope, Status};
use crate::device::DeviceId;
use crate::time::Timestamp;

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
                .filter(|shape| {
                    service
                        .scopes
                        .keys()
                        .any(|scope| Shape::of(scope) == *shape)
                })
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

    fn of(scope: &Scope) -> Self {
        Self {
            user: scope.user.is_some(),
            device: scope.device.is_some(),
            tenant: scope.tenant.is_some(),
        }
    }

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
