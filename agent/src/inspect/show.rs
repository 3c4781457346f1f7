//! `show`: what has been reported from this machine, in words, for whoever it is about.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use anyhow::{Context, Result, bail};

use super::{Answer, print_json};
use crate::cli::Format;
use crate::config::Config;
use crate::console::print;
use crate::row::{self, Row};
use crate::state::{StateDir, journal};
use crate::table::csv;
use crate::text::{bytes, counted, printable};

/// Observed names that are listed for one service.
const SHOWN_EVIDENCE: usize = 5;

/// Prints what was reported.
pub(crate) fn show(config: &Config, format: Format) -> Result<()> {
    let state = StateDir::new(&config.state_dir);
    let rows = match journal::read(&state) {
        Ok(rows) => rows,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => bail!(
            "{} may not be read by this user: it tells of more than this machine (the agent \
             watches a network, or replayed a capture)",
            state.journal_file().display()
        ),
        Err(error) => {
            return Err(error).context("what was reported cannot be read");
        }
    };
    match format {
        Format::Json => print_json(&Answer::new(rows)),
        Format::Csv => {
            let rows: Vec<Vec<String>> = rows.iter().map(row::csv_row).collect();
            print(&csv(&row::CSV_HEADER, &rows)?)
        }
        Format::Table => print(describe(&rows).as_bytes()),
    }
}

/// All rows of one service on one device, as one paragraph.
#[derive(Default)]
struct Paragraph<'r> {
    rows: Vec<&'r Row>,
}

fn describe(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "Nothing has been reported from here: no AI service was seen, or nothing was \
                delivered yet (gnomon-agent status says which).\n"
            .to_owned();
    }
    let mut paragraphs: BTreeMap<(&str, &str, &str), Paragraph<'_>> = BTreeMap::new();
    for row in rows {
        let key = (
            row.service_name.as_str(),
            row.surface.as_str(),
            row.device.as_str(),
        );
        paragraphs.entry(key).or_default().rows.push(row);
    }
    let mut text = String::from(
        "This is what has been reported to the collector. It is about connections to AI \
         services only:\nwhat was typed, sent or received is never read, and other sites are \
         never reported.\n",
    );
    for ((service, surface, device), paragraph) in &paragraphs {
        let written = write!(text, "\n{} ({surface}), {device}\n", printable(service));
        debug_assert!(written.is_ok(), "writing to memory cannot fail");
        paragraph.write(&mut text);
    }
    text
}

impl Paragraph<'_> {
    fn write(&self, text: &mut String) {
        let sum = |figure: fn(&Row) -> u64| {
            self.rows
                .iter()
                .fold(0_u64, |sum, row| sum.saturating_add(figure(row)))
        };
        let first = self
            .rows
            .iter()
            .map(|row| row.first_seen.as_str())
            .min()
            .unwrap_or_default();
        let last = self
            .rows
            .iter()
            .map(|row| row.last_seen.as_str())
            .max()
            .unwrap_or_default();
        let mut line = |label: &str, value: &str| {
            let written = writeln!(text, "  {label:<12} {}", printable(value));
            debug_assert!(written.is_ok(), "writing to memory cannot fail");
        };
        line("seen", &format!("from {first} to {last}"));
        line(
            "traffic",
            &format!(
                "{}, {} sent, {} received",
                counted(sum(|row| row.flow_count), "connection"),
                bytes(sum(|row| row.bytes_out)),
                bytes(sum(|row| row.bytes_in))
            ),
        );
        line("how far", self.stage());
        line("seen by", &self.evidence());
        let Some(row) = self.rows.first() else { return };
        line("program", row.process.as_deref().unwrap_or("not known"));
        line("user", row.user.as_deref().unwrap_or("not reported"));
        if let Some(tenant) = &row.tenant {
            line("account", tenant);
        }
    }

    fn stage(&self) -> &'static str {
        let has = |stage: &str| self.rows.iter().any(|row| row.stage == stage);
        if has("used") {
            "used: data went back and forth"
        } else if has("contacted") {
            "contacted: a connection was opened; it may have been automatic"
        } else if has("resolved") {
            "looked up: only the name was asked for"
        } else {
            "present on the machine"
        }
    }

    fn evidence(&self) -> String {
        let mut seen: Vec<String> = Vec::new();
        for evidence in self.rows.iter().flat_map(|row| &row.evidence) {
            let text = format!("{} in {}", evidence.value, kind(&evidence.kind));
            if !seen.contains(&text) {
                seen.push(text);
            }
        }
        let more = seen.len().saturating_sub(SHOWN_EVIDENCE);
        seen.truncate(SHOWN_EVIDENCE);
        if more > 0 {
            seen.push(format!("and {more} more"));
        }
        seen.join(", ")
    }
}

fn kind(kind: &str) -> &str {
    match kind {
        "tls_sni" | "quic_sni" => "the opening of an encrypted connection",
        "dns_query" => "a name look-up",
        "http_host" => "an unencrypted request",
        "http_connect" => "a request to a proxy",
        "dns_correlated" => "the look-up before a connection",
        "process" => "a running program",
        "artefact" => "an installed program",
        other => other,
    }
}
