//! Fetches all pages of an answer and prints it in the format asked for.

use std::io::{self, IsTerminal as _, Write as _};

use inventory::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{Output, Session, service};
use crate::api::views::{CoverageView, ServiceView};
use crate::ctl::args::Format;
use crate::ctl::client::Params;
use crate::ctl::failure::Failure;
use crate::ctl::output::{Cell, Column, count, footer, notes, pretty, render, write_csv};

/// Rows fetched when no limit is asked for.
const MAX_ROWS: usize = 10_000;
/// Rows of one page.
const PAGE_ROWS: usize = 1000;

/// A kind of row.
pub(super) trait Row: DeserializeOwned {
    /// Path of the API.
    const PATH: &'static str;
    /// What is said instead of an empty table.
    const NONE: &'static str;
    /// Of the table.
    const COLUMNS: &'static [Column];
    /// Header of the CSV.
    const CSV: &'static [&'static str];

    /// Cells of the table.
    fn cells(&self, now: Timestamp) -> Vec<Cell>;

    /// Cells of the CSV.
    fn csv(&self) -> Vec<String>;

    /// Puts the rows of a table in the order in which people want to read them.
    fn sort(_rows: &mut [Self]) {}

    /// What is said below the table.
    fn closing(_rows: &[Self], _coverage: &CoverageView, _now: Timestamp) -> Vec<String> {
        Vec::new()
    }
}

/// An answer, as it came.
struct Fetched {
    items: Vec<Box<RawValue>>,
    coverage: Box<RawValue>,
    next: Option<String>,
}

/// Asks and prints.
pub(super) fn show<R: Row>(
    session: &Session,
    params: Params,
    output: &Output,
) -> Result<(), Failure> {
    let fetched = fetch(session, R::PATH, params, output)?;
    print::<R>(&fetched, output.format, session.now)?;
    if let Some(next) = &fetched.next {
        let shown = u64::try_from(fetched.items.len()).unwrap_or(u64::MAX);
        note(&format!(
            "gnomon: these are the first {} rows, and there are more. Ask for less (--since, \
             --service, --device), raise --limit, or go on with --next {next}",
            count(shown)
        ));
    }
    Ok(())
}

/// Asks for one service and prints it.
pub(super) fn show_one(
    session: &Session,
    id: &str,
    params: &Params,
    format: Format,
) -> Result<(), Failure> {
    let path = format!("{}/{}", ServiceView::PATH, segment(id));
    let page = session.client.page(&path, params)?;
    let fetched = Fetched {
        items: page.items,
        coverage: page.coverage,
        next: page.next,
    };
    if format != Format::Table {
        return print::<ServiceView>(&fetched, format, session.now);
    }
    let (rows, coverage) = read::<ServiceView>(&fetched)?;
    let mut blocks: Vec<String> = (rows.iter())
        .map(|row| service::page(row, session.now))
        .collect();
    blocks.push(format!("Coverage: {}.", footer(&coverage, session.now)));
    line(&blocks.join("\n\n"))
}

/// An id as one segment of a path: whatever is no part of an id is escaped.
fn segment(id: &str) -> String {
    let mut segment = String::new();
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            segment.push(byte.into());
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

fn fetch(
    session: &Session,
    path: &str,
    params: Params,
    output: &Output,
) -> Result<Fetched, Failure> {
    let wanted = output
        .limit
        .map_or(MAX_ROWS, |limit| usize::try_from(limit).unwrap_or(MAX_ROWS));
    let mut items: Vec<Box<RawValue>> = Vec::new();
    let mut next = output.next.clone();
    let progress = io::stderr().is_terminal();
    loop {
        let mut asked = params.clone();
        let rest = wanted.saturating_sub(items.len()).min(PAGE_ROWS);
        asked.push(("limit", rest.to_string()));
        asked.extend(next.take().map(|next| ("next", next)));
        let page = session.client.page(path, &asked)?;
        items.extend(page.items);
        let done = page.next.is_none() || items.len() >= wanted;
        if progress && (!done || items.len() > PAGE_ROWS) {
            let end = if done { "\r\u{1b}[K" } else { "" };
            let text = format!("\r{} rows{end}", items.len());
            io::stderr().write_all(text.as_bytes()).unwrap_or_default();
        }
        if done {
            return Ok(Fetched {
                items,
                coverage: page.coverage,
                next: page.next,
            });
        }
        next = page.next;
    }
}

fn print<R: Row>(fetched: &Fetched, format: Format, now: Timestamp) -> Result<(), Failure> {
    if format == Format::Json {
        return line(&pretty(&object(fetched)));
    }
    let (mut rows, coverage) = read::<R>(fetched)?;
    if format == Format::Csv {
        write_csv(io::stdout().lock(), R::CSV, rows.iter().map(Row::csv))?;
        note(&format!("gnomon: coverage: {}", footer(&coverage, now)));
        return Ok(());
    }
    R::sort(&mut rows);
    line(&page(&rows, &coverage, now))
}

/// The rows, and their coverage.
fn read<R: Row>(fetched: &Fetched) -> Result<(Vec<R>, CoverageView), Failure> {
    let newer = |_| {
        Failure::failed("the collector's answer is of another version")
            .hint("--format json shows it as it is; or use the gnomon of that version")
    };
    let mut rows: Vec<R> = Vec::with_capacity(fetched.items.len());
    for item in &fetched.items {
        rows.push(serde_json::from_str(item.get()).map_err(newer)?);
    }
    let coverage = serde_json::from_str(fetched.coverage.get()).map_err(newer)?;
    Ok((rows, coverage))
}

fn object(
    Fetched {
        items,
        coverage,
        next,
    }: &Fetched,
) -> String {
    let items: Vec<&str> = items.iter().map(|item| item.get()).collect();
    let next = serde_json::Value::from(next.clone());
    let (items, coverage) = (items.join(","), coverage.get());
    format!("{{\"items\":[{items}],\"coverage\":{coverage},\"next\":{next}}}")
}

fn page<R: Row>(rows: &[R], coverage: &CoverageView, now: Timestamp) -> String {
    let mut blocks = Vec::new();
    let mut closing = R::closing(rows, coverage, now);
    if rows.is_empty() {
        blocks.push(R::NONE.to_owned());
    } else {
        let cells: Vec<Vec<Cell>> = rows.iter().map(|row| row.cells(now)).collect();
        let rendered = render(R::COLUMNS, &cells);
        blocks.push(rendered.text);
        if !rendered.left_out.is_empty() {
            closing.push(format!(
                "No room for {}: widen the terminal, or use --format csv.",
                rendered.left_out.join(", ")
            ));
        }
    }
    closing.push(format!("Coverage: {}.", footer(coverage, now)));
    closing.extend(notes(coverage));
    blocks.push(closing.join("\n"));
    blocks.join("\n\n")
}

/// Prints one text on stdout.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.write_all(b"\n")?;
    Ok(stdout.flush()?)
}

/// Says something on stderr that is no part of the answer.
pub(super) fn note(text: &str) {
    // Nobody is left to tell when this cannot be printed.
    io::stderr()
        .write_all(format!("{text}\n").as_bytes())
        .unwrap_or_default();
}
