//! From messages as sent to sightings as meant.
//!
//! A record that cannot mean anything is refused with its reason, for good, and
//! the others of its batch stand. What a newer agent may know more of is kept
//! as it is (services, surfaces, kinds of evidence) or ignored (fields, limits);
//! a stage that is not known here is refused, since guessing would overstate.

mod who;

use std::net::IpAddr;
use std::time::Duration;

use inventory::{
    Attribute, Confidence, CoverageWindow, DeviceIdentity, Epoch, Evidence, Invalid, Sighting,
    SightingKey, Specificity, Stage, StageLimit, Timestamp,
};
use proto::v1;
use proto::v1::device::Identity;
use proto::v1::record::Body;

use super::text::{clean, optional};
use who::attribution;

/// Nothing is seen after the year 2099. The clock of the collector has no say,
/// because it may be the one that is wrong.
const LATEST: Timestamp = Timestamp::from_nanos(4_102_444_800_000_000_000);
/// The longest window an agent can be told to count in, and some.
const MAX_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);
const MAX_VLAN: u32 = 4095;

/// Why a record is refused for good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Of a version that knows kinds of records that this one does not.
    #[error("the record is of a kind that this collector does not know; upgrade it")]
    UnknownKind,
    /// Of a version that knows more stages.
    #[error("stage {0} is not known to this collector; upgrade it")]
    UnknownStage(i32),
    /// Of a version that knows more specificities.
    #[error("specificity {0} is not known to this collector; upgrade it")]
    UnknownSpecificity(i32),
    /// A word that is not one of those known here.
    #[error("{0}")]
    UnknownWord(#[from] inventory::ParseError),
    /// A part that has to be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Bytes of a length that cannot be right.
    #[error("{field} has {length} bytes")]
    BadLength {
        /// Which.
        field: &'static str,
        /// What was sent.
        length: usize,
    },
    /// A VLAN id is 0 to 4095.
    #[error("there is no VLAN {0}")]
    BadVlan(u32),
    /// A window without an end, or backwards.
    #[error("a window of {0} ns cannot be")]
    BadWindow(i64),
    /// After 2099.
    #[error("{0} is after 2099")]
    TooLate(&'static str),
    /// Against the rules of the inventory.
    #[error("{0}")]
    Invalid(#[from] Invalid),
}

/// One record as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// What was seen.
    Sighting(Box<Sighting>),
    /// What could be seen, and what not.
    Coverage(CoverageWindow),
}

impl TryFrom<v1::Record> for Meant {
    type Error = Refused;

    fn try_from(record: v1::Record) -> Result<Self, Refused> {
        match record.body {
            Some(Body::Finding(finding)) => {
                let sighting = sighting(finding)?;
                sighting.check()?;
                Ok(Self::Sighting(Box::new(sighting)))
            }
            Some(Body::Coverage(window)) => {
                let window = coverage(window)?;
                window.check()?;
                Ok(Self::Coverage(window))
            }
            None => Err(Refused::UnknownKind),
        }
    }
}

fn sighting(finding: v1::Finding) -> Result<Sighting, Refused> {
    let (key, device_address) = key(finding.key.ok_or(Refused::Missing("key"))?)?;
    let stage = v1::Stage::try_from(finding.stage)
        .ok()
        .and_then(stage)
        .ok_or(Refused::UnknownStage(finding.stage))?;
    let specificity = v1::Specificity::try_from(finding.specificity)
        .ok()
        .and_then(specificity)
        .ok_or(Refused::UnknownSpecificity(finding.specificity))?;
    let one_direction = finding.stage_limit == v1::StageLimit::OneDirection as i32;
    let mut sent = finding.attribution.ok_or(Refused::Missing("attribution"))?;
    let sealed_user = std::mem::take(&mut sent.sealed_user);
    let evidence: Result<Vec<_>, _> = finding.evidence.into_iter().map(evidence).collect();
    Ok(Sighting {
        key,
        revision: finding.revision,
        stage,
        stage_limit: one_direction.then_some(StageLimit::OneDirection),
        first_seen: time("first_seen", finding.first_seen_ns)?,
        last_seen: time("last_seen", finding.last_seen_ns)?,
        flow_count: finding.flow_count,
        bytes_out: finding.bytes_out,
        bytes_in: finding.bytes_in,
        evidence: evidence?,
        confidence: confidence(finding.confidence.ok_or(Refused::Missing("confidence"))?)?,
        attribution: attribution(sent)?,
        sealed_user,
        catalogue_version: finding.catalogue_version,
        specificity,
        device_names: finding.device_names.into_iter().map(clean).collect(),
        device_address,
    })
}

/// The key, and the address of a device that is known by its MAC.
fn key(key: v1::FindingKey) -> Result<(SightingKey, Option<IpAddr>), Refused> {
    let identity = key.device.and_then(|device| device.identity);
    let (device, address) = device(identity.ok_or(Refused::Missing("device"))?)?;
    let key = SightingKey {
        epoch: epoch(&key.epoch)?,
        device,
        window_start: time("window_start", key.window_start_ns)?,
        service: key.service_id,
        surface: key.surface,
        tenant: optional(key.tenant),
        process: optional(key.process),
        user: optional(key.user),
    };
    Ok((key, address))
}

fn device(identity: Identity) -> Result<(DeviceIdentity, Option<IpAddr>), Refused> {
    let observed = match identity {
        Identity::Enrolled(_) => return Ok((DeviceIdentity::Enrolled, None)),
        Identity::Observed(observed) => observed,
    };
    let vlan = vlan(observed.vlan_plus_one)?;
    let address = address(&observed.address)?;
    if observed.mac.is_empty() {
        let address = address.ok_or(Refused::Missing("address"))?;
        return Ok((DeviceIdentity::Address { address, vlan }, None));
    }
    let mac = fixed("mac", &observed.mac)?;
    Ok((DeviceIdentity::Mac { mac, vlan }, address))
}

fn vlan(plus_one: u32) -> Result<Option<u16>, Refused> {
    match plus_one.checked_sub(1) {
        None => Ok(None),
        Some(vlan) if vlan <= MAX_VLAN => Ok(u16::try_from(vlan).ok()),
        Some(vlan) => Err(Refused::BadVlan(vlan)),
    }
}

fn address(bytes: &[u8]) -> Result<Option<IpAddr>, Refused> {
    match bytes.len() {
        0 => Ok(None),
        4 => Ok(Some(IpAddr::from(fixed::<4>("address", bytes)?))),
        _ => Ok(Some(
            IpAddr::from(fixed::<16>("address", bytes)?).to_canonical(),
        )),
    }
}

/// A run of an agent; also in heartbeats.
pub(super) fn epoch(bytes: &[u8]) -> Result<Epoch, Refused> {
    fixed("epoch", bytes).map(Epoch)
}

fn fixed<const N: usize>(field: &'static str, bytes: &[u8]) -> Result<[u8; N], Refused> {
    bytes.try_into().map_err(|_| Refused::BadLength {
        field,
        length: bytes.len(),
    })
}

/// What is before 1970 the inventory's own check refuses.
fn time(field: &'static str, nanos: i64) -> Result<Timestamp, Refused> {
    let time = Timestamp::from_nanos(nanos);
    if time >= LATEST {
        Err(Refused::TooLate(field))
    } else {
        Ok(time)
    }
}

const fn stage(stage: v1::Stage) -> Option<Stage> {
    match stage {
        v1::Stage::Unspecified => None,
        v1::Stage::Installed => Some(Stage::Installed),
        v1::Stage::Running => Some(Stage::Running),
        v1::Stage::Resolved => Some(Stage::Resolved),
        v1::Stage::Contacted => Some(Stage::Contacted),
        v1::Stage::Used => Some(Stage::Used),
    }
}

const fn specificity(specificity: v1::Specificity) -> Option<Specificity> {
    match specificity {
        v1::Specificity::Unspecified => None,
        v1::Specificity::Exclusive => Some(Specificity::Exclusive),
        v1::Specificity::Shared => Some(Specificity::Shared),
    }
}

fn evidence(evidence: v1::Evidence) -> Result<Evidence, Refused> {
    Ok(Evidence {
        kind: evidence.kind,
        value: clean(evidence.value),
        indicator: clean(evidence.indicator),
        catalogue_version: evidence.catalogue_version,
        count: evidence.count,
        first_seen: time("evidence first_seen", evidence.first_seen_ns)?,
        last_seen: time("evidence last_seen", evidence.last_seen_ns)?,
        attributes: evidence
            .attributes
            .into_iter()
            .map(|attribute| Attribute {
                name: attribute.name,
                value: clean(attribute.value),
            })
            .collect(),
    })
}

fn confidence(confidence: v1::Confidence) -> Result<Confidence, Refused> {
    Ok(Confidence {
        level: confidence.level.parse()?,
        factors: confidence.factors.into_iter().map(clean).collect(),
        does_not_prove: confidence.does_not_prove.into_iter().map(clean).collect(),
    })
}

fn coverage(window: v1::CoverageWindow) -> Result<CoverageWindow, Refused> {
    let length = u64::try_from(window.window_length_ns).map(Duration::from_nanos);
    let window_length = length
        .ok()
        .filter(|length| *length <= MAX_WINDOW)
        .ok_or(Refused::BadWindow(window.window_length_ns))?;
    Ok(CoverageWindow {
        epoch: epoch(&window.epoch)?,
        window_start: time("window_start", window.window_start_ns)?,
        window_length,
        revision: window.revision,
        first_seen: time("first_seen", window.first_seen_ns)?,
        last_seen: time("last_seen", window.last_seen_ns)?,
        closed: window.closed,
        replay: window.replay,
        frames: window.frames,
        bytes: window.bytes,
        frames_dropped: window.frames_dropped,
        flows: window.flows,
        flows_named: window.flows_named,
        flows_hidden: window.flows_hidden,
        flows_unnamed: window.flows_unnamed,
        flows_mid_stream: window.flows_mid_stream,
        flows_evicted: window.flows_evicted,
        flows_encrypted_dns: window.flows_encrypted_dns,
        flows_tunnelled: window.flows_tunnelled,
        rejects: window
            .rejects
            .into_iter()
            .map(|(reason, n)| (clean(reason), n))
            .collect(),
    })
}
