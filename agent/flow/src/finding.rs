//! A finding: one AI service used by one device in one window, with why and how sure.

use std::fmt;

pub use signatures::Specificity;
use signatures::{ServiceId, Surface};
use wire::Timestamp;

use crate::attribution::Attribution;
use crate::confidence::Confidence;
use crate::device::Device;
use crate::presence::Attribute;

/// One run of an agent, or one capture: findings of different epochs never replace each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Epoch(pub [u8; 16]);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How far the use of a service went, as far as it could be seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// A trace of it is on the device.
    Installed,
    /// A program of it runs.
    Running,
    /// Its name was asked for, or a connection was tried and nothing came back.
    Resolved,
    /// A handshake was made.
    Contacted,
    /// More was exchanged than a preconnect, an update check or a telemetry beacon moves.
    Used,
}

impl Stage {
    /// Returns the word used in messages and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Running => "running",
            Self::Resolved => "resolved",
            Self::Contacted => "contacted",
            Self::Used => "used",
        }
    }
}

/// Why a stage could not be higher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StageLimit {
    /// Only one direction of the traffic was visible.
    OneDirection,
}

impl StageLimit {
    /// Returns the word used in messages and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneDirection => "one_direction",
        }
    }
}

/// By what a service was recognised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EvidenceKind {
    /// The server name of a TLS ClientHello.
    TlsSni,
    /// The server name of a QUIC ClientHello.
    QuicSni,
    /// The host of an HTTP request in the clear, or its request line to a local runtime.
    HttpHost,
    /// The target of an HTTP CONNECT.
    HttpConnect,
    /// A question in DNS, or its answer.
    DnsQuery,
    /// A hidden name, taken from the client's only recent look-up of the address.
    DnsCorrelated,
    /// A program.
    Process,
    /// A trace on the device.
    Artefact,
    /// The shape of the traffic.
    Behaviour,
}

impl EvidenceKind {
    /// Returns the word used in messages and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TlsSni => "tls_sni",
            Self::QuicSni => "quic_sni",
            Self::HttpHost => "http_host",
            Self::HttpConnect => "http_connect",
            Self::DnsQuery => "dns_query",
            Self::DnsCorrelated => "dns_correlated",
            Self::Process => "process",
            Self::Artefact => "artefact",
            Self::Behaviour => "behaviour",
        }
    }
}

/// One reason why a finding exists.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Evidence {
    /// By what the service was recognised.
    pub kind: EvidenceKind,
    /// What was observed: a name, lower case, or a request line.
    pub value: String,
    /// The catalogue indicator that matched, for example `suffix:openai.com`.
    pub indicator: String,
    /// Version of the catalogue it is in.
    pub catalogue_version: String,
    /// What more is known about what was observed.
    pub attributes: Vec<Attribute>,
    /// How often it was observed in the window.
    pub count: u64,
    /// First observation in the window.
    pub first_seen: Timestamp,
    /// Last observation in the window.
    pub last_seen: Timestamp,
}

/// What makes two findings the same one; the authenticated sensor comes before it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FindingKey {
    /// The run or the capture.
    pub epoch: Epoch,
    /// The client.
    pub device: Device,
    /// Start of the window, a multiple of its length since the Unix epoch.
    pub window_start: Timestamp,
    /// The service.
    pub service: ServiceId,
    /// The side of the service.
    pub surface: Surface,
    /// Tenant or resource that the name carried.
    pub tenant: Option<String>,
    /// [Program](crate::ProcessIdentity::program) of the process; `None` when unknown.
    pub process: Option<String>,
    /// The user's [label](crate::User); `None` when unknown.
    pub user: Option<String>,
}

/// One AI service used by one device in one window.
///
/// Counters are those of the window. A later one with the same key has a higher revision and
/// replaces it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is about.
    pub key: FindingKey,
    /// From 1, one more each time it is emitted.
    pub revision: u32,
    /// The highest stage reached.
    pub stage: Stage,
    /// Why the stage could not be higher.
    pub stage_limit: Option<StageLimit>,
    /// First packet or message of it in the window.
    pub first_seen: Timestamp,
    /// Last packet or message of it in the window.
    pub last_seen: Timestamp,
    /// Flows that carried something in the window; look-ups are not counted.
    pub flow_count: u64,
    /// Transport payload that the client sent in the window.
    pub bytes_out: u64,
    /// Transport payload that the client received in the window.
    pub bytes_in: u64,
    /// Why it exists: capped, no two alike, ordered by kind, value and indicator.
    pub evidence: Vec<Evidence>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Process and user.
    pub attribution: Attribution,
    /// The newest catalogue version that matched.
    pub catalogue_version: String,
    /// Exclusive, or shared where the administrator turned the service on.
    pub specificity: Specificity,
    /// Names that the network gave the device.
    pub device_names: Vec<String>,
}
