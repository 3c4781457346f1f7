//! `catalogue lint`, `counts`, `diff`: for whoever changes the catalogue.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use signatures::{Catalogue, Change};

use super::super::Place;
use super::super::output::{self, Format, Row};
use super::Which;
use super::source::{all_files, files, refused};

pub(super) fn lint(paths: &[PathBuf]) -> Result<()> {
    let files = all_files(paths)?;
    anyhow::ensure!(!files.is_empty(), "there is no .toml file in it");
    let problems = signatures::lint(&files);
    for problem in &problems {
        output::line(&problem.to_string())?;
    }
    match problems.len() {
        0 => output::line(&format!("{} files: good", files.len())),
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

pub(super) fn diff(_place: &Place, old: &Path, new: &Path, format: Format) -> Result<()> {
    let load = |path: &Path| Catalogue::load(&files(path)?).with_context(|| refused(path));
    let (old, new) = (load(old)?, load(new)?);
    let changes = signatures::diff(&old, &new);
    let rows: Vec<Difference> = changes.into_iter().map(Difference::from).collect();
    output::rows(&rows, format)
}
