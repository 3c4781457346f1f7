//! The policy as a file: to keep under version control, to review, to carry to another collector.

use crate::policy::NewDecision;

/// Decisions read from a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PolicyFile {
    /// In the order of the file.
    pub decisions: Vec<NewDecision>,
}

/// One thing wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
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
