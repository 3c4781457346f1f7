//! Loads services from TOML texts and reports every problem of every file in one go.
//!
//! The format is specified on the [page of the crate](crate). Loading has three steps: [`section`] reads a file as a tree
//! whose nodes know their lines, [`service`] turns the tree into services, [`claims`] compares all services.

mod claims;
mod exceptions;
mod indicators;
mod section;
mod service;

use std::fmt;
use std::sync::Arc;

use crate::model::Service;
use exceptions::Exception;
pub(crate) use exceptions::Exceptions;
use section::File;

/// Longest catalogue file, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Most files of a catalogue.
pub const MAX_FILES: usize = 4_096;
/// Most services of a catalogue.
pub const MAX_SERVICES: usize = 20_000;
/// Most names, patterns and requests of a catalogue.
pub const MAX_INDICATORS: usize = 200_000;
/// Most problems that one report lists; the rest is counted.
const MAX_PROBLEMS: usize = 500;

/// One thing that is wrong in a catalogue file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// File name as given.
    pub file: String,
    /// Line in the file, from 1; 0 when the problem is about the file as a whole.
    pub line: u32,
    /// What is wrong, and what is expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Says why a catalogue was refused: all problems in one go, ordered by file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl LoadError {
    /// A problem of the catalogue as a whole.
    pub(crate) fn whole(message: impl fmt::Display) -> Self {
        let mut problems = Problems::default();
        problems.add("catalogue", 0, message.to_string());
        Self {
            problems: problems.list,
        }
    }
}

impl std::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
struct Problems {
    list: Vec<Problem>,
    not_listed: usize,
}

impl Problems {
    fn add(&mut self, file: &str, line: u32, message: impl Into<String>) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(Problem {
                file: file.into(),
                line,
                message: message.into(),
            });
        } else {
            self.not_listed += 1;
        }
    }

    fn into_result(mut self) -> Result<(), LoadError> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.list.sort();
        if self.not_listed > 0 {
            let message = format!("{} more problems are not listed", self.not_listed);
            self.list.push(Problem {
                file: "catalogue".into(),
                line: 0,
                message,
            });
        }
        Err(LoadError {
            problems: self.list,
        })
    }
}

/// Loads the services of all files, ordered by id, and what the `local` ones among them say about services. The services
/// of `base` were loaded before and join them.
pub(crate) fn load(
    base: Vec<Service>,
    files: &[(String, String)],
    local: &[(String, String)],
) -> Result<(Vec<Service>, Exceptions), LoadError> {
    let mut problems = Problems::default();
    if files.len().saturating_add(local.len()) > MAX_FILES {
        problems.add("catalogue", 0, format!("more than {MAX_FILES} files"));
        problems.into_result()?;
        return Ok(Default::default());
    }
    let mut services = base;
    let mut exceptions = Vec::new();
    read_files(files, &mut problems, &mut services, None);
    read_files(local, &mut problems, &mut services, Some(&mut exceptions));
    services.sort_by(|one: &Service, two: &Service| one.id.cmp(&two.id));
    check_size(&services, &mut problems);
    claims::check(&services, &mut problems);
    let exceptions = exceptions::check(exceptions, &services, &mut problems);
    problems.into_result()?;
    Ok((services, exceptions))
}

fn read_files(
    files: &[(String, String)],
    problems: &mut Problems,
    services: &mut Vec<Service>,
    mut exceptions: Option<&mut Vec<Exception>>,
) {
    let mut sorted: Vec<&(String, String)> = files.iter().collect();
    sorted.sort();
    for (name, text) in sorted {
        if text.len() > MAX_FILE_BYTES {
            problems.add(
                name,
                0,
                format!("the file is larger than {MAX_FILE_BYTES} bytes"),
            );
            continue;
        }
        let mut file = File::new(Arc::from(name.as_str()), text, problems);
        service::read_file(&mut file, text, services, exceptions.as_deref_mut());
    }
}

fn check_size(services: &[Service], problems: &mut Problems) {
    if services.len() > MAX_SERVICES {
        problems.add("catalogue", 0, format!("more than {MAX_SERVICES} services"));
    }
    if services
        .iter()
        .map(|service| service.indicators.len())
        .sum::<usize>()
        > MAX_INDICATORS
    {
        problems.add(
            "catalogue",
            0,
            format!("more than {MAX_INDICATORS} indicators"),
        );
    }
}

#[cfg(test)]
mod tests;
