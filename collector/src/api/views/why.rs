//! Why a row is there, how sure that is, and who it was.

use inventory::{Attribution, Confidence, Evidence, ProcessIdentity, Timestamp};
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EvidenceView {
    /// How it was observed: `tls_sni`, `dns_query` and so on.
    pub kind: String,
    /// What was observed.
    pub value: String,
    /// The catalogue indicator that matched.
    pub indicator: String,
    /// Of the catalogue that holds the indicator.
    pub catalogue_version: String,
    /// How often.
    pub count: u64,
    /// Earliest.
    pub first_seen: Timestamp,
    /// Latest.
    pub last_seen: Timestamp,
    /// What more is known about what was observed, such as the transport of an MCP server.
    pub attributes: Vec<AttributeView>,
}

/// A detail of an observation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttributeView {
    /// One word, lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl From<&Evidence> for EvidenceView {
    fn from(evidence: &Evidence) -> Self {
        Self {
            kind: evidence.kind.clone(),
            value: evidence.value.clone(),
            indicator: evidence.indicator.clone(),
            catalogue_version: evidence.catalogue_version.clone(),
            count: evidence.count,
            first_seen: evidence.first_seen,
            last_seen: evidence.last_seen,
            attributes: evidence
                .attributes
                .iter()
                .map(|attribute| AttributeView {
                    name: attribute.name.clone(),
                    value: attribute.value.clone(),
                })
                .collect(),
        }
    }
}

/// How sure, why, and what it does not prove.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConfidenceView {
    /// `high`, `medium` or `low`.
    pub level: String,
    /// What raised or lowered it.
    pub factors: Vec<String>,
    /// What must not be concluded.
    pub does_not_prove: Vec<String>,
}

impl From<&Confidence> for ConfidenceView {
    fn from(confidence: &Confidence) -> Self {
        Self {
            level: confidence.level.to_string(),
            factors: confidence.factors.clone(),
            does_not_prove: confidence.does_not_prove.clone(),
        }
    }
}

/// One run of a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProcessView {
    /// Process id.
    pub pid: u32,
    /// When it started.
    pub start_time: Option<Timestamp>,
    /// Path of the program; below a home folder only `~/…/` and the file name.
    pub executable: String,
    /// Short name.
    pub name: String,
    /// What a runtime such as Python runs, where that identifies the program.
    pub command: Option<String>,
    /// SHA-256 of the program file, as hex; `null`: it was not read.
    pub sha256: Option<String>,
    /// What the program file was installed by.
    pub package: Option<PackageView>,
    /// Id of the container that it runs in.
    pub container: Option<String>,
    /// Up to the session leader, nearest first.
    pub parents: Vec<ParentView>,
}

/// What a program file was installed by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PackageView {
    /// `deb`, `rpm`, `snap`, `flatpak`, `appimage` and so on.
    pub kind: String,
    /// Name in that system.
    pub name: String,
}

/// A process above a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ParentView {
    /// Process id.
    pub pid: u32,
    /// Short name.
    pub name: String,
}

impl From<&ProcessIdentity> for ProcessView {
    fn from(process: &ProcessIdentity) -> Self {
        Self {
            pid: process.pid,
            start_time: process.start_time,
            executable: process.executable.clone(),
            name: process.name.clone(),
            command: process.command.clone(),
            sha256: process.sha256.clone(),
            package: process.package.as_ref().map(|package| PackageView {
                kind: package.kind.clone(),
                name: package.name.clone(),
            }),
            container: process.container.clone(),
            parents: process
                .parents
                .iter()
                .map(|parent| ParentView {
                    pid: parent.pid,
                    name: parent.name.clone(),
                })
                .collect(),
        }
    }
}

/// Who did it, how that is known, and why not better.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttributionView {
    /// `exact`, `polled` or `unknown`.
    pub quality: String,
    /// Why not better.
    pub reason: String,
    /// One run of the program, as an example.
    pub process: Option<ProcessView>,
    /// What the class of the client was decided by.
    pub class_reason: String,
    /// Name of a process that used the socket later: it was passed or inherited.
    pub later_user: Option<String>,
}

impl From<&Attribution> for AttributionView {
    fn from(attribution: &Attribution) -> Self {
        Self {
            quality: attribution.quality.to_string(),
            reason: attribution.reason.clone(),
            process: attribution.process.as_ref().map(ProcessView::from),
            class_reason: attribution.client.reason.clone(),
            later_user: attribution.later_user.clone(),
        }
    }
}
