//! The policy as a file: to keep under version control, to review, to carry to another collector.
//!
//! TOML, one `[[decision]]` for each decision:
//!
//! ```toml
//! format = 1
//!
//! [[decision]]
//! service = "azure-openai"                # id in the catalogue
//! status = "sanctioned"                   # under_review, sanctioned, tolerated, prohibited, retired
//! tenant = "contoso-prod"                 # for whom: tenant, user, device; none of them: everybody
//! reason = "Data processing agreement of 3 March"
//! expires = "2027-03-31"                  # a date or RFC 3339; without it the decision stays
//! ```
//!
//! Who decided and when is not part of the file: whoever imports it decides.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::check::{MAX_IDENTIFIER, MAX_TEXT};
use crate::device::DeviceId;
use crate::policy::{NewDecision, Scope, Status};
use crate::time::Timestamp;

/// The format that this version writes and reads.
pub(super) const FORMAT: &str = "1";
/// Decisions in one file.
const MAX_DECISIONS: usize = 10_000;
/// Problems reported for one file.
const MAX_PROBLEMS: usize = 100;

/// Decisions read from a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PolicyFile {
    /// In the order of the file.
    pub decisions: Vec<NewDecision>,
}

/// One thing wrong with a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PolicyProblem {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Everything wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the policy file has {} problem(s)", .problems.len())]
pub struct PolicyFileError {
    /// In order of line.
    pub problems: Vec<PolicyProblem>,
}

impl PolicyFile {
    /// Reads a file. `known_service` says whether an id means something here.
    ///
    /// # Errors
    /// All problems of the file, each with its line.
    pub fn parse(
        text: &str,
        known_service: &dyn Fn(&str) -> bool,
    ) -> Result<Self, PolicyFileError> {
        let mut reading = Reading {
            text,
            known_service,
            problems: Vec::new(),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            reading.problem(error.span(), error.message().to_owned());
        }
        // After an error of syntax the rest may only look wrong.
        let decisions = if reading.problems.is_empty() {
            reading.file(table.get_ref())
        } else {
            Vec::new()
        };
        let mut problems = reading.problems;
        if problems.is_empty() {
            return Ok(Self { decisions });
        }
        problems.sort();
        problems.dedup();
        problems.truncate(MAX_PROBLEMS);
        Err(PolicyFileError { problems })
    }
}

/// The fields of one decision, as typed.
#[derive(Default)]
struct Fields {
    service: Option<String>,
    status: Option<Status>,
    tenant: Option<String>,
    user: Option<String>,
    device: Option<String>,
    reason: Option<String>,
    expires: Option<Timestamp>,
}

struct Reading<'a> {
    text: &'a str,
    known_service: &'a dyn Fn(&str) -> bool,
    problems: Vec<PolicyProblem>,
}

impl Reading<'_> {
    fn problem(&mut self, span: Option<Range<usize>>, message: String) {
        let start = span.map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = before
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count()
            .saturating_add(1);
        self.problems.push(PolicyProblem { line, message });
    }

    fn file(&mut self, table: &DeTable<'_>) -> Vec<NewDecision> {
        let mut decisions = Vec::new();
        let mut format = false;
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("format", DeValue::Integer(number)) if number.as_str() == FORMAT => format = true,
                ("format", _) => {
                    format = true;
                    let message = format!("format must be {FORMAT}, the only one known here");
                    self.problem(Some(value.span()), message);
                }
                ("decision", DeValue::Array(list)) => decisions = self.decisions(list.iter()),
                ("decision", _) => {
                    let message = "decisions are written as [[decision]]".to_owned();
                    self.problem(Some(value.span()), message);
                }
                (other, _) => {
                    let message =
                        format!("unknown key {other:?}; known are format and [[decision]]");
                    self.problem(Some(key.span()), message);
                }
            }
        }
        if !format {
            self.problem(None, format!("\"format = {FORMAT}\" is missing"));
        }
        decisions
    }

    fn decisions<'t>(
        &mut self,
        list: impl Iterator<Item = &'t Spanned<DeValue<'t>>>,
    ) -> Vec<NewDecision> {
        let mut seen: BTreeSet<(String, Scope)> = BTreeSet::new();
        let mut decisions = Vec::new();
        for item in list {
            let DeValue::Table(table) = item.get_ref() else {
                let message = "decisions are written as [[decision]]".to_owned();
                self.problem(Some(item.span()), message);
                continue;
            };
            let Some(decision) = self.decision(item.span(), table) else {
                continue;
            };
            let key = (decision.service.clone(), decision.scope.clone());
            if !seen.insert(key) {
                let message = format!(
                    "a second decision about {} for {}; keep one",
                    decision.service, decision.scope
                );
                self.problem(Some(item.span()), message);
            }
            decisions.push(decision);
            if decisions.len() > MAX_DECISIONS {
                self.problem(
                    Some(item.span()),
                    format!("more than {MAX_DECISIONS} decisions"),
                );
                break;
            }
        }
        decisions
    }

    fn decision(&mut self, span: Range<usize>, table: &DeTable<'_>) -> Option<NewDecision> {
        let before = self.problems.len();
        let mut fields = Fields::default();
        for (key, value) in table {
            self.field(&mut fields, key, value);
        }
        let whole = self.problems.len() == before;
        for (missing, name) in [
            (fields.service.is_none(), "service"),
            (fields.status.is_none(), "status"),
        ] {
            if missing && whole {
                self.problem(Some(span.clone()), format!("the decision has no {name}"));
            }
        }
        (self.problems.len() == before).then_some(())?;
        Some(NewDecision {
            service: fields.service?,
            scope: Scope {
                device: fields.device.map(DeviceId::from_stored),
                user: fields.user,
                tenant: fields.tenant,
            },
            status: fields.status?,
            reason: fields.reason.unwrap_or_default(),
            expires: fields.expires,
        })
    }

    fn field(
        &mut self,
        fields: &mut Fields,
        key: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let name = key.get_ref().as_ref();
        let span = value.span();
        let text = match value.get_ref() {
            DeValue::String(text) => text.as_ref(),
            DeValue::Datetime(_) if name == "expires" => {
                self.text.get(span.clone()).unwrap_or_default()
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                return self.problem(Some(span), format!("{name} must be a text in quotes"));
            }
        };
        if let Err(message) = self.set(fields, name, text) {
            let span = if message.starts_with("unknown key") {
                key.span()
            } else {
                span
            };
            self.problem(Some(span), message);
        }
    }

    fn set(&self, fields: &mut Fields, name: &str, text: &str) -> Result<(), String> {
        let cap = if name == "service" {
            MAX_IDENTIFIER
        } else {
            MAX_TEXT
        };
        if text.len() > cap {
            return Err(format!("{name} is longer than {cap} bytes"));
        }
        if text.is_empty() && name != "reason" {
            return Err(format!("{name} is empty; leave the line out"));
        }
        match name {
            "service" if !(self.known_service)(text) => {
                return Err(format!("{text:?} is no service of the catalogue"));
            }
            "service" => fields.service = Some(text.to_owned()),
            "status" => {
                let status: Status = text.parse().map_err(|error| format!("{error}"))?;
                if status == Status::Discovered {
                    return Err("discovered is what holds without a decision; leave it out".into());
                }
                fields.status = Some(status);
            }
            "tenant" => fields.tenant = Some(text.to_owned()),
            "user" => fields.user = Some(text.to_owned()),
            "device" => fields.device = Some(text.to_owned()),
            "reason" => fields.reason = Some(text.to_owned()),
            "expires" => fields.expires = Some(text.parse().map_err(|error| format!("{error}"))?),
            _ => {
                return Err(format!(
                    "unknown key {name:?}; known are service, status, tenant, user, device, reason, expires"
                ));
            }
        }
        Ok(())
    }
}
