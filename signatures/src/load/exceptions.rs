//! Reads what an administrator says about services of the catalogue, which only local files may.

use std::str::FromStr;

use super::Problems;
use super::section::{File, Section};
use crate::id::ServiceId;
use crate::model::Service;
use crate::vocabulary::UnknownWord;

/// What to do about a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Silence,
    ReportShared,
}

impl FromStr for Action {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "silence" => Ok(Self::Silence),
            "report-shared" => Ok(Self::ReportShared),
            _ => Err(UnknownWord::new("action", word, "silence, report-shared")),
        }
    }
}

/// One `[[exception]]`.
#[derive(Debug)]
pub(super) struct Exception {
    service: ServiceId,
    action: Action,
    file: String,
    line: u32,
}

/// What local files say about services of the catalogue; both ordered, without repetition.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    pub(crate) silenced: Vec<ServiceId>,
    pub(crate) reported_shared: Vec<ServiceId>,
}

pub(super) fn read_exception(
    file: &mut File<'_>,
    mut section: Section<'_>,
    exceptions: &mut Vec<Exception>,
) {
    let service = section.required_word::<ServiceId>(file, "service");
    let action = section.required_word::<Action>(file, "action");
    section.text(file, "reason");
    let line = section.line;
    section.finish(file);
    if let (Some(service), Some(action)) = (service, action) {
        exceptions.push(Exception {
            service,
            action,
            file: file.name.as_ref().into(),
            line,
        });
    }
}

/// Sorts the exceptions, and reports those about services that there are not.
pub(super) fn check(
    list: Vec<Exception>,
    services: &[Service],
    problems: &mut Problems,
) -> Exceptions {
    let mut exceptions = Exceptions::default();
    for one in list {
        if !services.iter().any(|service| service.id == one.service) {
            let message = format!("there is no service {} in the catalogue", one.service);
            problems.add(&one.file, one.line, message);
            continue;
        }
        match one.action {
            Action::Silence => exceptions.silenced.push(one.service),
            Action::ReportShared => exceptions.reported_shared.push(one.service),
        }
    }
    for list in [&mut exceptions.silenced, &mut exceptions.reported_shared] {
        list.sort();
        list.dedup();
    }
    exceptions
}
