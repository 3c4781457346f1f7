//! From what the aggregator says to the messages of the protocol; the one place that knows both.

use std::net::IpAddr;

use flow::{
    Attribute, Attribution, Confidence, CoverageWindow, Device, Evidence, Finding, FindingKey,
    Output, ProcessIdentity, Specificity, Stage, StageLimit,
};
use prost::Message;
use proto::v1;
use wire::Timestamp;

/// Whether frames come from interfaces or from a file; coverage says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    Live,
    Replay,
}

/// A record as the spool keeps it: encoded, and without its sequence, which the spool gives.
pub(crate) fn encode(output: Output, source: Source) -> Vec<u8> {
    let body = match output {
        Output::Finding(finding) => v1::record::Body::Finding(self::finding(finding)),
        Output::Coverage(window) => v1::record::Body::Coverage(coverage(window, source)),
    };
    v1::Record {
        sequence: 0,
        body: Some(body),
    }
    .encode_to_vec()
}

/// A finding as it travels.
pub(crate) fn finding(finding: Finding) -> v1::Finding {
    let stage = match finding.stage {
        Stage::Installed => v1::Stage::Installed,
        Stage::Running => v1::Stage::Running,
        Stage::Resolved => v1::Stage::Resolved,
        Stage::Contacted => v1::Stage::Contacted,
        Stage::Used => v1::Stage::Used,
    };
    let stage_limit = match finding.stage_limit {
        None => v1::StageLimit::Unspecified,
        Some(StageLimit::OneDirection) => v1::StageLimit::OneDirection,
    };
    let specificity = match finding.specificity {
        Specificity::Exclusive => v1::Specificity::Exclusive,
        Specificity::Shared => v1::Specificity::Shared,
        Specificity::ThirdPartyDependency => v1::Specificity::Unspecified,
    };
    v1::Finding {
        key: Some(key(finding.key)),
        revision: finding.revision,
        stage: stage.into(),
        stage_limit: stage_limit.into(),
        first_seen_ns: finding.first_seen.as_nanos(),
        last_seen_ns: finding.last_seen.as_nanos(),
        flow_count: finding.flow_count,
        bytes_out: finding.bytes_out,
        bytes_in: finding.bytes_in,
        evidence: finding.evidence.into_iter().map(evidence).collect(),
        confidence: Some(confidence(&finding.confidence)),
        attribution: Some(attribution(finding.attribution)),
        catalogue_version: finding.catalogue_version,
        specificity: specificity.into(),
        device_names: finding.device_names,
    }
}

fn key(key: FindingKey) -> v1::FindingKey {
    v1::FindingKey {
        epoch: key.epoch.0.to_vec(),
        device: Some(v1::Device {
            identity: Some(device(key.device)),
        }),
        window_start_ns: key.window_start.as_nanos(),
        service_id: key.service.as_str().to_owned(),
        surface: key.surface.as_str().to_owned(),
        tenant: key.tenant.unwrap_or_default(),
        process: key.process.unwrap_or_default(),
        user: key.user.unwrap_or_default(),
    }
}

/// A device as it travels.
pub(crate) fn device(device: Device) -> v1::device::Identity {
    match device {
        Device::Enrolled => v1::device::Identity::Enrolled(v1::device::Enrolled {}),
        Device::Observed { mac, vlan, address } => {
            v1::device::Identity::Observed(v1::device::Observed {
                mac: mac.map(Vec::from).unwrap_or_default(),
                vlan_plus_one: vlan.map_or(0, |vlan| u32::from(vlan).saturating_add(1)),
                address: match address {
                    IpAddr::V4(v4) => v4.octets().to_vec(),
                    IpAddr::V6(v6) => v6.octets().to_vec(),
                },
            })
        }
    }
}

fn evidence(evidence: Evidence) -> v1::Evidence {
    v1::Evidence {
        kind: evidence.kind.as_str().to_owned(),
        value: evidence.value,
        indicator: evidence.indicator,
        catalogue_version: evidence.catalogue_version,
        attributes: evidence.attributes.into_iter().map(attribute).collect(),
        count: evidence.count,
        first_seen_ns: evidence.first_seen.as_nanos(),
        last_seen_ns: evidence.last_seen.as_nanos(),
    }
}

fn attribute(attribute: Attribute) -> v1::Attribute {
    v1::Attribute {
        name: attribute.name.to_owned(),
        value: attribute.value.as_ref().to_owned(),
    }
}

fn confidence(confidence: &Confidence) -> v1::Confidence {
    v1::Confidence {
        level: confidence.level.as_str().to_owned(),
        factors: confidence
            .factors
            .iter()
            .map(|factor| factor.as_str().to_owned())
            .collect(),
        does_not_prove: confidence
            .does_not_prove
            .iter()
            .map(|caveat| caveat.as_str().to_owned())
            .collect(),
    }
}

fn attribution(attribution: Attribution) -> v1::Attribution {
    v1::Attribution {
        quality: attribution.quality.as_str().to_owned(),
        reason: attribution.reason.into_owned(),
        process: attribution.process.as_deref().map(process),
        sealed_user: attribution
            .user
            .map(|user| user.sealed.to_vec())
            .unwrap_or_default(),
        client_class: attribution.client.class.as_str().to_owned(),
        client_class_reason: attribution.client.reason.into_owned(),
        later_user: attribution.later_user.unwrap_or_default(),
    }
}

fn process(process: &ProcessIdentity) -> v1::ProcessIdentity {
    let (package_kind, package_name) = process.package.clone().map_or_else(
        || (String::new(), String::new()),
        |package| (package.kind.to_owned(), package.name),
    );
    v1::ProcessIdentity {
        pid: process.pid,
        start_time_ns: process.start_time.as_nanos(),
        executable: process.executable.clone(),
        name: process.name.clone(),
        command: process.command.clone().unwrap_or_default(),
        sha256: process.sha256.map(Vec::from).unwrap_or_default(),
        package_kind,
        package_name,
        container: process.container.clone().unwrap_or_default(),
        parents: process
            .parents
            .iter()
            .map(|parent| v1::ParentProcess {
                pid: parent.pid,
                name: parent.name.clone(),
            })
            .collect(),
    }
}

/// A coverage window as it travels.
pub(crate) fn coverage(window: CoverageWindow, source: Source) -> v1::CoverageWindow {
    v1::CoverageWindow {
        epoch: window.epoch.0.to_vec(),
        window_start_ns: window.window_start.as_nanos(),
        window_length_ns: i64::try_from(window.window_length).unwrap_or(i64::MAX),
        revision: window.revision,
        first_seen_ns: window.first_seen.as_nanos(),
        last_seen_ns: window.last_seen.as_nanos(),
        closed: window.closed,
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
        rejects: window.rejects.into_iter().collect(),
        replay: source == Source::Replay,
    }
}

/// The present moment in the form of frames' times.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_nanos(crate::text::now())
}

#[cfg(test)]
mod tests;
