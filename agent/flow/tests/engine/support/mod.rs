//! What the tests of this crate share: readers for captures, and the way from frames to findings.

use std::path::{Path, PathBuf};

pub(crate) mod catalogue;
pub(crate) mod files;
pub(crate) mod world;

use flow::{
    Aggregator, AggregatorConfig, CoverageWindow, Engine, EngineConfig, Epoch, EvidenceKind,
    Finding, FlowReport, Output,
};
use wire::Frame;

use world::World;

/// The shared captures, when they are on this machine.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = folder.join("corpus/captures").is_dir();
    if !found {
        println!("left out: no shared captures at {}", folder.display());
    }
    found.then_some(folder)
}

/// Everything that came out of a run.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) reports: Vec<FlowReport>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Vec<CoverageWindow>,
}

impl Outcome {
    /// The highest revision of each finding, in the order of their keys.
    pub(crate) fn last_findings(&self) -> Vec<Finding> {
        let mut last = std::collections::BTreeMap::new();
        for finding in &self.findings {
            last.insert(finding.key.clone(), finding.clone());
        }
        last.into_values().collect()
    }
}

/// Runs frames through an engine and an aggregator, `batch` frames at a time.
pub(crate) fn run<'a>(
    frames: impl IntoIterator<Item = Frame<'a>>,
    config: EngineConfig,
    batch: usize,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut aggregator = Aggregator::new(AggregatorConfig {
        window: config.window,
        report_interval: config.report_interval,
        ..AggregatorConfig::new(Epoch([7; 16]))
    });
    let mut engine = Engine::new(config);
    let drain = |engine: &mut Engine, aggregator: &mut Aggregator, outcome: &mut Outcome| {
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
    };
    for (count, frame) in frames.into_iter().enumerate() {
        engine.handle_frame(&frame);
        if count % batch == batch - 1 {
            drain(&mut engine, &mut aggregator, &mut outcome);
        }
    }
    engine.finish();
    drain(&mut engine, &mut aggregator, &mut outcome);
    aggregator.finish();
    drain(&mut engine, &mut aggregator, &mut outcome);
    outcome
}

/// Runs what happened in `world` through a tap with the made-up services.
pub(crate) fn watch(world: &World) -> Outcome {
    watch_with(world, catalogue::tap())
}

/// Runs what happened in `world` through an engine that is set up otherwise.
pub(crate) fn watch_with(world: &World, config: EngineConfig) -> Outcome {
    let frames = world
        .records
        .iter()
        .zip(1..)
        .map(|(record, number)| record.frame(number));
    run(frames, config, 1)
}

/// The one finding of a run.
pub(crate) fn only(outcome: &Outcome) -> Finding {
    let findings = outcome.last_findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings[0].clone()
}

/// The kinds of its evidence, in their order.
pub(crate) fn kinds(finding: &Finding) -> Vec<EvidenceKind> {
    finding
        .evidence
        .iter()
        .map(|evidence| evidence.kind)
        .collect()
}
