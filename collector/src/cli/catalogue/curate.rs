//! `catalogue lint`, `counts`, `diff`: for whoever changes the catalogue.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use inventory::ObservedValue;
use serde::Serialize;
use signatures::{Catalogue, Change, Problem};
use store::Store as _;

use super::super::Place;
use super::super::output::{self, Format, Row};
use super::Which;
use super::source::{all_files, files, published, refused};
use crate::catalogue::history;

pub(super) fn lint(paths: &[PathBuf]) -> Result<()> {
    let files = all_files(paths)?;
    anyhow::ensure!(!files.is_empty(), "there is no .toml file in it");
    report(&signatures::lint(&files), files.len())
}

pub(super) fn lint_local(place: &Place, paths: &[PathBuf]) -> Result<()> {
    let files = all_files(paths)?;
    let problems = match published(place)?.with_local(&files) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems,
    };
    report(&problems, files.len())
}

fn report(problems: &[Problem], files: usize) -> Result<()> {
    for problem in problems {
        output::line(&problem.to_string())?;
    }
    match problems.len() {
        0 => output::line(&format!("{files} files: good")),
        1 => anyhow::bail!("1 problem"),
        many => anyhow::bail!("{many} problems"),
    }
}

pub(super) fn counts(place: &Place, which: &Which) -> Result<()> {
    let page = signatures::counts(which.load(place)?.as_ref());
    output::line(page.trim_end())
}

/// One line of a difference.
#[derive(Debug, Serialize)]
struct Difference {
    change: &'static str,
    service: String,
    indicator: Option<String>,
    detail: String,
}

impl Row for Difference {
    const HEADER: &'static [&'static str] = &["change", "service", "indicator", "detail"];
    const NONE: &'static str = "nothing changes";

    fn cells(&self) -> Vec<String> {
        vec![
            self.change.to_owned(),
            self.service.clone(),
            self.indicator.clone().unwrap_or_default(),
            self.detail.clone(),
        ]
    }
}

impl From<Change> for Difference {
    fn from(change: Change) -> Self {
        Self {
            change: change.kind.as_str(),
            service: change.service,
            indicator: change.indicator,
            detail: change.detail,
        }
    }
}

pub(super) fn diff(place: &Place, old: &Path, new: &Path, format: Format) -> Result<()> {
    let load = |path: &Path| Catalogue::load(&files(path)?).with_context(|| refused(path));
    let (old, new) = (load(old)?, load(new)?);
    let changes = signatures::diff(&old, &new);
    let mut rows: Vec<Difference> = changes.into_iter().map(Difference::from).collect();
    if place.is_named() {
        let store = place.open()?;
        rows.extend(effects(&old, &new, store.observed()?));
        output::note(
            "stored sightings can only change; what no catalogue knew when it was seen was never kept",
        );
    }
    output::rows(&rows, format)
}

/// What becomes of stored sightings, for each value that they rest on.
fn effects(old: &Catalogue, new: &Catalogue, observed: Vec<ObservedValue>) -> Vec<Difference> {
    let mut effects = Vec::new();
    for one in observed {
        let before = history::service_of(old, &one.kind, &one.value);
        let after = history::service_of(new, &one.kind, &one.value);
        let becomes = match (before, after) {
            (before, after) if before == after => continue,
            (_, Some(after)) if after == one.service => continue,
            (_, Some(after)) => format!("belong to {after}"),
            (_, None) => "match nothing".to_owned(),
        };
        effects.push(Difference {
            change: "stored",
            detail: format!("{} sightings {becomes}", one.sightings),
            service: one.service,
            indicator: Some(format!("{} {}", one.kind, one.value)),
        });
    }
    effects
}
