//! What a row is made of: evidence, confidence, and who it was.

use data_encoding::HEXLOWER;
use proto::v1;
use serde::{Deserialize, Serialize};

use super::given;
use crate::text::time;

/// One observation behind a finding.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub(crate) struct EvidenceRow {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) indicator: String,
    pub(crate) catalogue_version: String,
    pub(crate) count: u64,
    pub(crate) first_seen: String,
    pub(crate) last_seen: String,
    /// What more is known about what was observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attributes: Vec<AttributeRow>,
}

/// A detail of an observation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub(crate) struct AttributeRow {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// How sure a finding is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
pub(crate) struct ConfidenceRow {
    pub(crate) level: String,
    pub(crate) factors: Vec<String>,
    pub(crate) does_not_prove: Vec<String>,
}

/// Who it was, as far as that is known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
pub(crate) struct AttributionRow {
    pub(crate) quality: String,
    pub(crate) reason: Option<String>,
    pub(crate) executable: Option<String>,
    /// What the class of the client was decided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) class_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) later_user: Option<String>,
    /// Whether the user's name goes along, sealed to two officers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) name_sealed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) process: Option<ProcessRow>,
}

/// One run of a program.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
pub(crate) struct ProcessRow {
    pub(crate) pid: u32,
    pub(crate) started: Option<String>,
    pub(crate) name: String,
    pub(crate) command: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) package: Option<String>,
    pub(crate) container: Option<String>,
    /// Nearest first, each as `name (pid)`.
    pub(crate) parents: Vec<String>,
}

impl EvidenceRow {
    pub(super) fn new(evidence: v1::Evidence) -> Self {
        Self {
            kind: evidence.kind,
            value: evidence.value,
            indicator: evidence.indicator,
            catalogue_version: evidence.catalogue_version,
            count: evidence.count,
            first_seen: time(evidence.first_seen_ns),
            last_seen: time(evidence.last_seen_ns),
            attributes: evidence
                .attributes
                .into_iter()
                .map(|attribute| AttributeRow {
                    name: attribute.name,
                    value: attribute.value,
                })
                .collect(),
        }
    }

    /// ` (transport=stdio, pinned=no)`, or nothing.
    pub(super) fn details(&self) -> String {
        if self.attributes.is_empty() {
            return String::new();
        }
        let told = (self.attributes.iter()).map(|one| format!("{}={}", one.name, one.value));
        format!(" ({})", told.collect::<Vec<_>>().join(", "))
    }
}

impl AttributionRow {
    pub(super) fn new(attribution: v1::Attribution) -> Self {
        let executable = attribution.process.as_ref();
        Self {
            executable: executable.map(|process| process.executable.clone()),
            quality: attribution.quality,
            reason: given(attribution.reason),
            class_reason: given(attribution.client_class_reason),
            later_user: given(attribution.later_user),
            name_sealed: !attribution.sealed_user.is_empty(),
            process: attribution.process.map(ProcessRow::new),
        }
    }
}

impl ProcessRow {
    fn new(process: v1::ProcessIdentity) -> Self {
        let parents = process.parents.into_iter();
        Self {
            pid: process.pid,
            started: (process.start_time_ns > 0).then(|| time(process.start_time_ns)),
            name: process.name,
            command: given(process.command),
            sha256: given(HEXLOWER.encode(&process.sha256)),
            package: (!process.package_kind.is_empty())
                .then(|| format!("{} {}", process.package_kind, process.package_name)),
            container: given(process.container),
            parents: parents
                .map(|parent| format!("{} ({})", parent.name, parent.pid))
                .collect(),
        }
    }
}

/// What sort of program it is, in one word.
pub(super) fn class(attribution: &v1::Attribution) -> String {
    match attribution.client_class.as_str() {
        "" => "unknown".to_owned(),
        class => class.to_owned(),
    }
}
