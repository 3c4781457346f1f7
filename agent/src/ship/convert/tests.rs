use std::net::Ipv4Addr;

use flow::{Caveat, Epoch, EvidenceKind, Factor, Level};
use signatures::{ServiceId, Surface};

use super::*;

fn sample() -> Finding {
    Finding {
        key: FindingKey {
            epoch: Epoch([7; 16]),
            device: Device::Observed {
                mac: Some([1, 2, 3, 4, 5, 6]),
                vlan: Some(4095),
                address: Ipv4Addr::new(10, 0, 0, 2).into(),
            },
            window_start: Timestamp::from_nanos(3600),
            service: ServiceId::new("openai-api").expect("valid"),
            surface: Surface::Api,
            tenant: Some("contoso".to_owned()),
            process: None,
            user: None,
        },
        revision: 3,
        stage: Stage::Contacted,
        stage_limit: Some(StageLimit::OneDirection),
        first_seen: Timestamp::from_nanos(1),
        last_seen: Timestamp::from_nanos(2),
        flow_count: 4,
        bytes_out: 5,
        bytes_in: 6,
        evidence: vec![Evidence {
            kind: EvidenceKind::TlsSni,
            value: "api.openai.com".to_owned(),
            indicator: "exact:api.openai.com".to_owned(),
            catalogue_version: "v".to_owned(),
            attributes: Vec::new(),
            count: 9,
            first_seen: Timestamp::from_nanos(1),
            last_seen: Timestamp::from_nanos(2),
        }],
        confidence: Confidence {
            level: Level::High,
            factors: vec![Factor::NamedInHandshake],
            does_not_prove: vec![Caveat::NameIsNoPrompt],
        },
        attribution: Attribution::unknown("seen from the network only"),
        catalogue_version: "v".to_owned(),
        specificity: Specificity::Exclusive,
        device_names: vec!["laptop".to_owned()],
    }
}

#[test]
fn a_finding_keeps_everything_through_the_spool() {
    let bytes = encode(Output::Finding(sample()), Source::Live);
    let record = v1::Record::decode(bytes.as_slice()).expect("decodes");
    let Some(v1::record::Body::Finding(found)) = record.body else {
        panic!("not a finding")
    };
    let key = found.key.expect("has a key");
    assert_eq!(key.epoch, [7; 16]);
    assert_eq!(
        (key.service_id.as_str(), key.surface.as_str()),
        ("openai-api", "api")
    );
    assert_eq!((key.tenant.as_str(), key.process.as_str()), ("contoso", ""));
    assert_eq!(key.window_start_ns, 3600);
    let Some(v1::device::Identity::Observed(device)) = key.device.and_then(|d| d.identity) else {
        panic!("not observed")
    };
    assert_eq!(device.mac, [1, 2, 3, 4, 5, 6]);
    assert_eq!(device.vlan_plus_one, 4096);
    assert_eq!(device.address, [10, 0, 0, 2]);
    assert_eq!(found.stage, v1::Stage::Contacted as i32);
    assert_eq!(found.stage_limit, v1::StageLimit::OneDirection as i32);
    assert_eq!(
        (found.flow_count, found.bytes_out, found.bytes_in),
        (4, 5, 6)
    );
    assert_eq!(found.evidence[0].kind, "tls_sni");
    assert_eq!(found.evidence[0].count, 9);
    assert_eq!(found.confidence.expect("given").level, "high");
    assert_eq!(found.attribution.expect("given").quality, "unknown");
    assert_eq!(found.device_names, ["laptop"]);
}

#[test]
fn every_stage_has_its_word_in_the_protocol() {
    for stage in [
        Stage::Installed,
        Stage::Running,
        Stage::Resolved,
        Stage::Contacted,
        Stage::Used,
    ] {
        let mut finding = sample();
        finding.stage = stage;
        let message = self::finding(finding);
        let name = v1::Stage::try_from(message.stage)
            .expect("known")
            .as_str_name();
        assert_eq!(name, format!("STAGE_{}", stage.as_str().to_uppercase()));
    }
}

#[test]
fn coverage_says_where_the_frames_came_from() {
    let window = CoverageWindow {
        epoch: Epoch([1; 16]),
        window_start: Timestamp::from_nanos(0),
        window_length: 3_600_000_000_000,
        revision: 1,
        first_seen: Timestamp::from_nanos(1),
        last_seen: Timestamp::from_nanos(2),
        closed: true,
        frames: 1,
        bytes: 2,
        frames_dropped: 3,
        flows: 4,
        flows_named: 5,
        flows_hidden: 6,
        flows_unnamed: 7,
        flows_mid_stream: 8,
        flows_evicted: 9,
        flows_encrypted_dns: 10,
        flows_tunnelled: 11,
        rejects: vec![("tls_bad_length".to_owned(), 12)],
    };
    let message = coverage(window.clone(), Source::Replay);
    assert!(message.replay && message.closed);
    assert_eq!(message.window_length_ns, 3_600_000_000_000);
    assert_eq!(message.rejects.get("tls_bad_length"), Some(&12));
    assert!(!coverage(window, Source::Live).replay);
}
