//! On an endpoint a look-up by the system's resolver and the contact it leads to are one finding.

use std::sync::Arc;

use flow::{
    Aggregator, AggregatorConfig, Attribution, ClientSocket, Device, Epoch, EvidenceKind, Finding,
    FiveTuple, FlowIdentity, FlowReport, MatchQuality, Output, ProcessIdentity, ReportedEvidence,
    Specificity, Stage, TransportProtocol,
};
use signatures::{Confidence, ServiceId, Surface};
use wire::Timestamp;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds * 1_000_000_000)
}

fn process(name: &str) -> Attribution {
    Attribution {
        process: Some(Arc::new(ProcessIdentity {
            executable: format!("/usr/bin/{name}"),
            ..ProcessIdentity::default()
        })),
        quality: MatchQuality::Exact,
        reason: "".into(),
        ..Attribution::unknown("")
    }
}

/// A look-up (kind DNS) or a contact (any other) from local port `number` at `seconds`.
fn report(number: u16, kind: EvidenceKind, seconds: i64, attribution: Attribution) -> FlowReport {
    let is_look_up = kind == EvidenceKind::DnsQuery;
    let tuple = FiveTuple {
        orig: ([192, 0, 2, 7], 40_000 + number).into(),
        resp: ([198, 51, 100, 1], if is_look_up { 53 } else { 443 }).into(),
        transport: TransportProtocol::Tcp,
    };
    let ts = at(seconds);
    let moved = if is_look_up { 0 } else { 100 };
    FlowReport {
        source: 0,
        number: u64::from(number),
        flow: (!is_look_up).then_some(FlowIdentity {
            community_id: tuple.community_id(),
            tuple,
            started: ts,
        }),
        socket: Some(ClientSocket { tuple, started: ts }),
        ja4: None,
        at: ts,
        window_start: Timestamp::default(),
        device: Device::Enrolled,
        device_names: Vec::new(),
        service: ServiceId::new("talk").unwrap(),
        surface: Surface::Api,
        tenant: None,
        specificity: Specificity::Exclusive,
        stands_alone: true,
        stage: if is_look_up {
            Stage::Resolved
        } else {
            Stage::Contacted
        },
        stage_limit: None,
        first_seen: ts,
        last_seen: ts,
        bytes_out: moved,
        bytes_in: moved,
        evidence: vec![ReportedEvidence {
            kind,
            value: Arc::from("api.talk.example"),
            indicator: Arc::from("suffix:talk.example"),
            attributes: Arc::default(),
            indicator_confidence: Confidence::High,
            count: 1,
            first_seen: ts,
            last_seen: ts,
        }],
        catalogue_version: Arc::from("1"),
        attribution,
        ended: true,
    }
}

fn nobody() -> Attribution {
    Attribution::unknown("looked up by the resolver of the system")
}

/// The last revision of every finding, as a collector keeps it.
fn kept(reports: Vec<FlowReport>, pass: &[i64]) -> Vec<Finding> {
    let mut aggregator = Aggregator::new(AggregatorConfig::new(Epoch([1; 16])));
    for report in reports {
        aggregator.record(report);
    }
    for seconds in pass {
        aggregator.handle_timeout(at(*seconds));
    }
    aggregator.finish();
    let mut kept: Vec<Finding> = Vec::new();
    while let Some(output) = aggregator.poll() {
        if let Output::Finding(finding) = output {
            kept.retain(|known| known.key != finding.key);
            kept.push(finding);
        }
    }
    kept
}

fn kinds(finding: &Finding) -> Vec<EvidenceKind> {
    finding.evidence.iter().map(|item| item.kind).collect()
}

#[test]
fn a_look_up_without_a_program_joins_its_contact_in_either_order() {
    let look_up = report(1, EvidenceKind::DnsQuery, 100, nobody());
    let contact = report(2, EvidenceKind::TlsSni, 101, process("curl"));
    for reports in [
        vec![look_up.clone(), contact.clone()],
        vec![contact, look_up],
    ] {
        let kept = kept(reports, &[105, 111, 200]);
        let [finding] = kept.as_slice() else {
            panic!("one finding, not {kept:?}");
        };
        assert_eq!(finding.key.process.as_deref(), Some("/usr/bin/curl"));
        assert_eq!(finding.stage, Stage::Contacted);
        assert_eq!(finding.flow_count, 1);
        assert_eq!(finding.first_seen, at(100));
        assert_eq!(
            kinds(finding),
            [EvidenceKind::TlsSni, EvidenceKind::DnsQuery]
        );
        assert_eq!(finding.attribution.quality, MatchQuality::Exact);
    }
}

#[test]
fn a_look_up_that_nothing_follows_stands_alone() {
    let kept = kept(
        vec![report(1, EvidenceKind::DnsQuery, 100, nobody())],
        &[111],
    );
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].stage, Stage::Resolved);
    assert_eq!(kept[0].key.process, None);
    assert!(kept[0].attribution.reason.contains("resolver"));
}

#[test]
fn of_two_programs_the_one_that_connected_next_has_the_look_up() {
    let kept = kept(
        vec![
            report(1, EvidenceKind::TlsSni, 90, process("early")),
            report(2, EvidenceKind::DnsQuery, 100, nobody()),
            report(3, EvidenceKind::TlsSni, 102, process("late")),
        ],
        &[111],
    );
    assert_eq!(kept.len(), 2);
    for finding in &kept {
        let has_look_up = kinds(finding).contains(&EvidenceKind::DnsQuery);
        let is_late = finding.key.process.as_deref() == Some("/usr/bin/late");
        assert_eq!(has_look_up, is_late);
    }
}

#[test]
fn a_programs_own_look_up_takes_in_the_one_that_the_resolver_passed_on() {
    let kept = kept(
        vec![
            report(1, EvidenceKind::DnsQuery, 100, process("curl")),
            report(2, EvidenceKind::DnsQuery, 100, nobody()),
        ],
        &[111],
    );
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].key.process.as_deref(), Some("/usr/bin/curl"));
    assert_eq!(kept[0].evidence[0].count, 2);
}

#[test]
fn one_polled_flow_makes_the_finding_polled() {
    let mut polled = process("curl");
    polled.quality = MatchQuality::Polled;
    polled.reason = "read from a table".into();
    let kept = kept(
        vec![
            report(1, EvidenceKind::TlsSni, 100, process("curl")),
            report(2, EvidenceKind::TlsSni, 101, polled),
        ],
        &[111],
    );
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].attribution.quality, MatchQuality::Polled);
    assert_eq!(kept[0].attribution.reason, "read from a table");
}
