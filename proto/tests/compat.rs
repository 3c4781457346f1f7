//! Encoded messages of released versions: each must decode for ever, and to
//! what it meant when it was written.
//!
//! A new file is written by `cargo test -p proto --test compat -- --ignored`,
//! which never touches one that exists.

#![expect(clippy::expect_used, reason = "a test says so by failing")]

use std::fs;
use std::path::PathBuf;

use prost::Message;
use proto::v1;

const NS: i64 = 1_000_000_000;
const START: i64 = 1_767_322_800 * NS;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/compat")
        .join(name)
}

fn decode<M: Message + Default>(name: &str) -> M {
    let bytes = fs::read(path(name)).expect("the fixture is part of the crate");
    M::decode(bytes.as_slice()).expect("an old message decodes")
}

fn finding(device: v1::device::Identity, stage: v1::Stage) -> v1::Finding {
    v1::Finding {
        key: Some(v1::FindingKey {
            epoch: (0..16).collect(),
            device: Some(v1::Device {
                identity: Some(device),
            }),
            window_start_ns: START,
            service_id: "azure-openai".to_owned(),
            surface: "api".to_owned(),
            tenant: "contoso-prod".to_owned(),
            process: String::new(),
            user: String::new(),
        }),
        revision: 3,
        stage: stage as i32,
        stage_limit: v1::StageLimit::OneDirection as i32,
        first_seen_ns: START + NS,
        last_seen_ns: START + 90 * NS,
        flow_count: 4,
        bytes_out: 123_456,
        bytes_in: 7_890,
        evidence: vec![v1::Evidence {
            kind: "tls_sni".to_owned(),
            value: "contoso-prod.openai.azure.com".to_owned(),
            indicator: "pattern:{tenant}.openai.azure.com".to_owned(),
            catalogue_version: "2026.11.20+ab12cd34".to_owned(),
            count: 4,
            first_seen_ns: START + NS,
            last_seen_ns: START + 80 * NS,
            ..Default::default()
        }],
        confidence: Some(v1::Confidence {
            level: "high".to_owned(),
            factors: vec!["vendor_documented".to_owned()],
            does_not_prove: vec!["prompt".to_owned()],
        }),
        attribution: Some(v1::Attribution {
            quality: "unknown".to_owned(),
            reason: "no process resolver".to_owned(),
            process: Some(v1::ProcessIdentity {
                pid: 4242,
                start_time_ns: START - NS,
                executable: "/usr/bin/curl".to_owned(),
                name: "curl".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        catalogue_version: "2026.11.20+ab12cd34".to_owned(),
        specificity: v1::Specificity::Exclusive as i32,
        device_names: vec!["laptop-7".to_owned()],
    }
}

fn coverage() -> v1::CoverageWindow {
    v1::CoverageWindow {
        epoch: (0..16).collect(),
        window_start_ns: START,
        revision: 2,
        first_seen_ns: START + 1,
        last_seen_ns: START + 2,
        closed: true,
        frames: 3,
        bytes: 4,
        frames_dropped: 5,
        flows: 6,
        flows_named: 7,
        flows_hidden: 8,
        flows_unnamed: 9,
        flows_mid_stream: 10,
        flows_evicted: 11,
        flows_encrypted_dns: 12,
        flows_tunnelled: 13,
        rejects: [("tls.bad_length".to_owned(), 14)].into(),
        window_length_ns: 3600 * NS,
        replay: true,
    }
}

fn batch() -> v1::FindingBatch {
    use v1::device::{Enrolled, Identity, Observed};
    use v1::record::Body;

    let observed = Observed {
        mac: vec![2, 0, 0, 0, 0, 7],
        vlan_plus_one: 101,
        address: vec![10, 0, 0, 2],
    };
    let record = |sequence, body| v1::Record {
        sequence,
        body: Some(body),
    };
    v1::FindingBatch {
        last_sequence: 9,
        records: vec![
            record(
                7,
                Body::Finding(finding(Identity::Enrolled(Enrolled {}), v1::Stage::Used)),
            ),
            record(
                8,
                Body::Finding(finding(Identity::Observed(observed), v1::Stage::Resolved)),
            ),
            record(9, Body::Coverage(coverage())),
        ],
    }
}

fn ack() -> v1::BatchAck {
    v1::BatchAck {
        acknowledged_sequence: 9,
        recorded: 2,
        refusals: vec![v1::Refusal {
            sequence: 8,
            reason: "unknown stage 9".to_owned(),
        }],
    }
}

fn heartbeat() -> v1::HeartbeatRequest {
    v1::HeartbeatRequest {
        privacy_version: 0,
        agent_time_ns: START,
        agent_version: "0.1.0".to_owned(),
        catalogue_version: "2026.11.20+ab12cd34".to_owned(),
        epoch: (0..16).collect(),
        mode: "tap".to_owned(),
        os: "linux".to_owned(),
        hostname: "tap-1".to_owned(),
        interfaces: vec![v1::InterfaceHealth {
            name: "eth1".to_owned(),
            backend: "af_packet".to_owned(),
            capturing: true,
            problem: "none".to_owned(),
            frames: 1000,
            frames_dropped: 1,
        }],
        spool: Some(v1::SpoolHealth {
            pending_records: 1,
            pending_bytes: 2,
            shed_records: 3,
            shed_bytes: 4,
        }),
        degradations: vec!["no process attribution".to_owned()],
        counters: [("frames".to_owned(), 1000), ("bytes".to_owned(), 64_000)].into(),
    }
}

fn enrol() -> v1::EnrolRequest {
    v1::EnrolRequest {
        secret: "c2VjcmV0".to_owned(),
        csr: vec![0x30, 0],
        hostname: "laptop-7".to_owned(),
        os: "linux".to_owned(),
        agent_version: "0.1.0".to_owned(),
    }
}

fn enrolled() -> v1::EnrolResponse {
    v1::EnrolResponse {
        privacy: None,
        sensor_id: "6f1c1f0e-7f0b-4c1e-9d8e-0b6f6f1c2a3b".to_owned(),
        certificate_chain: vec![vec![0x30, 1], vec![0x30, 2]],
        ca_certificate: vec![0x30, 2],
        not_after_ns: START,
        // Not sent by the version that the kept bytes are of.
        catalogue_public_key: String::new(),
    }
}

/// A batch of a version that knows more: a stage, a kind of record and fields
/// that this one does not know.
fn newer_batch_bytes() -> Vec<u8> {
    let mut newer = batch();
    newer.records.truncate(1);
    if let Some(v1::record::Body::Finding(finding)) = &mut newer.records[0].body {
        finding.stage = 9;
    }
    let mut bytes = newer.encode_to_vec();
    // Record { sequence: 8, field 15 of the body: an empty message }.
    bytes.extend([0x12, 4, 0x08, 8, 0x7a, 0]);
    // Field 100 of the batch: a string.
    bytes.extend([0xa2, 0x06, 3, b'n', b'e', b'w']);
    bytes
}

#[test]
fn every_kind_of_message_decodes_to_what_it_meant() {
    assert_eq!(decode::<v1::FindingBatch>("finding_batch-0.1.bin"), batch());
    assert_eq!(decode::<v1::BatchAck>("batch_ack-0.1.bin"), ack());
    assert_eq!(
        decode::<v1::HeartbeatRequest>("heartbeat-0.1.bin"),
        heartbeat()
    );
    assert_eq!(decode::<v1::EnrolRequest>("enrol_request-0.1.bin"), enrol());
    assert_eq!(
        decode::<v1::EnrolResponse>("enrol_response-0.1.bin"),
        enrolled()
    );
}

#[test]
fn a_batch_of_a_newer_version_decodes_and_shows_what_is_unknown() {
    let batch: v1::FindingBatch = decode("finding_batch-newer.bin");
    assert_eq!(batch.records.len(), 2);
    let Some(v1::record::Body::Finding(finding)) = &batch.records[0].body else {
        panic!("the first record is a finding");
    };
    assert_eq!(v1::Stage::try_from(finding.stage).ok(), None);
    assert_eq!(finding.bytes_out, 123_456);
    assert_eq!(batch.records[1].sequence, 8);
    assert_eq!(batch.records[1].body, None);
}

#[test]
fn equal_messages_have_equal_bytes() {
    assert_eq!(heartbeat().encode_to_vec(), heartbeat().encode_to_vec());
    let fixture = fs::read(path("heartbeat-0.1.bin")).expect("the fixture is part of the crate");
    assert_eq!(heartbeat().encode_to_vec(), fixture);
}

#[test]
#[ignore = "writes the fixtures that are missing"]
fn write_missing_fixtures() {
    for (name, bytes) in [
        ("finding_batch-0.1.bin", batch().encode_to_vec()),
        ("finding_batch-newer.bin", newer_batch_bytes()),
        ("batch_ack-0.1.bin", ack().encode_to_vec()),
        ("heartbeat-0.1.bin", heartbeat().encode_to_vec()),
        ("enrol_request-0.1.bin", enrol().encode_to_vec()),
        ("enrol_response-0.1.bin", enrolled().encode_to_vec()),
    ] {
        if !path(name).exists() {
            fs::write(path(name), bytes).expect("the folder is writable");
        }
    }
}
