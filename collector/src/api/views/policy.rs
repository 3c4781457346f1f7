//! Decisions and verdicts.

use inventory::{Decision, DeviceId, Scope, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

use super::ServiceName;

/// For whom a decision is; nothing named means everybody.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ScopeView {
    /// One device, by id.
    pub device: Option<String>,
    /// One user, as recorded.
    pub user: Option<String>,
    /// One tenant or resource of the service.
    pub tenant: Option<String>,
}

impl From<&Scope> for ScopeView {
    fn from(scope: &Scope) -> Self {
        Self {
            device: scope.device.as_ref().map(DeviceId::to_string),
            user: scope.user.clone(),
            tenant: scope.tenant.clone(),
        }
    }
}

/// One decision about a service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DecisionView {
    /// Its number.
    pub id: u64,
    /// About which service.
    pub service: ServiceName,
    /// For whom.
    pub scope: ScopeView,
    /// What was decided.
    pub status: String,
    /// Why.
    pub reason: String,
    /// From when on it no longer applies.
    pub expires: Option<Timestamp>,
    /// It no longer applies.
    pub expired: bool,
    /// Who decided.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
}

impl DecisionView {
    /// As it stands at a time.
    #[must_use]
    pub fn new(decision: &Decision, service: ServiceName, now: Timestamp) -> Self {
        Self {
            id: decision.id.0,
            service,
            scope: ScopeView::from(&decision.scope),
            status: decision.status.to_string(),
            reason: decision.reason.clone(),
            expires: decision.expires,
            expired: decision.is_expired(now),
            decided_by: decision.decided_by.clone(),
            decided_at: decision.decided_at,
        }
    }
}

/// The status that applies, and by which decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VerdictView {
    /// The status.
    pub status: String,
    /// Neither sanctioned nor tolerated.
    pub unsanctioned: bool,
    /// The decision; `null`: nobody decided.
    pub decision: Option<DecisionView>,
    /// A more specific decision that would apply, had it not expired.
    pub expired: Option<DecisionView>,
}

impl VerdictView {
    /// Of a verdict about a service.
    #[must_use]
    pub fn new(verdict: &Verdict, service: &ServiceName, now: Timestamp) -> Self {
        let view = |decision: &Decision| DecisionView::new(decision, service.clone(), now);
        Self {
            status: verdict.status.to_string(),
            unsanctioned: verdict.status.is_unsanctioned(),
            decision: verdict.decision.as_ref().map(view),
            expired: verdict.expired.as_ref().map(view),
        }
    }
}

/// A decision to be put in force.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDecisionView {
    /// What is decided.
    pub status: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// From when on it no longer applies: a date or RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// For this device: an id, a name or an address that only one device has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// For this user, as recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// For this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportView {
    /// Decisions that were new or changed.
    pub set: u32,
    /// Decisions that were in force already.
    pub unchanged: u32,
    /// Decisions that the file does not hold and that were ended.
    pub removed: u32,
}
