//! Reports to findings: revisions, windows, flows seen twice, lost and late reports.

use std::sync::Arc;
use std::time::Duration;

use flow::{
    Aggregator, AggregatorConfig, Attribution, CommunityId, CoverageDelta, CoverageSlice,
    CoverageWindow, Device, Epoch, EvidenceKind, Finding, FiveTuple, FlowIdentity, FlowReport,
    Output, ReportedEvidence, Specificity, Stage, TransportProtocol,
};
use signatures::{Confidence, ServiceId, Surface};
use wire::Timestamp;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds * SECOND)
}

fn aggregator() -> Aggregator {
    Aggregator::new(AggregatorConfig::new(Epoch([1; 16])))
}

/// A report of flow `number` by `source` at `seconds`, with so many bytes each way so far.
fn report(source: u16, number: u64, seconds: i64, bytes: u64) -> FlowReport {
    let tuple = FiveTuple {
        orig: format!("10.0.0.2:{}", 40_000 + number % 20_000)
            .parse()
            .unwrap(),
        resp: "198.51.100.1:443".parse().unwrap(),
        transport: TransportProtocol::Tcp,
    };
    let ts = at(seconds);
    let window = ts.as_nanos().div_euclid(HOUR) * HOUR;
    FlowReport {
        source,
        number,
        socket: None,
        ja4: None,
        flow: Some(FlowIdentity {
            community_id: CommunityId::new(&tuple),
            tuple,
            started: ts,
        }),
        at: ts,
        window_start: Timestamp::from_nanos(window),
        device: Device::Observed {
            mac: None,
            vlan: None,
            address: [10, 0, 0, 2].into(),
        },
        device_names: Vec::new(),
        service: ServiceId::new("talk").unwrap(),
        surface: Surface::Api,
        tenant: None,
        specificity: Specificity::Exclusive,
        stands_alone: true,
        stage: Stage::Contacted,
        stage_limit: None,
        first_seen: ts,
        last_seen: ts,
        bytes_out: bytes,
        bytes_in: bytes * 2,
        evidence: vec![ReportedEvidence {
            kind: EvidenceKind::TlsSni,
            value: Arc::from("api.talk.example"),
            indicator: Arc::from("suffix:talk.example"),
            attributes: Arc::default(),
            indicator_confidence: Confidence::High,
            count: 1,
            first_seen: ts,
            last_seen: ts,
        }],
        catalogue_version: Arc::from("1"),
        attribution: Attribution::unknown("test"),
        ended: false,
    }
}

fn drain(aggregator: &mut Aggregator) -> (Vec<Finding>, Vec<CoverageWindow>) {
    let (mut findings, mut windows) = (Vec::new(), Vec::new());
    while let Some(output) = aggregator.poll() {
        match output {
            Output::Finding(finding) => findings.push(finding),
            Output::Coverage(window) => windows.push(window),
        }
    }
    (findings, windows)
}

fn findings(aggregator: &mut Aggregator) -> Vec<Finding> {
    drain(aggregator).0
}

#[test]
fn cumulative_reports_add_up_once_and_lost_ones_cost_nothing() {
    let mut whole = aggregator();
    let mut lossy = aggregator();
    for (place, bytes) in [100, 250, 400, 900].into_iter().enumerate() {
        let seconds = i64::try_from(place).unwrap() * 60;
        whole.record(report(0, 1, seconds, bytes));
        if place % 2 == 1 {
            lossy.record(report(0, 1, seconds, bytes));
        }
    }
    for aggregator in [&mut whole, &mut lossy] {
        aggregator.finish();
        let last = findings(aggregator).pop().unwrap();
        assert_eq!(
            (last.bytes_out, last.bytes_in, last.flow_count),
            (900, 1_800, 1)
        );
        assert_eq!(last.evidence[0].count, 1);
    }
}

#[test]
fn a_finding_is_emitted_soon_and_then_once_in_an_interval() {
    let mut aggregator = aggregator();
    let mut times = Vec::new();
    for seconds in 0..200 {
        aggregator.record(report(0, 1, seconds, 100 + u64::try_from(seconds).unwrap()));
        for finding in findings(&mut aggregator) {
            times.push((seconds, finding.revision));
        }
    }
    assert_eq!(times, [(2, 1), (62, 2), (122, 3), (182, 4)]);
    assert!(aggregator.poll_timeout().unwrap() <= at(242));
}

#[test]
fn calls_of_the_timer_in_between_change_nothing() {
    let run = |often: bool| {
        let mut aggregator = aggregator();
        let mut all = Vec::new();
        for number in 1..60_u64 {
            let seconds = i64::try_from(number).unwrap() * 97;
            if often {
                for before in (seconds - 90..seconds).step_by(7) {
                    aggregator.handle_timeout(at(before));
                }
            }
            aggregator.record(report(0, number % 7, seconds, number * 100));
            all.extend(findings(&mut aggregator));
        }
        aggregator.finish();
        all.extend(findings(&mut aggregator));
        all
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn a_flow_that_another_source_reports_counts_once() {
    let mut aggregator = aggregator();
    aggregator.record(report(0, 1, 10, 500));
    aggregator.record(report(1, 9, 11, 500));
    let same_number = FlowReport {
        source: 1,
        ..report(0, 1, 12, 700)
    };
    aggregator.record(same_number);
    aggregator.finish();
    let last = findings(&mut aggregator).pop().unwrap();
    // The flow of number 9 has other endpoints, so it is another flow.
    assert_eq!((last.flow_count, last.bytes_out), (2, 1_000));
    assert_eq!(aggregator.counters().count_of("reports_seen_twice"), 1);
}

#[test]
fn the_same_endpoints_later_are_another_flow() {
    let mut aggregator = aggregator();
    aggregator.record(FlowReport {
        ended: true,
        ..report(0, 1, 10, 500)
    });
    aggregator.record(report(1, 1, 100, 300));
    aggregator.finish();
    let last = findings(&mut aggregator).pop().unwrap();
    assert_eq!((last.flow_count, last.bytes_out), (2, 800));
}

#[test]
fn windows_close_and_a_late_report_goes_on_with_the_revision() {
    let mut aggregator = aggregator();
    aggregator.record(report(0, 1, 10, 500));
    aggregator.handle_timeout(at(2 * 3_600));
    let first = findings(&mut aggregator);
    assert_eq!(
        first
            .iter()
            .map(|finding| finding.revision)
            .collect::<Vec<_>>(),
        [1]
    );
    let late = FlowReport {
        at: at(2 * 3_600),
        ..report(0, 2, 20, 70)
    };
    aggregator.record(late);
    aggregator.handle_timeout(at(2 * 3_600 + 1));
    let again = findings(&mut aggregator);
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].revision, again[0].bytes_out, again[0].flow_count),
        (2, 570, 2)
    );
}

#[test]
fn an_end_without_news_makes_no_finding() {
    let mut aggregator = aggregator();
    aggregator.record(report(0, 1, 10, 500));
    let end = FlowReport {
        window_start: at(3_600),
        at: at(3_700),
        ended: true,
        ..report(0, 1, 10, 500)
    };
    aggregator.record(end);
    aggregator.finish();
    let all = findings(&mut aggregator);
    assert!(
        all.iter().all(|finding| finding.key.window_start == at(0)),
        "{all:#?}"
    );
}

#[test]
fn evidence_is_capped_ordered_and_counted() {
    let mut aggregator = aggregator();
    for number in 0..100 {
        let mut report = report(0, number, 10, 5);
        report.evidence[0].value = Arc::from(format!("{:03}.talk.example", 99 - number));
        aggregator.record(report);
    }
    aggregator.finish();
    let last = findings(&mut aggregator).pop().unwrap();
    assert_eq!(last.evidence.len(), 32);
    assert!(last.evidence.is_sorted());
    assert_eq!(aggregator.counters().count_of("evidence_over_cap"), 68);
}

#[test]
fn open_findings_are_capped_and_none_is_lost() {
    let mut aggregator = aggregator();
    let clients = 70_000_u32;
    for client in 0..clients {
        let mut report = report(0, u64::from(client) + 1, 10, 5);
        let address = std::net::Ipv4Addr::from(0x0a00_0000 + client);
        report.device = Device::Observed {
            mac: None,
            vlan: None,
            address: address.into(),
        };
        report.flow = None;
        report.ended = true;
        aggregator.record(report);
    }
    aggregator.finish();
    let all = findings(&mut aggregator);
    assert_eq!(all.len(), usize::try_from(clients).unwrap());
    assert!(all.iter().all(|finding| finding.revision == 1));
    assert!(aggregator.counters().count_of("findings_closed_early") > 4_000);
}

fn slice(seconds: i64, frames: u64) -> CoverageSlice {
    let window = at(seconds).as_nanos().div_euclid(HOUR) * HOUR;
    CoverageSlice {
        window_start: Timestamp::from_nanos(window),
        at: at(seconds),
        first_seen: at(seconds),
        last_seen: at(seconds),
        frames,
        ..CoverageSlice::default()
    }
}

#[test]
fn coverage_adds_up_over_sources_and_closes() {
    let mut aggregator = aggregator();
    for source in 0..2 {
        for seconds in [60, 120, 180] {
            let slices = vec![slice(seconds, 10)];
            aggregator.record_coverage(source, CoverageDelta { slices });
        }
    }
    aggregator.record_dropped(1, at(200), 7);
    aggregator.handle_timeout(at(3 * 3_600));
    let (_, windows) = drain(&mut aggregator);
    let last = windows.last().unwrap();
    assert_eq!(
        (last.frames, last.frames_dropped, last.closed),
        (60, 7, true)
    );
    assert_eq!((last.first_seen, last.last_seen), (at(60), at(200)));
    let revisions: Vec<_> = windows.iter().map(|window| window.revision).collect();
    assert!(revisions.is_sorted() && revisions[0] == 1);
    assert_eq!(last.window_length, 3_600_000_000_000);
    aggregator.finish();
    assert!(aggregator.poll().is_none());
}

#[test]
fn silence_shows_only_where_time_is_a_clocks() {
    let mut replay = aggregator();
    replay.handle_timeout(at(100));
    replay.finish();
    assert!(replay.poll().is_none());
    let mut live = Aggregator::new(AggregatorConfig {
        idle_windows: true,
        ..AggregatorConfig::new(Epoch([1; 16]))
    });
    live.handle_timeout(at(100));
    live.handle_timeout(at(130));
    live.finish();
    let (_, windows) = drain(&mut live);
    assert_eq!(windows.len(), 1);
    assert_eq!((windows[0].frames, windows[0].closed), (0, true));
}

#[test]
fn leaping_clocks_make_a_window_for_each_leap_and_no_more() {
    let mut aggregator = aggregator();
    let century = 100 * 365 * 86_400;
    for seconds in [0, century, -century, century, i64::MAX / SECOND, 0] {
        aggregator.handle_timeout(at(seconds));
        aggregator.record_coverage(
            0,
            CoverageDelta {
                slices: vec![slice(seconds, 1)],
            },
        );
    }
    aggregator.finish();
    let (_, windows) = drain(&mut aggregator);
    assert!(windows.len() <= 12, "{}", windows.len());
}

#[test]
fn windows_of_any_length_work() {
    for window in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
        let config = AggregatorConfig {
            window,
            ..AggregatorConfig::new(Epoch([1; 16]))
        };
        let mut aggregator = Aggregator::new(config);
        aggregator.record(report(0, 1, 10, 500));
        aggregator.handle_timeout(at(20));
        aggregator.finish();
        assert!(!findings(&mut aggregator).is_empty());
    }
}
