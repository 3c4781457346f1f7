//! Batches as agents send them.

use proto::v1;
use proto::v1::device::{Enrolled, Identity};
use proto::v1::record::Body;

const SECOND: i64 = 1_000_000_000;
pub(crate) const START: i64 = 1_767_322_800 * SECOND;

/// One finding about service number `number`; its counters follow from the
/// revision, as those of a real agent do.
pub(crate) fn finding(number: u64, revision: u32) -> v1::Finding {
    v1::Finding {
        key: Some(v1::FindingKey {
            epoch: vec![7; 16],
            device: Some(v1::Device {
                identity: Some(Identity::Enrolled(Enrolled {})),
            }),
            window_start_ns: START,
            service_id: format!("service-{number:06}"),
            surface: "api".to_owned(),
            ..v1::FindingKey::default()
        }),
        revision,
        stage: v1::Stage::Used as i32,
        first_seen_ns: START + SECOND,
        last_seen_ns: START + SECOND * (1 + i64::from(revision)),
        flow_count: u64::from(revision),
        bytes_out: 1000 * u64::from(revision),
        bytes_in: 10,
        evidence: vec![v1::Evidence {
            kind: "tls_sni".to_owned(),
            value: "api.example.com".to_owned(),
            indicator: "exact:api.example.com".to_owned(),
            catalogue_version: "1".to_owned(),
            count: u64::from(revision),
            first_seen_ns: START + SECOND,
            last_seen_ns: START + SECOND,
            ..Default::default()
        }],
        confidence: Some(v1::Confidence {
            level: "high".to_owned(),
            ..Default::default()
        }),
        attribution: Some(v1::Attribution {
            quality: "unknown".to_owned(),
            reason: "not looked for".to_owned(),
            ..Default::default()
        }),
        catalogue_version: "1".to_owned(),
        specificity: v1::Specificity::Exclusive as i32,
        ..v1::Finding::default()
    }
}

/// A batch of findings, in order of sequence from `first`.
pub(crate) fn batch(first: u64, findings: Vec<v1::Finding>) -> v1::FindingBatch {
    let records: Vec<v1::Record> = (first..)
        .zip(findings)
        .map(|(sequence, finding)| v1::Record {
            sequence,
            body: Some(Body::Finding(finding)),
        })
        .collect();
    let last_sequence = records.last().map_or(first, |record| record.sequence);
    v1::FindingBatch {
        last_sequence,
        records,
    }
}
