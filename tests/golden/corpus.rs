//! The shared captures: every message of the truth is found, nothing else is, and the features agree.
//!
//! What remains different, and why, is in `corpus.md` beside this file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use e2e::{left_out, program, run, shared};
use serde_json::Value;

/// Messages that `dissect` prints and the truth does not have; each is explained in `corpus.md`.
const EXPLAINED_EXTRAS: &str = "2";

#[test]
fn every_message_of_the_truth_is_found_and_no_other() -> Result<()> {
    let Some(shared) = shared() else {
        left_out("the shared captures", "they are not beside this clone");
        return Ok(());
    };
    let agent = program("gnomon-agent")?;
    let mut compare = Command::new("python3");
    compare
        .arg(shared.join("tools/compare.py"))
        .arg(shared.join("corpus"));
    compare
        .arg("--cmd")
        .arg(format!("{} dissect {{}}", agent.display()));
    compare.args([
        "--dedup",
        "--strict",
        "--kinds",
        "all",
        "--threshold",
        "1.0",
    ]);
    compare.args(["--extras-max", EXPLAINED_EXTRAS, "--show", "5"]);
    let output = run(&mut compare)?;
    assert!(output.status.success(), "{}", output.stdout);
    Ok(())
}

#[test]
fn the_names_of_the_bench_capture_are_all_found_and_no_other() -> Result<()> {
    let Some(shared) = shared() else {
        left_out("the bench capture", "it is not beside this clone");
        return Ok(());
    };
    let listed = std::fs::read_to_string(shared.join("bench/hello_s.names.tsv"))?;
    let expected: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
        .collect();
    let rows = dissect(&shared.join("bench/hello_s.pcap"))?;
    let found: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row["kind"] != "http")
        .filter_map(|row| row["name"].as_str())
        .collect();
    ensure!(expected.len() > 1000, "the list of names is cut");
    let missed: Vec<_> = expected.difference(&found).take(5).collect();
    let extra: Vec<_> = found.difference(&expected).take(5).collect();
    assert!(
        missed.is_empty() && extra.is_empty(),
        "missed {missed:?}, extra {extra:?}"
    );
    Ok(())
}

/// The features of a hello, as text: JA3, JA4, ALPN, ECH; `None` where the row does not say.
type Features = [Option<String>; 4];

#[test]
fn fingerprints_and_features_agree_with_the_truth() -> Result<()> {
    let Some(shared) = shared() else {
        left_out(
            "the features of the shared captures",
            "they are not beside this clone",
        );
        return Ok(());
    };
    let (mut checked, mut wrong) = (0_usize, Vec::new());
    for entry in std::fs::read_dir(shared.join("corpus/truth"))? {
        let truth = entry?.path();
        let name = truth
            .file_stem()
            .context("a truth file without a name")?
            .to_owned();
        let mut seen: BTreeMap<String, Vec<Features>> = BTreeMap::new();
        for row in dissect(&shared.join("corpus/captures").join(&name))? {
            let text = |field: &str| row[field].as_str().map(str::to_owned);
            let alpn = row["alpn"].is_array().then(|| row["alpn"].to_string());
            seen.entry(key(&row))
                .or_default()
                .push([text("ja3"), text("ja4"), alpn, text("ech")]);
        }
        for line in std::fs::read_to_string(&truth)?.lines() {
            let row: Value = serde_json::from_str(line)?;
            let expected = expected(&row);
            if row["optional"] == true || expected.iter().flatten().next().is_none() {
                continue;
            }
            checked += 1;
            let rows = seen.get(&key(&row)).map(Vec::as_slice).unwrap_or_default();
            if !rows.iter().any(|found| agrees(&expected, found)) {
                wrong.push(format!(
                    "{name:?} frame {}: expected {expected:?}, found {rows:?}",
                    row["frame"]
                ));
            }
        }
    }
    ensure!(checked > 700, "only {checked} rows carry features");
    assert!(
        wrong.is_empty(),
        "{} of {checked} rows differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    Ok(())
}

fn dissect(capture: &Path) -> Result<Vec<Value>> {
    let output = run(Command::new(program("gnomon-agent")?)
        .arg("dissect")
        .arg(capture))?
    .success()?;
    output
        .stdout
        .lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

fn key(row: &Value) -> String {
    let name = row["name"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let name = name.trim_end_matches('.');
    format!(
        "{} {} {} {} {} {name}",
        row["kind"], row["src"], row["sport"], row["dst"], row["dport"]
    )
}

fn expected(row: &Value) -> Features {
    let text = |field: &str| {
        row[field]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let kind = row["kind"].as_str().unwrap_or_default();
    if !matches!(kind, "tls" | "quic" | "dtls") {
        return Features::default();
    }
    // JA4 is published for TLS and QUIC; the tool behind the truth does DTLS by rules of its own.
    let ja4 = text("ja4").filter(|_| kind != "dtls");
    let alpn = row["alpn"].is_array().then(|| row["alpn"].to_string());
    let ech = match (&row["ech_present"], &row["esni_present"]) {
        (_, Value::Bool(true)) => Some("esni".to_owned()),
        (Value::Bool(true), _) => Some("present".to_owned()),
        (Value::Bool(false), _) => Some("none".to_owned()),
        _ => None,
    };
    [text("ja3_hash"), ja4, alpn, ech]
}

fn agrees(expected: &Features, found: &Features) -> bool {
    expected
        .iter()
        .zip(found)
        .all(|(expected, found)| expected.is_none() || expected == found)
}
