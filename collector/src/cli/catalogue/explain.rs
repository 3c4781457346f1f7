//! `catalogue explain`: why a name matches, or not.

use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write};

use anyhow::{Context, Result};
use serde::Serialize;
use signatures::Catalogue;

use super::super::Place;
use super::super::output::{self, Format, Row};
use super::Which;

/// Longest line of standard input; the rest of a longer one is no name.
const MAX_LINE: u64 = 64 << 10;

/// What the catalogue says about one name.
#[derive(Debug, Serialize)]
struct Explained<'c> {
    name: String,
    service_id: Option<&'c str>,
    specificity: Option<&'static str>,
    surface: Option<&'static str>,
    tenant: Option<String>,
    region: Option<String>,
    indicator: Option<String>,
    confidence: Option<&'static str>,
    file: Option<&'c str>,
    line: Option<u32>,
    catalogue_version: &'c str,
}

impl<'c> Explained<'c> {
    fn new(catalogue: &'c Catalogue, name: String) -> Self {
        let found = catalogue.matcher().match_name(name.as_bytes());
        let found = found.as_ref();
        Self {
            service_id: found.map(|found| found.service.id.as_str()),
            specificity: found.map(|found| found.specificity.as_str()),
            surface: found.map(|found| found.surface.as_str()),
            tenant: found.and_then(|found| found.tenant.as_deref().map(Into::into)),
            region: found.and_then(|found| found.region.as_deref().map(Into::into)),
            indicator: found.map(|found| found.indicator.to_string()),
            confidence: found.map(|found| found.indicator.confidence().as_str()),
            file: found.map(|found| found.indicator.file()),
            line: found.map(|found| found.indicator.line()),
            catalogue_version: catalogue.version(),
            name,
        }
    }
}

impl Row for Explained<'_> {
    const HEADER: &'static [&'static str] = &[
        "name",
        "service",
        "specificity",
        "surface",
        "tenant",
        "region",
        "indicator",
        "confidence",
        "where",
    ];
    const NONE: &'static str = "no names";

    fn cells(&self) -> Vec<String> {
        let shown = |text: &Option<String>| text.clone().unwrap_or_default();
        let place = self.file.zip(self.line);
        vec![
            self.name.escape_default().to_string(),
            self.service_id.unwrap_or("none").to_owned(),
            self.specificity.unwrap_or_default().to_owned(),
            self.surface.unwrap_or_default().to_owned(),
            shown(&self.tenant),
            shown(&self.region),
            shown(&self.indicator),
            self.confidence.unwrap_or_default().to_owned(),
            place.map_or_else(String::new, |(file, line)| format!("{file}:{line}")),
        ]
    }
}

pub(super) fn explain(
    place: &Place,
    which: &Which,
    names: Vec<String>,
    format: Format,
) -> Result<()> {
    let catalogue = which.load(place)?;
    if format == Format::Json {
        let mut out = BufWriter::new(io::stdout().lock());
        each(names, |name| {
            serde_json::to_writer(&mut out, &Explained::new(&catalogue, name))?;
            Ok(out.write_all(b"\n")?)
        })?;
        return Ok(out.flush()?);
    }
    let mut rows = Vec::new();
    each(names, |name| {
        rows.push(Explained::new(&catalogue, name));
        Ok(())
    })?;
    output::rows(&rows, format)
}

/// Goes through the names that were given, or else through the lines of standard input that are not empty.
fn each(names: Vec<String>, mut name: impl FnMut(String) -> Result<()>) -> Result<()> {
    if !names.is_empty() {
        return names.into_iter().try_for_each(name);
    }
    let mut input = BufReader::new(io::stdin().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if read.context("read the names")? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if !text.is_empty() {
            name(text.to_owned())?;
        }
    }
}
