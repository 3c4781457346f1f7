//! Every capture under `tests/pcaps` gives the same messages and the same findings as when its snapshot was read and accepted.

mod corpus;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use e2e::{Output, program, rewrite, run, workspace};

fn captures(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            captures(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|end| end == "pcap" || end == "pcapng" || end == "gz")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

fn agent(arguments: &[&str], capture: &Path) -> Result<Output> {
    run(Command::new(program("gnomon-agent")?)
        .args(arguments)
        .arg(capture))?
    .success()
}

fn each(mut check: impl FnMut(&str, &Path) -> Result<()>) -> Result<()> {
    let root = workspace().join("tests/pcaps");
    let mut found = Vec::new();
    captures(&root, &mut found)?;
    ensure!(
        found.len() >= 6,
        "captures are missing from {}",
        root.display()
    );
    for capture in found {
        let name = capture
            .strip_prefix(&root)?
            .to_string_lossy()
            .replace('/', "__");
        ensure!(
            capture.with_extension("md").is_file(),
            "{name}: no description beside it"
        );
        check(&name, &capture)?;
    }
    Ok(())
}

#[test]
fn dissect_prints_the_accepted_lines() -> Result<()> {
    each(|name, capture| {
        let output = agent(&["dissect"], capture)?;
        insta::assert_snapshot!(format!("dissect__{name}"), output.stdout);
        Ok(())
    })
}

#[test]
fn scan_prints_the_accepted_findings() -> Result<()> {
    each(|name, capture| {
        let output = agent(&["scan", "--format", "json"], capture)?;
        let mut answer: serde_json::Value = serde_json::from_str(&output.stdout)?;
        let root = format!("{}/", workspace().display());
        rewrite(&mut answer, &|value| {
            // It changes with every edit of the catalogue, which these snapshots are not about.
            if let Some(version) = value.get_mut("catalogue_version") {
                *version = "(version)".into();
            }
            // Clones stand in different places.
            if let Some(path) = value.as_str().and_then(|text| text.strip_prefix(&root)) {
                *value = path.to_owned().into();
            }
        });
        insta::assert_json_snapshot!(format!("scan__{name}"), answer);
        Ok(())
    })
}
