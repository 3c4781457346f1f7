//! What is wrong with a configuration file, all of it at once.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing to correct, and where.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Every problem of one file, in the order of its lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problems {
    path: PathBuf,
    list: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(path: &Path, mut list: Vec<Problem>) -> Self {
        list.sort();
        list.dedup();
        Self {
            path: path.to_owned(),
            list,
        }
    }

    /// The problems, by line.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(
                f,
                "{}:{}: {}",
                self.path.display(),
                problem.line,
                problem.message
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
