//! Findings on captures of real clients, where those are on this machine.
#![expect(unreachable_pub, reason = "a module of helpers for several tests")]

mod support;

use flow::EngineConfig;
use support::{corpus, files, run};

#[test]
fn show() {
    let Some(shared) = corpus() else { return };
    let mut paths: Vec<_> = std::fs::read_dir(shared.join("corpus/captures"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let filter = std::env::var("SHOW").unwrap_or("local__".into());
    for path in paths {
        if !path.to_string_lossy().contains(&filter) {
            continue;
        }
        let Some(records) = files::read(&path) else {
            continue;
        };
        let outcome = run(
            records.iter().zip(1..).map(|(r, n)| r.frame(n)),
            EngineConfig::default(),
            64,
        );
        let last = outcome.last_findings();
        if last.is_empty() && filter != "local__" {
            continue;
        }
        println!(
            "== {} {} reports {} revisions",
            path.file_name().unwrap().to_string_lossy(),
            outcome.reports.len(),
            outcome.findings.len()
        );
        for f in last {
            println!(
                "  {} {} {} {:?} {} {:?} flows {} out {} in {} {:?} {}",
                f.key.service,
                f.key.surface,
                f.key.device,
                f.key.tenant,
                f.stage.as_str(),
                f.stage_limit,
                f.flow_count,
                f.bytes_out,
                f.bytes_in,
                f.device_names,
                f.confidence.level.as_str()
            );
            for e in &f.evidence {
                println!(
                    "      {} {} {} x{}",
                    e.kind.as_str(),
                    e.value,
                    e.indicator,
                    e.count
                );
            }
        }
        for c in &outcome.coverage {
            println!(
                "  cov r{} frames {} flows {} named {} hidden {} unnamed {} mid {} {:?}",
                c.revision,
                c.frames,
                c.flows,
                c.flows_named,
                c.flows_hidden,
                c.flows_unnamed,
                c.flows_mid_stream,
                c.rejects
            );
        }
    }
}
