//! Sealed names, and what is asked and told about them.

use inventory::Timestamp;
use serde::{Deserialize, Serialize};

use crate::privacy::sealed::Layer;

/// Whose name is wanted, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnmaskView {
    /// The pseudonym.
    pub label: String,
    /// Why; it is logged.
    pub reason: String,
}

/// A name as one sensor sealed it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SealedNameView {
    /// The pseudonym.
    pub label: String,
    /// Who sealed it.
    pub sensor: String,
    /// Last activity that it was reported with.
    pub last_seen: Timestamp,
    /// Base64.
    pub sealed: String,
}

/// A layer that an officer opens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedView {
    /// The pseudonym.
    pub label: String,
    /// `outer` or `inner`.
    pub layer: Layer,
    /// Why; it is logged.
    pub reason: String,
}
