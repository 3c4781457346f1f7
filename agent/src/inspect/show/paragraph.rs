//! All that is or will be reported about one service, by one program and one user, as one paragraph.

use std::fmt::Write as _;

use crate::row::{EvidenceRow, Row};
use crate::text::{bytes, counted, printable};

/// Observed names that are listed for one service.
const SHOWN_EVIDENCE: usize = 8;

/// The rows of a paragraph.
#[derive(Default)]
pub(super) struct Paragraph<'r> {
    pub(super) rows: Vec<&'r Row>,
}

impl Paragraph<'_> {
    pub(super) fn write(&self, text: &mut String) {
        let sum = |figure: fn(&Row) -> u64| {
            self.rows
                .iter()
                .fold(0_u64, |sum, row| sum.saturating_add(figure(row)))
        };
        let times = |time: fn(&Row) -> &String| self.rows.iter().map(move |row| time(row).as_str());
        let first = times(|row| &row.first_seen).min().unwrap_or_default();
        let last = times(|row| &row.last_seen).max().unwrap_or_default();
        let mut line = |label: &str, value: &str| {
            let written = writeln!(text, "  {label:<12} {}", printable(value));
            debug_assert!(written.is_ok(), "writing to memory cannot fail");
        };
        line("seen", &format!("from {first} to {last}"));
        let flows = sum(|row| row.flow_count);
        if flows > 0 {
            let (sent, received) = (sum(|row| row.bytes_out), sum(|row| row.bytes_in));
            line(
                "traffic",
                &format!(
                    "{}, {} sent, {} received",
                    counted(flows, "connection"),
                    bytes(sent),
                    bytes(received)
                ),
            );
        }
        line("how far", self.stage());
        for evidence in self.evidence() {
            line("seen by", &evidence);
        }
        let Some(row) = self.rows.last() else { return };
        program(row, &mut line);
        line("user", &user(row));
        if let Some(reason) = &row.attribution.reason {
            line("", &format!("({reason})"));
        }
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
        } else if has("running") {
            "a program of it runs on this machine"
        } else {
            "present on this machine"
        }
    }

    fn evidence(&self) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for evidence in self.rows.iter().flat_map(|row| &row.evidence) {
            let text = in_words(evidence);
            if !seen.contains(&text) {
                seen.push(text);
            }
        }
        let more = seen.len().saturating_sub(SHOWN_EVIDENCE);
        seen.truncate(SHOWN_EVIDENCE);
        if more > 0 {
            seen.push(format!("and {more} more"));
        }
        seen
    }
}

/// The program: what it is, of what sort, and what else about it goes along.
fn program(row: &Row, line: &mut impl FnMut(&str, &str)) {
    let program = row.process.as_deref().unwrap_or("not known");
    match row.class.as_str() {
        "" | "unknown" => line("program", program),
        class => line(
            "program",
            &format!("{program} ({})", class.replace('-', " ")),
        ),
    }
    let Some(process) = &row.attribution.process else {
        return;
    };
    let mut more = vec![format!("process {}", process.pid)];
    if let Some(executable) = row.attribution.executable.as_deref()
        && executable != program
    {
        more.push(format!("program file {executable}"));
    }
    more.extend((process.package.iter()).map(|package| format!("package {package}")));
    more.extend((process.container.iter()).map(|id| format!("container {id}")));
    if process.sha256.is_some() {
        more.push("the program file's checksum".to_owned());
    }
    if !process.parents.is_empty() {
        more.push(format!("started by {}", process.parents.join(" < ")));
    }
    line("", &format!("with {}", more.join(", ")));
}

fn user(row: &Row) -> String {
    match row.user.as_deref() {
        None => "not reported".to_owned(),
        Some(label) if row.attribution.name_sealed => format!(
            "{label}, a pseudonym; the name goes along sealed, and only two officers together can open it"
        ),
        Some(label) if label.starts_with("u-") => {
            format!("{label}, a pseudonym; the name does not go along")
        }
        Some(name) => format!("{name}, the login name"),
    }
}

fn in_words(evidence: &EvidenceRow) -> String {
    let what = format!("{} in {}", evidence.value, kind(&evidence.kind));
    if evidence.attributes.is_empty() {
        return what;
    }
    let details = (evidence.attributes.iter()).map(|one| attribute(&one.name, &one.value));
    format!("{what} ({})", details.collect::<Vec<_>>().join(", "))
}

fn kind(kind: &str) -> &str {
    match kind {
        "tls_sni" | "quic_sni" => "the opening of an encrypted connection",
        "dns_query" => "a name look-up",
        "http_host" => "an unencrypted request",
        "http_connect" => "a request to a proxy",
        "dns_correlated" => "the look-up before a connection",
        "process" => "a running program",
        "artefact" => "what is installed or set up here",
        other => other,
    }
}

/// A detail as a person would say it; one that is not known here as it is.
fn attribute(name: &str, value: &str) -> String {
    match (name, value) {
        ("version", _) => format!("version {value}"),
        ("transport", _) => format!("reached by {value}"),
        ("pinned", "yes") => "fixed version".to_owned(),
        ("pinned", "no") => "any version".to_owned(),
        ("secret", "referenced") => "a secret is referred to, which is not reported".to_owned(),
        ("secret", _) => "a secret is set in it, which is not reported".to_owned(),
        ("permissions", _) => format!("may use {value}"),
        ("sites", _) => format!("on {value} sites"),
        ("enabled", "yes") => "turned on".to_owned(),
        ("enabled", "no") => "turned off".to_owned(),
        ("editor" | "browser", _) => format!("in {value}"),
        ("where", _) => format!("found in {value}"),
        ("launcher", _) => format!("started by {value}"),
        ("port", _) => format!("listens on port {value}"),
        ("bind", _) => format!("open to {value}"),
        ("bytes", _) => format!("{value} bytes"),
        ("format", _) => format!("format {value}"),
        ("domain", _) => format!("signed in with an account of {value}; the user part is not read"),
        ("freedom", _) => format!("how freely it may act: {value}"),
        ("approval", _) => format!("asks before it acts: {value}"),
        _ => format!("{name}: {value}"),
    }
}
