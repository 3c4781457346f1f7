//! Findings on captures of real clients, where those are on this machine, with the built-in catalogue.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{Outcome, corpus, files, run};
use flow::{EngineConfig, EvidenceKind, Stage};

/// The services in each capture that has any, and the highest stage of each.
const EXPECTED: [(&str, &[(&str, Stage)]); 11] = [
    (
        "local__ai_anthropic_python_sdk.pcap",
        &[("anthropic-api", Stage::Used)],
    ),
    (
        "local__ai_any_sll2.pcap",
        &[("openrouter", Stage::Contacted)],
    ),
    (
        "local__ai_browsers_split_mtu1280.pcap",
        &[
            ("claude", Stage::Contacted),
            ("huggingface", Stage::Contacted),
            ("perplexity", Stage::Contacted),
        ],
    ),
    (
        "local__ai_curl_tls13_openai_anthropic.pcap",
        &[
            ("anthropic-api", Stage::Contacted),
            ("deepseek", Stage::Contacted),
            ("openai-api", Stage::Contacted),
        ],
    ),
    (
        "local__ai_ipv6.pcap",
        &[
            ("cohere", Stage::Contacted),
            ("huggingface", Stage::Contacted),
        ],
    ),
    (
        "local__ai_ollama_http_loopback.pcap",
        &[("ollama", Stage::Used)],
    ),
    (
        "local__ai_openssl_nosni_tls12.pcap",
        &[
            ("perplexity", Stage::Contacted),
            ("together", Stage::Contacted),
        ],
    ),
    (
        "local__ai_proxy_connect.pcap",
        &[
            ("anthropic-api", Stage::Contacted),
            ("mistral", Stage::Contacted),
        ],
    ),
    (
        "local__ai_quic_v2.pcap",
        &[
            ("claude", Stage::Contacted),
            ("perplexity", Stage::Contacted),
        ],
    ),
    (
        "local__ai_snaplen128.pcap",
        &[("openai-api", Stage::Resolved)],
    ),
    ("ndpi__tunnelbear.pcap", &[("grammarly", Stage::Used)]),
];

fn captures(shared: &Path) -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tests may read files")]
    let folder = std::fs::read_dir(shared.join("corpus/captures")).unwrap();
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn scan(records: &[files::Record], batch: usize) -> Outcome {
    let frames = records
        .iter()
        .zip(1..)
        .map(|(record, number)| record.frame(number));
    run(frames, EngineConfig::default(), batch)
}

fn stages(outcome: &Outcome) -> BTreeMap<String, Stage> {
    let mut stages = BTreeMap::new();
    for finding in outcome.last_findings() {
        let stage = stages
            .entry(finding.key.service.to_string())
            .or_insert(finding.stage);
        *stage = finding.stage.max(*stage);
    }
    stages
}

#[test]
fn real_clients_give_the_services_they_used_and_nothing_else() {
    let Some(shared) = corpus() else { return };
    let (mut read, mut left_out) = (0, 0);
    for path in captures(&shared) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(records) = files::read(&path) else {
            left_out += 1;
            continue;
        };
        read += 1;
        let outcome = scan(&records, 64);
        let expected = EXPECTED.iter().find(|(known, _)| *known == name);
        let expected: BTreeMap<String, Stage> = expected
            .into_iter()
            .flat_map(|(_, services)| *services)
            .map(|(service, stage)| (String::from(*service), *stage))
            .collect();
        assert_eq!(stages(&outcome), expected, "{name}");
        assert_eq!(outcome, scan(&records, 64), "{name}: twice the same");
        assert_eq!(
            outcome.findings,
            scan(&records, 7).findings,
            "{name}: other batches"
        );
        let window = outcome.coverage.last();
        let frames: u64 = window.map_or(0, |window| window.frames);
        assert!(frames <= records.len() as u64, "{name}");
    }
    println!("{read} captures read, {left_out} left out (compressed)");
}

#[test]
fn a_proxied_call_is_counted_on_both_legs() {
    let Some(shared) = corpus() else { return };
    let path = shared.join("corpus/captures/local__ai_proxy_connect.pcap");
    let outcome = scan(&files::read(&path).unwrap(), 64);
    let anthropic: Vec<_> = outcome
        .last_findings()
        .into_iter()
        .filter(|finding| finding.key.service.as_str() == "anthropic-api")
        .collect();
    let kinds: Vec<Vec<EvidenceKind>> = anthropic
        .iter()
        .map(|finding| finding.evidence.iter().map(|item| item.kind).collect())
        .collect();
    let proxied = vec![EvidenceKind::TlsSni, EvidenceKind::HttpConnect];
    assert_eq!(kinds, [vec![EvidenceKind::TlsSni], proxied]);
    let bytes: Vec<_> = anthropic
        .iter()
        .map(|f| (f.bytes_out, f.bytes_in))
        .collect();
    assert_eq!(bytes, [(735, 2_127), (861, 2_219)]);
}
