//! What is wrong with a config file: everything at once, each with its line.

use std::fmt;

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong, and what is wanted instead.
    pub message: String,
}

/// Everything that has to be corrected in one file, ordered by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    file: String,
    list: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(file: String, mut list: Vec<Problem>) -> Self {
        list.sort();
        list.dedup();
        Self { file, list }
    }

    /// The problems, by line.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Problem { line, message }) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{line}: {message}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
