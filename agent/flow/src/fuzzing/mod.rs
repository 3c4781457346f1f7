//! The body of the fuzz target, which takes any bytes and panics only when a promise is broken. The target
//! itself is one line and lives in `tests/fuzz`.

mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use signatures::Catalogue;
use wire::{Frame, Message, Timestamp};

use crate::{
    Aggregator, AggregatorConfig, CoverageWindow, Engine, EngineConfig, Epoch, Finding, FlowId,
    FlowReport, Mode, Observer, Output, Tracker, TrackerConfig,
};
use script::{Event, Setup};

/// Evidence of a finding, its own and that of shared hosts, and names of its device, as far as they are kept.
const MAX_EVIDENCE: usize = 64;
const MAX_NAMES: usize = 8;
/// Bytes of any text in a finding; collectors refuse longer ones.
const MAX_TEXT: usize = 1024;
/// Windows of which the sums are compared; of many more some are forgotten.
const MAX_WINDOWS: usize = 200;
/// Times past this one are not added to.
const LAST_TIME: i64 = i64::MAX - 86_400_000_000_000;

/// Everything that came out of a run.
#[derive(Default, Debug, PartialEq, Eq)]
struct Outcome {
    reports: Vec<FlowReport>,
    findings: Vec<Finding>,
    coverage: Vec<CoverageWindow>,
    counters: Vec<(&'static str, u64)>,
}

/// Frames, timeouts and new settings through an engine and an aggregator, frame by frame and in batches;
/// and the same frames through a tracker alone. `script` says how the bytes are read.
///
/// # Panics
/// When a cap does not hold, time would be asked for again and again, a finding takes back what it said, the
/// sums do not add up, or the same frames give something else in batches.
pub fn engine(data: &[u8]) {
    let Some((setup, events)) = script::read(data) else {
        return;
    };
    let one_by_one = run(&setup, &events, false);
    let batched = run(&setup, &events, true);
    assert_eq!(
        one_by_one, batched,
        "batches change nothing about what comes out"
    );
    let frames = events.iter().filter_map(|event| match event {
        Event::Frame(captured) => Some(captured.frame()),
        Event::Timeout(_) | Event::Drain | Event::LocalAddresses(_) | Event::Catalogue => None,
    });
    let count = frames.clone().count() as u64;
    check_reports(&one_by_one.reports);
    check_findings(&one_by_one.findings);
    check_coverage(&one_by_one.coverage, count);
    follow(&setup, frames);
}

fn config(setup: &Setup) -> EngineConfig {
    let mode = if setup.endpoint {
        Mode::Endpoint {
            local_addresses: vec![script::client(1, false), script::client(1, true)],
        }
    } else {
        Mode::Tap
    };
    EngineConfig {
        mode,
        max_flows: setup.max_flows,
        dissector_memory: setup.dissector_memory,
        window: setup.window,
        report_interval: setup.report_interval,
        ..EngineConfig::default()
    }
}

fn run(setup: &Setup, events: &[Event], batched: bool) -> Outcome {
    let mut engine = Engine::new(config(setup));
    let mut aggregator = Aggregator::new(AggregatorConfig {
        window: setup.window,
        report_interval: setup.report_interval,
        ..AggregatorConfig::new(Epoch([7; 16]))
    });
    let mut outcome = Outcome::default();
    let mut waiting: Vec<Frame<'_>> = Vec::new();
    for event in events {
        if let Event::Frame(captured) = event {
            if batched {
                waiting.push(captured.frame());
            } else {
                engine.handle_frame(&captured.frame());
            }
            continue;
        }
        engine.handle_frames(&waiting);
        waiting.clear();
        match event {
            Event::Timeout(now) => {
                engine.handle_timeout(*now);
                aggregator.handle_timeout(*now);
                for at in [engine.poll_timeout(), aggregator.poll_timeout()] {
                    assert!(is_later(at, *now), "{at:?} is due, and it is {now:?}");
                }
            }
            Event::LocalAddresses(addresses) => engine.set_local_addresses(addresses),
            Event::Catalogue => engine.set_catalogue(Arc::clone(Catalogue::builtin())),
            Event::Drain | Event::Frame(_) => drain(&mut engine, &mut aggregator, &mut outcome),
        }
    }
    engine.handle_frames(&waiting);
    engine.finish();
    drain(&mut engine, &mut aggregator, &mut outcome);
    aggregator.finish();
    drain(&mut engine, &mut aggregator, &mut outcome);
    outcome.counters = engine.counters().iter().collect();
    outcome
        .counters
        .extend(aggregator.counters().iter().collect::<Vec<_>>());
    outcome
}

fn is_later(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| at > now || at.as_nanos() >= LAST_TIME)
}

fn drain(engine: &mut Engine, aggregator: &mut Aggregator, outcome: &mut Outcome) {
    while let Some(report) = engine.poll_report() {
        outcome.reports.push(report.clone());
        aggregator.record(report);
    }
    aggregator.record_coverage(0, engine.take_coverage());
    while let Some(output) = aggregator.poll() {
        match output {
            Output::Finding(finding) => outcome.findings.push(finding),
            Output::Coverage(window) => outcome.coverage.push(window),
        }
    }
}

fn check_reports(reports: &[FlowReport]) {
    let mut ended = BTreeSet::new();
    for report in reports {
        let of = (report.number, &report.service, report.surface);
        assert!(!ended.contains(&of), "no report follows the last one");
        if report.ended {
            ended.insert(of);
        }
    }
}

fn check_findings(findings: &[Finding]) {
    let mut last: BTreeMap<_, &Finding> = BTreeMap::new();
    for finding in findings {
        assert!(
            finding.first_seen <= finding.last_seen,
            "seen first, then last"
        );
        assert!(
            (1..=MAX_EVIDENCE).contains(&finding.evidence.len()),
            "evidence, and not too much: {finding:?}"
        );
        assert!(
            finding.device_names.len() <= MAX_NAMES,
            "a device has few names"
        );
        check_texts(finding);
        let Some(before) = last.insert(&finding.key, finding) else {
            assert_eq!(finding.revision, 1, "the first revision is 1");
            continue;
        };
        assert_eq!(
            finding.revision,
            before.revision + 1,
            "revisions come one by one"
        );
        let grows = finding.flow_count >= before.flow_count
            && finding.bytes_out >= before.bytes_out
            && finding.bytes_in >= before.bytes_in
            && finding.stage >= before.stage
            && finding.last_seen >= before.last_seen;
        assert!(grows, "nothing is taken back: {before:?} then {finding:?}");
    }
}

fn check_texts(finding: &Finding) {
    for evidence in &finding.evidence {
        assert!(
            evidence.count > 0 && evidence.first_seen <= evidence.last_seen,
            "evidence was seen: {evidence:?}"
        );
    }
    let evidence = finding
        .evidence
        .iter()
        .flat_map(|evidence| [&evidence.value, &evidence.indicator]);
    let mut texts = evidence
        .chain(&finding.device_names)
        .chain(&finding.key.tenant);
    assert!(
        texts.all(|text| (1..=MAX_TEXT).contains(&text.len())),
        "a text is there, and not too long: {finding:?}"
    );
}

fn check_coverage(coverage: &[CoverageWindow], frames: u64) {
    let mut last = BTreeMap::new();
    for window in coverage {
        let names = window.flows_named + window.flows_hidden + window.flows_unnamed;
        assert_eq!(
            window.flows,
            names + window.flows_mid_stream,
            "each flow is counted as one kind"
        );
        last.insert(window.window_start, window.frames);
    }
    if last.len() <= MAX_WINDOWS {
        assert_eq!(
            last.values().sum::<u64>(),
            frames,
            "every frame is in one window"
        );
    }
}

/// Watches every flow with a message to its end, and looks at the messages.
#[derive(Default)]
struct Listener {
    watched: BTreeSet<FlowId>,
}

impl Observer for Listener {
    fn message(&mut self, context: &crate::MessageContext, message: Message<'_>) {
        assert!(context.frame_number > 0, "a message is of a frame");
        assert!(
            context.flow.first_seen <= context.flow.last_seen,
            "seen first, then last"
        );
        if let Message::Tls(hello) | Message::Dtls(hello) = message {
            assert!(
                hello.is_complete() || hello.server_name().is_some(),
                "an incomplete hello is given for its name"
            );
        }
    }

    fn watches(&mut self, flow: FlowId) -> bool {
        self.watched.insert(flow);
        true
    }

    fn flow_ended(&mut self, flow: FlowId, _: crate::EndReason) {
        assert!(self.watched.remove(&flow), "each watched flow ends once");
    }
}

fn follow<'a>(setup: &Setup, frames: impl Iterator<Item = Frame<'a>>) {
    let mut listener = Listener::default();
    let mut tracker = Tracker::new(TrackerConfig {
        max_flows: setup.max_flows,
        dissector_memory: setup.dissector_memory,
        ..TrackerConfig::default()
    });
    for frame in frames {
        tracker.handle_frame(&frame, &mut listener);
        assert!(
            tracker.flow_count() <= setup.max_flows,
            "the cap on flows holds"
        );
        assert!(
            tracker.dissector_memory() <= setup.dissector_memory,
            "the cap on what dissectors hold"
        );
    }
    let next = tracker.poll_timeout().unwrap_or_default();
    tracker.handle_timeout(next.saturating_add(Duration::from_secs(1)), &mut listener);
    tracker.finish(&mut listener);
    assert_eq!(tracker.flow_count(), 0, "every flow has ended");
    assert_eq!(
        tracker.dissector_memory(),
        0,
        "what has ended holds nothing"
    );
    assert!(listener.watched.is_empty(), "each watched flow ends");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_survived(data in prop::collection::vec(any::<u8>(), 0..600)) {
            super::engine(&data);
        }
    }
}
