//! What one sensor reports about one use of one AI service in one window.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::answer::UsageKey;
use crate::attribution::{Attribute, Attribution};
use crate::device::{DeviceId, DeviceIdentity};
use crate::sensor::SensorId;
use crate::time::Timestamp;
use crate::words::{ParseError, words};

/// 16 bytes, new at each start of an agent, derived from the capture on replay. Shown as hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Epoch(pub [u8; 16]);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Epoch {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = || ParseError {
            what: "epoch",
            text: text.chars().take(64).collect(),
            known: "32 hex digits".to_owned(),
        };
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(error());
        }
        u128::from_str_radix(text, 16)
            .map(|n| Self(n.to_be_bytes()))
            .map_err(|_| error())
    }
}

/// How far a use got; a ladder that never overstates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Present on the device.
    Installed,
    /// Started on the device.
    Running,
    /// Its name was looked up.
    Resolved,
    /// A handshake named it.
    Contacted,
    /// More was exchanged than a preconnect, an update check or a beacon moves.
    Used,
}

words!(Stage, "stage", {
    Installed => "installed",
    Running => "running",
    Resolved => "resolved",
    Contacted => "contacted",
    Used => "used",
});

impl Stage {
    /// 1 for installed up to 5 for used, as in the messages of agents.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Installed => 1,
            Self::Running => 2,
            Self::Resolved => 3,
            Self::Contacted => 4,
            Self::Used => 5,
        }
    }

    /// The stage of a rank.
    #[must_use]
    pub fn from_rank(rank: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|stage| stage.rank() == rank)
    }
}

/// Why the stage could not be higher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StageLimit {
    /// Only one direction of the flow was visible.
    OneDirection,
}

words!(StageLimit, "stage limit", { OneDirection => "one_direction" });

/// How much a match of the indicator says about AI.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Specificity {
    /// The host serves this AI service and nothing else.
    Exclusive,
    /// The host also serves what is no AI.
    Shared,
}

words!(Specificity, "specificity", { Exclusive => "exclusive", Shared => "shared" });

/// How sure a sighting is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConfidenceLevel {
    /// One weak hint.
    Low,
    /// Good, with a known way to be wrong.
    Medium,
    /// Documented by the vendor and seen in clear.
    High,
}

words!(ConfidenceLevel, "confidence", { Low => "low", Medium => "medium", High => "high" });

/// A level with its reasons, and what it does not prove.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Confidence {
    /// The level.
    pub level: ConfidenceLevel,
    /// What raised or lowered it.
    pub factors: Vec<String>,
    /// What must not be concluded.
    pub does_not_prove: Vec<String>,
}

/// One observation that a sighting rests on.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// `tls_sni`, `quic_sni`, `dns_query`, `http_host`, `http_connect`, `dns_correlated`,
    /// `process`, `artefact`, `behaviour`; a newer agent may know more.
    pub kind: String,
    /// The observed value.
    pub value: String,
    /// The catalogue indicator that matched.
    pub indicator: String,
    /// Of the catalogue the indicator is from.
    pub catalogue_version: String,
    /// How often it was observed.
    pub count: u64,
    /// Earliest observation.
    pub first_seen: Timestamp,
    /// Latest observation.
    pub last_seen: Timestamp,
    /// What more is known about what was observed, at most [`MAX_ATTRIBUTES`](crate::MAX_ATTRIBUTES).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// What makes two reports the same sighting, together with the sensor that is authenticated.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SightingKey {
    /// Run of the agent, or the capture.
    pub epoch: Epoch,
    /// Who used the service.
    pub device: DeviceIdentity,
    /// Start of the window.
    pub window_start: Timestamp,
    /// Catalogue id of the service.
    pub service: String,
    /// `web`, `api`, `cli` and so on, in the catalogue's words.
    pub surface: String,
    /// Tenant or resource that the name carried.
    pub tenant: Option<String>,
    /// Program, `None` when unknown.
    pub process: Option<String>,
    /// User (pseudonym), `None` when unknown.
    pub user: Option<String>,
}

/// One finding as received from one sensor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// What it is about.
    pub key: SightingKey,
    /// Higher replaces lower.
    pub revision: u32,
    /// How far the use got.
    pub stage: Stage,
    /// Why not further, where that is known.
    pub stage_limit: Option<StageLimit>,
    /// Earliest packet.
    pub first_seen: Timestamp,
    /// Latest packet.
    pub last_seen: Timestamp,
    /// Flows, each counted once.
    pub flow_count: u64,
    /// Transport payload from the device, in bytes.
    pub bytes_out: u64,
    /// Transport payload to the device, in bytes.
    pub bytes_in: u64,
    /// Why it is there.
    pub evidence: Vec<Evidence>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Who did it.
    pub attribution: Attribution,
    /// The user's name, sealed to two officers, one inside the other; empty: none. It is kept apart from what is asked
    /// for every day: no answer about use holds it.
    pub sealed_user: Vec<u8>,
    /// Of the catalogue that matched.
    pub catalogue_version: String,
    /// Of the match.
    pub specificity: Specificity,
    /// Names that DHCP, mDNS or a DNS answer gave the device.
    pub device_names: Vec<String>,
    /// Address the device had, for a device that is known by its MAC; for information only.
    pub device_address: Option<IpAddr>,
}

impl Sighting {
    /// The row of usage that it belongs to, when `sensor` reported it.
    #[must_use]
    pub fn usage_key(&self, sensor: &SensorId) -> UsageKey {
        UsageKey {
            service: self.key.service.clone(),
            device: DeviceId::new(sensor, &self.key.device),
            user: self.key.user.clone(),
            process: self.key.process.clone(),
            surface: self.key.surface.clone(),
            tenant: self.key.tenant.clone(),
            class: self.attribution.client.class,
        }
    }
}
