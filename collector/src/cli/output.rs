//! What commands print: rows as a table, JSON or CSV on stdout, errors on
//! stderr.

use std::io::{self, Write};

use anyhow::Result;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use inventory::Timestamp;
use serde::Serialize;

/// How rows are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Table,
    /// One object: {"items":[...],"coverage":null,"next":null}
    Json,
    /// With a header line
    Csv,
}

/// A kind of row that a command lists.
pub(super) trait Row: Serialize {
    const HEADER: &'static [&'static str];
    /// What is said instead of an empty table.
    const NONE: &'static str;

    fn cells(&self) -> Vec<String>;
}

#[derive(Serialize)]
struct Answer<'a, T> {
    items: &'a [T],
    coverage: Option<()>,
    next: Option<String>,
}

/// Prints rows.
pub(super) fn rows<T: Row>(rows: &[T], format: Format) -> Result<()> {
    match format {
        Format::Table if rows.is_empty() => line(T::NONE),
        Format::Table => {
            let mut table = Table::new();
            table
                .load_style(NOTHING)
                .set_header(T::HEADER.iter().map(|name| name.to_uppercase()));
            for row in rows {
                table.add_row(row.cells());
            }
            let lines: Vec<_> = table
                .lines()
                .map(|line| line.trim_end().to_owned())
                .collect();
            line(&lines.join("\n"))
        }
        Format::Json => {
            let answer = Answer {
                items: rows,
                coverage: None,
                next: None,
            };
            line(&serde_json::to_string_pretty(&answer)?)
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(io::stdout().lock());
            writer.write_record(T::HEADER)?;
            for row in rows {
                writer.write_record(row.cells())?;
            }
            Ok(writer.flush()?)
        }
    }
}

/// A time in a table or CSV: to the second.
pub(super) fn moment(time: Timestamp) -> String {
    let second = 1_000_000_000;
    let whole = time.as_nanos().div_euclid(second).saturating_mul(second);
    Timestamp::from_nanos(whole).to_string()
}

/// Prints one line on stdout.
pub(super) fn line(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    Ok(stdout.flush()?)
}

/// Says something on stderr that is no part of the output.
pub(super) fn note(text: &str) {
    // Nobody is left to tell when this cannot be printed.
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}

/// Says on stderr what went wrong, with its causes, once each.
pub(super) fn complain(error: &anyhow::Error) {
    let mut text = String::from("gnomon-collector: ");
    let mut last = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if last.is_empty() {
            text.push_str(&cause);
        } else if !last.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        last = cause;
    }
    note(&text);
}

/// Whether whoever read the output has gone, as `head` does.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error
        .root_cause()
        .downcast_ref::<io::Error>()
        .map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}
