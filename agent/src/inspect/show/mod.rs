//! `show`: what has been reported from this machine and what will be, in words, for whoever it is about.

mod paragraph;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::{Answer, print_json};
use crate::cli::Format;
use crate::config::endpoint::Backend;
use crate::config::{Config, Mode};
use crate::console::print;
use crate::privacy::Shown;
use crate::row::{self, Row};
use crate::state::status::Found;
use crate::state::waiting::Waiting;
use crate::state::{StateDir, journal, status};
use crate::table::csv;
use crate::text::{counted, printable, span};
use paragraph::Paragraph;

/// Prints what was reported and what waits.
pub(crate) fn show(config: &Config, format: Format) -> Result<()> {
    let state = StateDir::new(&config.state_dir);
    let reported = readable(&state, journal::read(&state))?;
    let waiting = readable(&state, Waiting::read(&state))?;
    let users = match status::read(&state, crate::text::now()) {
        Ok(Found::Running(status) | Found::Ended(status)) => status.privacy,
        Ok(Found::Nothing) | Err(_) => Shown::default(),
    };
    match format {
        Format::Json => print_json(&Answer::new(marked(&reported, &waiting))),
        Format::Csv => {
            let rows: Vec<Vec<String>> = marked(&reported, &waiting)
                .iter()
                .map(|marked| {
                    let mut cells = row::csv_row(marked.row);
                    cells.push(marked.state.to_owned());
                    cells
                })
                .collect();
            let header: Vec<&str> = row::CSV_HEADER.into_iter().chain(["state"]).collect();
            print(&csv(&header, &rows)?)
        }
        Format::Table => print(describe(&reported, &waiting, config, &users).as_bytes()),
    }
}

fn readable<T>(state: &StateDir, read: io::Result<T>) -> Result<T> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => bail!(
            "{} may not be read by this user: it tells of more than this machine (the agent \
             watches a network, or replayed a capture)",
            state.journal_file().display()
        ),
        other => other.context("what was reported cannot be read"),
    }
}

/// A row, and whether it has left.
#[derive(Serialize)]
struct Marked<'r> {
    /// `reported` or `waiting`.
    state: &'static str,
    #[serde(flatten)]
    row: &'r Row,
}

fn marked<'r>(reported: &'r [Row], waiting: &'r Waiting) -> Vec<Marked<'r>> {
    let mark = |state| move |row| Marked { state, row };
    (reported.iter().map(mark("reported")))
        .chain(waiting.rows.iter().map(mark("waiting")))
        .collect()
}

fn describe(reported: &[Row], waiting: &Waiting, config: &Config, users: &Shown) -> String {
    let mut text = String::new();
    if reported.is_empty() {
        text.push_str(
            "Nothing has been reported from here: no AI service was seen, or nothing was \
             delivered yet (gnomon-agent status says which).\n",
        );
    } else {
        text.push_str(
            "This is what has been reported to the collector. It is about AI services only:\n\
             what was typed, sent or received is never read, and other sites are never reported.\n",
        );
        paragraphs(reported, &mut text);
    }
    if !waiting.rows.is_empty() {
        text.push_str("\nThis waits and will be reported:\n");
        paragraphs(&waiting.rows, &mut text);
    }
    if waiting.more > 0 {
        let more = counted(waiting.more, "record");
        text.push_str(&format!("\n{more} more wait behind that.\n"));
    }
    text.push_str("\nWhat is reported from here, by how this agent is set up:\n");
    for line in set_up(config, users) {
        text.push_str(&format!("  {}\n", printable(&line)));
    }
    text.push_str("gnomon-agent notice tells the whole of it.\n");
    text
}

/// What the settings let out, a line each.
fn set_up(config: &Config, users: &Shown) -> Vec<String> {
    let endpoint = config.mode == Mode::Endpoint;
    let attributed = endpoint && config.attribution != Backend::Off;
    let mut lines = vec![format!("Users are {}.", users.line())];
    lines.push(if attributed {
        "The program that made a connection is reported, with what started it; arguments never."
            .to_owned()
    } else {
        "Programs and users behind connections are not looked for.".to_owned()
    });
    lines.push(if endpoint && config.presence.enabled {
        "AI programs, extensions, MCP servers and models that are installed or run are reported, \
         though nothing is sent by them."
            .to_owned()
    } else {
        "What is installed is not looked for.".to_owned()
    });
    let interval = span(config.report_interval);
    lines.push(format!(
        "What was seen in the last {interval} may not be listed yet."
    ));
    lines
}

/// One paragraph for each service, program and user.
fn paragraphs(rows: &[Row], text: &mut String) {
    let mut paragraphs: BTreeMap<[&str; 5], Paragraph<'_>> = BTreeMap::new();
    for row in rows {
        let key = [
            row.service_name.as_str(),
            row.surface.as_str(),
            row.device.as_str(),
            row.process.as_deref().unwrap_or_default(),
            row.user.as_deref().unwrap_or_default(),
        ];
        paragraphs.entry(key).or_default().rows.push(row);
    }
    for ([service, surface, device, _, _], paragraph) in &paragraphs {
        text.push_str(&format!("\n{} ({surface}), {device}\n", printable(service)));
        paragraph.write(text);
    }
}
