//! One AI service in use, as the agent prints it: in `scan`, in `show` and in its journal.

mod parts;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::HEXLOWER;
use proto::v1;
use serde::{Deserialize, Serialize};
use signatures::Catalogue;

use crate::text::time;

use parts::class;
pub(crate) use parts::{AttributionRow, ConfidenceRow, EvidenceRow};

/// A finding in words and figures.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub(crate) struct Row {
    pub(crate) service: String,
    pub(crate) service_name: String,
    pub(crate) vendor: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) surface: String,
    pub(crate) tenant: Option<String>,
    pub(crate) device: String,
    pub(crate) device_address: Option<IpAddr>,
    pub(crate) device_names: Vec<String>,
    pub(crate) process: Option<String>,
    pub(crate) user: Option<String>,
    /// What sort of program; `unknown` where it is not known.
    #[serde(default)]
    pub(crate) class: String,
    pub(crate) stage: String,
    pub(crate) stage_limit: Option<String>,
    pub(crate) flow_count: u64,
    pub(crate) bytes_out: u64,
    pub(crate) bytes_in: u64,
    pub(crate) first_seen: String,
    pub(crate) last_seen: String,
    pub(crate) specificity: Option<String>,
    pub(crate) evidence: Vec<EvidenceRow>,
    pub(crate) confidence: ConfidenceRow,
    pub(crate) attribution: AttributionRow,
    pub(crate) catalogue_version: String,
}

impl Row {
    /// From the message that is or was sent; names of services come from `catalogue`.
    pub(crate) fn new(finding: v1::Finding, catalogue: &Catalogue) -> Self {
        let key = finding.key.unwrap_or_default();
        let service = catalogue.service(&key.service_id);
        let identity = key.device.and_then(|device| device.identity);
        let attribution = finding.attribution.unwrap_or_default();
        let class = class(&attribution);
        let confidence = finding.confidence.unwrap_or_default();
        Self {
            service_name: service
                .map_or_else(|| key.service_id.clone(), |service| service.name.clone()),
            vendor: service.map(|service| service.vendor.clone()),
            category: service.map(|service| service.category.as_str().to_owned()),
            service: key.service_id,
            surface: key.surface,
            tenant: given(key.tenant),
            device: device(identity.as_ref()),
            device_address: identity.as_ref().and_then(device_address),
            device_names: finding.device_names,
            process: given(key.process),
            user: given(key.user),
            class,
            stage: word(
                v1::Stage::try_from(finding.stage).map(|stage| stage.as_str_name()),
                "STAGE_",
            ),
            stage_limit: v1::StageLimit::try_from(finding.stage_limit)
                .ok()
                .filter(|limit| *limit != v1::StageLimit::Unspecified)
                .map(|limit| word(Ok::<_, ()>(limit.as_str_name()), "STAGE_LIMIT_")),
            flow_count: finding.flow_count,
            bytes_out: finding.bytes_out,
            bytes_in: finding.bytes_in,
            first_seen: time(finding.first_seen_ns),
            last_seen: time(finding.last_seen_ns),
            specificity: v1::Specificity::try_from(finding.specificity)
                .ok()
                .filter(|specificity| *specificity != v1::Specificity::Unspecified)
                .map(|specificity| word(Ok::<_, ()>(specificity.as_str_name()), "SPECIFICITY_")),
            evidence: finding.evidence.into_iter().map(EvidenceRow::new).collect(),
            confidence: ConfidenceRow {
                level: confidence.level,
                factors: confidence.factors,
                does_not_prove: confidence.does_not_prove,
            },
            attribution: AttributionRow::new(attribution),
            catalogue_version: finding.catalogue_version,
        }
    }
}

pub(super) fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn word<E>(name: Result<&str, E>, prefix: &str) -> String {
    name.map_or_else(
        |_| "unknown".to_owned(),
        |name| name.strip_prefix(prefix).unwrap_or(name).to_lowercase(),
    )
}

/// `this machine`, `mac:aa:bb:cc:dd:ee:ff@7` or `ip:10.0.0.2`.
pub(crate) fn device(identity: Option<&v1::device::Identity>) -> String {
    match identity {
        None => "unknown".to_owned(),
        Some(v1::device::Identity::Enrolled(_)) => "this machine".to_owned(),
        Some(identity @ v1::device::Identity::Observed(observed)) => {
            let Ok(mac) = <[u8; 6]>::try_from(observed.mac.as_slice()) else {
                return device_address(identity)
                    .map_or_else(|| "unknown".to_owned(), |address| format!("ip:{address}"));
            };
            let mut digits = [0; 12];
            HEXLOWER.encode_mut(&mac, &mut digits);
            let mut text = String::with_capacity("mac:00:00:00:00:00:00@4095".len());
            text.push_str("mac");
            for [high, low] in digits.as_chunks().0 {
                text.extend([':', char::from(*high), char::from(*low)]);
            }
            if let Some(vlan) = observed.vlan_plus_one.checked_sub(1) {
                text.push('@');
                text.push_str(&vlan.to_string());
            }
            text
        }
    }
}

fn device_address(identity: &v1::device::Identity) -> Option<IpAddr> {
    let v1::device::Identity::Observed(observed) = identity else {
        return None;
    };
    let bytes = observed.address.as_slice();
    <[u8; 4]>::try_from(bytes)
        .map(|octets| IpAddr::V4(Ipv4Addr::from(octets)))
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(|octets| IpAddr::V6(Ipv6Addr::from(octets))))
        .ok()
}

/// Observed values with their kinds, at most `most`.
pub(crate) fn evidence(row: &Row, most: usize) -> String {
    let mut shown: Vec<String> = row
        .evidence
        .iter()
        .take(most)
        .map(|item| format!("{} {}{}", item.kind, item.value, item.details()))
        .collect();
    let left = row.evidence.len().saturating_sub(most);
    if left > 0 {
        shown.push(format!("and {left} more"));
    }
    shown.join(", ")
}

/// The columns of [`csv_row`].
pub(crate) const CSV_HEADER: [&str; 23] = [
    "service",
    "service_name",
    "vendor",
    "category",
    "surface",
    "tenant",
    "device",
    "device_address",
    "device_names",
    "process",
    "user",
    "class",
    "stage",
    "stage_limit",
    "flow_count",
    "bytes_out",
    "bytes_in",
    "first_seen",
    "last_seen",
    "confidence",
    "attribution",
    "attribution_reason",
    "evidence",
];

/// A row for a spreadsheet.
pub(crate) fn csv_row(row: &Row) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        row.service.clone(),
        row.service_name.clone(),
        text(&row.vendor),
        text(&row.category),
        row.surface.clone(),
        text(&row.tenant),
        row.device.clone(),
        row.device_address
            .map(|address| address.to_string())
            .unwrap_or_default(),
        row.device_names.join(" "),
        text(&row.process),
        text(&row.user),
        row.class.clone(),
        row.stage.clone(),
        text(&row.stage_limit),
        row.flow_count.to_string(),
        row.bytes_out.to_string(),
        row.bytes_in.to_string(),
        row.first_seen.clone(),
        row.last_seen.clone(),
        row.confidence.level.clone(),
        row.attribution.quality.clone(),
        text(&row.attribution.reason),
        evidence(row, usize::MAX),
    ]
}
