//! `gnomon policy`: deciding about services.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use inventory::Timestamp;
use serde::Deserialize;

use super::look::{status, urgency};
use super::show::{Row, line, show};
use super::{Params, Session};
use crate::api::views::{DecisionView, ImportView, NewDecisionView, ScopeView};
use crate::ctl::args::{
    AskSensors, Format, PolicyCommand, PolicyImport, PolicyRemove, PolicySet, ScopeArgs,
};
use crate::ctl::failure::Failure;
use crate::ctl::output::{Cell, Column, Tone, ago, clean, moment, plural, pretty, write_csv};

/// Longest policy file that is sent.
const MAX_FILE: u64 = 4 << 20;

pub(in crate::ctl) fn policy(session: &Session, command: PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::Set(set) => decide(session, set),
        PolicyCommand::List(AskSensors { output }) => {
            show::<DecisionView>(session, Params::new(), &output)
        }
        PolicyCommand::Remove(remove) => take_back(session, remove),
        PolicyCommand::Import(import) => bring_in(session, &import),
        PolicyCommand::Export => {
            let text = session.client.get("/policies/export", &Params::new())?;
            line(text.trim_end())
        }
    }
}

/// An answer with rows of one kind.
#[derive(Debug, Deserialize)]
struct Rows<T> {
    items: Vec<T>,
}

fn rows<T: for<'de> Deserialize<'de>>(text: &str) -> Result<Vec<T>, Failure> {
    serde_json::from_str::<Rows<T>>(text)
        .map(|rows| rows.items)
        .map_err(|_| {
            Failure::failed("it is done, but the collector's answer is of another version")
        })
}

fn decide(session: &Session, set: PolicySet) -> Result<(), Failure> {
    let ScopeArgs {
        device,
        user,
        tenant,
    } = set.scope;
    let body = NewDecisionView {
        status: set.status.to_string(),
        reason: set.reason,
        expires: set
            .expires
            .map(|when| when.resolve(session.now).to_string()),
        device,
        user,
        tenant,
    };
    let body = serde_json::to_string(&body)
        .map_err(|error| Failure::failed(format!("cannot write the decision: {error}")))?;
    let text = session.client.put(&path(&set.service)?, &body)?;
    match set.format {
        Format::Json => line(&pretty(&text)),
        Format::Csv => {
            let rows: Vec<DecisionView> = rows(&text)?;
            let rows = rows.iter().map(Row::csv);
            Ok(write_csv(io::stdout().lock(), DecisionView::CSV, rows)?)
        }
        Format::Table => {
            for decision in rows::<DecisionView>(&text)? {
                line(&told(&decision))?;
            }
            Ok(())
        }
    }
}

fn told(decision: &DecisionView) -> String {
    let name = clean(&decision.service.name);
    let until = decision
        .expires
        .map(|at| format!(" until {}", moment(at)))
        .unwrap_or_default();
    let scope = clean(&scope(&decision.scope));
    format!(
        "{name} is {} for {scope}{until}.",
        clean(&decision.status).replace('_', " ")
    )
}

fn take_back(session: &Session, remove: PolicyRemove) -> Result<(), Failure> {
    let ScopeArgs {
        device,
        user,
        tenant,
    } = remove.scope;
    let parts = [("device", device), ("user", user), ("tenant", tenant)];
    let params: Params = parts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    session.client.delete(&path(&remove.service)?, &params)?;
    let service = clean(&remove.service);
    line(&format!(
        "The decision about {service} is taken back; what it was for is discovered again, or as a wider decision says."
    ))
}

fn bring_in(session: &Session, import: &PolicyImport) -> Result<(), Failure> {
    let text = read(&import.file)?;
    let mode = if import.replace { "replace" } else { "merge" };
    let params = vec![("mode", mode.to_owned())];
    let answer = session.client.post("/policies/import", &params, &text)?;
    match import.format {
        Format::Json => line(&pretty(&answer)),
        Format::Csv => {
            let rows: Vec<ImportView> = rows(&answer)?;
            let rows = rows.iter().map(|one| {
                vec![
                    one.set.to_string(),
                    one.unchanged.to_string(),
                    one.removed.to_string(),
                ]
            });
            Ok(write_csv(
                io::stdout().lock(),
                &["set", "unchanged", "removed"],
                rows,
            )?)
        }
        Format::Table => {
            for one in rows::<ImportView>(&answer)? {
                let set = plural(one.set.into(), "decision", "decisions");
                line(&format!(
                    "{set} set, {} unchanged, {} ended.",
                    one.unchanged, one.removed
                ))?;
            }
            Ok(())
        }
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let shown = file.display();
    let refused = |error: io::Error| Failure::usage(format!("cannot read {shown}: {error}"));
    let mut text = String::new();
    let limit = MAX_FILE.saturating_add(1);
    if file == Path::new("-") {
        io::stdin()
            .lock()
            .take(limit)
            .read_to_string(&mut text)
            .map_err(refused)?;
    } else {
        let file = fs::File::open(file).map_err(refused)?;
        file.take(limit)
            .read_to_string(&mut text)
            .map_err(refused)?;
    }
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_FILE {
        return Err(Failure::usage(format!(
            "{shown} is longer than {MAX_FILE} bytes"
        )));
    }
    Ok(text)
}

/// Ids have no character that a path would have to escape; whatever has one is no id.
fn path(service: &str) -> Result<String, Failure> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if service.is_empty() || !service.chars().all(fits) || service.starts_with('.') {
        return Err(Failure::usage(format!("{service:?} is no id of a service"))
            .hint("`gnomon services` shows the ids of those in use"));
    }
    Ok(format!("/policies/{service}"))
}

/// For whom, in words.
fn scope(scope: &ScopeView) -> String {
    let parts = [
        ("user", &scope.user),
        ("device", &scope.device),
        ("tenant", &scope.tenant),
    ];
    let parts = parts
        .iter()
        .filter_map(|(what, value)| Some(format!("{what} {}", value.as_ref()?)));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        "everybody".to_owned()
    } else {
        parts.join(", ")
    }
}

impl Row for DecisionView {
    const PATH: &'static str = "/policies";
    const NONE: &'static str = "Nothing is decided yet: every service is discovered, and counts as unsanctioned.\n\
         Decide with: gnomon policy set SERVICE sanctioned|tolerated|prohibited";
    const COLUMNS: &'static [Column] = &[
        Column::left("STATUS", 0),
        Column::left("SERVICE", 0),
        Column::left("NAME", 3),
        Column::left("FOR", 0),
        Column::left("UNTIL", 0),
        Column::left("BY", 1),
        Column::left("DECIDED", 2),
        Column::left("REASON", 4),
    ];
    const CSV: &'static [&'static str] = &[
        "service",
        "service_name",
        "status",
        "device",
        "user",
        "tenant",
        "reason",
        "expires",
        "expired",
        "decided_by",
        "decided_at",
    ];

    fn cells(&self, now: Timestamp) -> Vec<Cell> {
        let until = match self.expires {
            Some(at) if self.expired => {
                Cell::new(&format!("expired {}", ago(at, now))).tone(Tone::Bad)
            }
            Some(at) => Cell::new(&moment(at)),
            None => Cell::new("for good"),
        };
        vec![
            status(&self.status, &self.status),
            Cell::new(&self.service.id),
            Cell::new(&self.service.name),
            Cell::new(&scope(&self.scope)),
            until,
            Cell::new(&self.decided_by),
            Cell::new(&ago(self.decided_at, now)),
            Cell::or_dash(Some(&self.reason)),
        ]
    }

    fn csv(&self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            self.service.id.clone(),
            self.service.name.clone(),
            self.status.clone(),
            text(&self.scope.device),
            text(&self.scope.user),
            text(&self.scope.tenant),
            self.reason.clone(),
            self.expires.map(|at| at.to_string()).unwrap_or_default(),
            self.expired.to_string(),
            self.decided_by.clone(),
            self.decided_at.to_string(),
        ]
    }

    fn sort(rows: &mut [Self]) {
        rows.sort_by_key(|row| {
            (
                urgency(&row.status),
                row.service.id.clone(),
                scope(&row.scope),
            )
        });
    }
}
