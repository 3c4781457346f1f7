//! `scan`: the whole job of the sensor on capture files, without a collector.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use flow::{Aggregator, AggregatorConfig, Engine, EngineConfig, Epoch, Output};
use serde::Serialize;
use signatures::Catalogue;
use wire::Frame;

use super::files::{Read, Reader, read, warn_of_damage};
use super::rows::Rows;
use crate::cli::Format;
use crate::console::{print, print_json, say};
use crate::coverage::Coverage;
use crate::row::{CSV_HEADER, Row, csv_row, evidence};
use crate::ship::convert::{self, Source};
use crate::table::{Align, columns, csv};
use crate::text;

/// One window for everything: a scan counts over whole captures, and captures of this and the
/// last half-century fit in.
const WINDOW: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Evidence that is shown for one row of the table; JSON has all of it.
const SHOWN_EVIDENCE: usize = 2;

/// What a scan answers.
#[derive(Serialize)]
struct Answer {
    items: Rows,
    coverage: Scanned,
    next: Option<String>,
}

/// What the answer rests on.
#[derive(Serialize)]
struct Scanned {
    captures: Vec<Scan>,
    #[serde(flatten)]
    seen: Coverage,
}

/// One capture that was read.
#[derive(Serialize)]
struct Scan {
    path: PathBuf,
    frames: u64,
    bytes: u64,
    damage: Option<String>,
}

/// Scans `captures` as one body of traffic and prints what was found.
pub(crate) fn scan(captures: &[PathBuf], catalogue: Arc<Catalogue>, format: Format) -> Result<()> {
    #[cfg(target_os = "linux")]
    crate::memory::expect_a_short_run();
    let mut aggregator = Aggregator::new(AggregatorConfig {
        window: WINDOW,
        report_interval: WINDOW,
        ..AggregatorConfig::new(Epoch([0; 16]))
    });
    let mut scans = Vec::new();
    let mut failed = 0;
    for (source, path) in (0..=u16::MAX).zip(captures) {
        let is_last = captures.len() == usize::from(source).saturating_add(1);
        match scan_one(path, (source, is_last), &catalogue, &mut aggregator) {
            Ok(read) => {
                warn_of_damage(path, &read);
                scans.push(Scan {
                    path: path.clone(),
                    frames: read.stats.received,
                    bytes: read.stats.bytes,
                    damage: read.damage.map(|damage| damage.to_string()),
                });
            }
            Err(error) => {
                say(&format!("error: {error:#}"));
                failed += 1;
            }
        }
    }
    if !scans.is_empty() {
        print_answer(collect(aggregator, catalogue, scans), format)?;
    }
    if failed > 0 {
        bail!("{} could not be read", text::counted(failed, "capture"));
    }
    Ok(())
}

/// The engine of one capture, and the aggregator of all.
struct Scanning<'a> {
    engine: Engine,
    aggregator: &'a mut Aggregator,
}

impl Reader for Scanning<'_> {
    fn frames(&mut self, frames: &[Frame<'_>]) {
        self.engine.handle_frames(frames);
        self.collect();
    }
}

impl Scanning<'_> {
    fn collect(&mut self) {
        while let Some(report) = self.engine.poll_report() {
            self.aggregator.record(report);
        }
    }
}

fn scan_one(
    path: &Path,
    (source, is_last): (u16, bool),
    catalogue: &Arc<Catalogue>,
    aggregator: &mut Aggregator,
) -> Result<Read> {
    let engine = Engine::new(EngineConfig {
        source,
        catalogue: Arc::clone(catalogue),
        window: WINDOW,
        report_interval: WINDOW,
        ..EngineConfig::default()
    });
    let mut scanning = Scanning { engine, aggregator };
    let read = read(path, &mut scanning)?;
    scanning.engine.finish();
    scanning.collect();
    let seen = scanning.engine.take_coverage();
    scanning.aggregator.record_coverage(source, seen);
    if is_last {
        leave_to_exit(scanning.engine);
    }
    Ok(read)
}

fn collect(mut aggregator: Aggregator, catalogue: Arc<Catalogue>, captures: Vec<Scan>) -> Answer {
    aggregator.finish();
    let mut found = Vec::from(aggregator.take_findings());
    let mut seen = Coverage::default();
    while let Some(output) = aggregator.poll() {
        match output {
            Output::Finding(finding) => found.push(finding),
            Output::Coverage(window) => seen.add(&convert::coverage(window, Source::Replay)),
        }
    }
    leave_to_exit(aggregator);
    Answer {
        items: Rows::new(found, catalogue),
        coverage: Scanned { captures, seen },
        next: None,
    }
}

/// What is kept to the end is not taken apart: the system takes its memory back in one piece.
fn leave_to_exit<T>(value: T) {
    std::mem::forget(value);
}

fn print_answer(answer: Answer, format: Format) -> Result<()> {
    match format {
        Format::Json => print_json(&answer),
        Format::Csv => {
            let rows: Vec<_> = answer.items.take().map(|row| csv_row(&row)).collect();
            print(&csv(&CSV_HEADER, &rows)?)
        }
        Format::Table => {
            let closing = closing(&answer);
            if !answer.items.is_empty() {
                let rows: Vec<_> = answer.items.take().map(|row| table_row(&row)).collect();
                print(columns(&TABLE_HEADER, &rows).as_bytes())?;
            }
            say(&closing);
            Ok(())
        }
    }
}

/// What was found in all, and what could not be seen.
fn closing(answer: &Answer) -> String {
    let seen = &answer.coverage.seen;
    let mut text = if answer.items.is_empty() {
        format!(
            "no AI services found in {} ({})",
            text::counted(seen.flows, "flow"),
            text::counted(seen.frames, "frame")
        )
    } else {
        let found = u64::try_from(answer.items.services()).unwrap_or(u64::MAX);
        format!(
            "{} found in {} ({})",
            text::counted(found, "AI service"),
            text::counted(seen.flows, "flow"),
            text::counted(seen.frames, "frame")
        )
    };
    let spots = seen.blind_spots();
    if !spots.is_empty() {
        text.push_str("; what could not be seen: ");
        text.push_str(&spots.join(", "));
    }
    text
}

const TABLE_HEADER: [(&str, Align); 10] = [
    ("SERVICE", Align::Left),
    ("SURFACE", Align::Left),
    ("DEVICE", Align::Left),
    ("STAGE", Align::Left),
    ("FLOWS", Align::Right),
    ("OUT", Align::Right),
    ("IN", Align::Right),
    ("FIRST SEEN", Align::Left),
    ("LAST SEEN", Align::Left),
    ("EVIDENCE", Align::Left),
];

fn table_row(row: &Row) -> Vec<String> {
    let service = match &row.tenant {
        Some(tenant) => format!("{} ({tenant})", row.service_name),
        None => row.service_name.clone(),
    };
    let device = match (&row.device_address, row.device_names.first()) {
        (Some(address), Some(name)) => format!("{address} ({name})"),
        (Some(address), None) => address.to_string(),
        (None, _) => row.device.clone(),
    };
    let stage = match &row.stage_limit {
        Some(_) => format!("{} (one direction)", row.stage),
        None => row.stage.clone(),
    };
    vec![
        service,
        row.surface.clone(),
        device,
        stage,
        row.flow_count.to_string(),
        text::bytes(row.bytes_out),
        text::bytes(row.bytes_in),
        to_the_second(&row.first_seen),
        to_the_second(&row.last_seen),
        evidence(row, SHOWN_EVIDENCE),
    ]
}

fn to_the_second(time: &str) -> String {
    match time.split_once('.') {
        Some((second, _)) => format!("{second}Z"),
        None => time.to_owned(),
    }
}
