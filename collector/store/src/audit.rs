//! The audit log: who decided, changed, enrolled, revoked or exported what, and when.
//!
//! Entries are numbered from 1 without a hole and never changed. Each carries the hash of the one
//! before it, so that a change, an insertion or a deletion anywhere but at the very end shows when
//! the log is walked. The hash is SHA-256 over, in this order: the previous hash (32 zero bytes
//! for the first entry), the number and the time in nanoseconds as 8 bytes big endian each, and
//! actor, action, target and detail, each as a length of 8 bytes big endian and its bytes. That
//! nothing was cut off at the end shows by keeping the last hash elsewhere.

use std::fmt;

use inventory::Timestamp;

use crate::identity::sha256;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AuditAction {
    /// An enrolment token was made.
    TokenCreated,
    /// An enrolment token was ended.
    TokenRevoked,
    /// A sensor was enrolled.
    SensorEnrolled,
    /// A sensor was revoked.
    SensorRevoked,
    /// A certificate was issued.
    CertificateIssued,
    /// A user was added.
    UserAdded,
    /// A user was removed.
    UserRemoved,
    /// A decision came into force.
    PolicySet,
    /// A decision was ended.
    PolicyRemoved,
    /// Data left the collector as a file.
    Exported,
    /// A copy of the store was written.
    BackedUp,
    /// A catalogue bundle was put out for the agents.
    CataloguePublished,
    /// A sealed name was handed out.
    UnmaskAsked,
    /// An officer opened a layer of a sealed name.
    UnmaskOpened,
    /// The key that catalogue bundles are checked with was set.
    CatalogueTrusted,
}

impl AuditAction {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
            Self::SensorEnrolled => "sensor_enrolled",
            Self::SensorRevoked => "sensor_revoked",
            Self::CertificateIssued => "certificate_issued",
            Self::UserAdded => "user_added",
            Self::UserRemoved => "user_removed",
            Self::PolicySet => "policy_set",
            Self::PolicyRemoved => "policy_removed",
            Self::Exported => "exported",
            Self::BackedUp => "backed_up",
            Self::CataloguePublished => "catalogue_published",
            Self::UnmaskAsked => "unmask_asked",
            Self::UnmaskOpened => "unmask_opened",
            Self::CatalogueTrusted => "catalogue_trusted",
        }
    }
}

impl fmt::Display for AuditAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An entry to be added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: AuditAction,
    /// To what.
    pub target: String,
    /// The particulars, in words.
    pub detail: String,
}

/// An entry as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRecord {
    /// From 1, without a hole.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Did what; a newer collector may know more actions.
    pub action: String,
    /// To what.
    pub target: String,
    /// The particulars.
    pub detail: String,
    /// Hash of this entry and all before it.
    pub hash: [u8; 32],
}

/// What a walk over the log showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditCheck {
    /// Every entry follows from the one before.
    Intact {
        /// How many there are.
        entries: u64,
        /// Hash of the last one.
        head: [u8; 32],
    },
    /// The first entry that does not.
    Broken {
        /// Its number.
        number: u64,
    },
}

/// The hash that an entry must have.
pub(crate) fn chain_hash(previous: &[u8; 32], record: &AuditRecord) -> [u8; 32] {
    let number = record.number.to_be_bytes();
    let at = record.at.as_nanos().to_be_bytes();
    let texts = [
        &record.actor,
        &record.action,
        &record.target,
        &record.detail,
    ];
    let lengths = texts.map(|text| u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    let mut parts: Vec<&[u8]> = vec![previous, &number, &at];
    for (length, text) in lengths.iter().zip(texts) {
        parts.push(length);
        parts.push(text.as_bytes());
    }
    sha256(&parts)
}
