//! What went wrong, and what to do next.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::api::Problem;

use super::output::clean;

pub(super) const EXIT_FAILED: u8 = 1;
pub(super) const EXIT_USAGE: u8 = 2;

/// Why a command did not do it.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    message: String,
    /// What to do about it, a line each.
    hints: Vec<String>,
    quiet: bool,
}

impl Failure {
    /// It was tried and failed.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(EXIT_FAILED, message)
    }

    /// Whoever asked has to correct the command or the configuration.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(EXIT_USAGE, message)
    }

    fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hints: Vec::new(),
            quiet: false,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// What the collector says is wrong.
    pub(super) fn problem(problem: &Problem) -> Self {
        let usage = matches!(problem.status, 400 | 401 | 404);
        let code = if usage { EXIT_USAGE } else { EXIT_FAILED };
        let mut failure = if problem.errors.is_empty() {
            Self::new(code, format!("{}: {}", problem.title, problem.detail))
        } else {
            let errors = problem
                .errors
                .iter()
                .map(|e| format!("{}: {}", e.at, e.message));
            Self::new(code, errors.collect::<Vec<_>>().join("\n        "))
        };
        if problem.status == 401 {
            failure = failure.hint(
                "the collector's administrator makes a token with `gnomon-collector user add`",
            );
        }
        failure
    }

    /// Tells on stderr and gives the exit code.
    pub(super) fn report(&self) -> ExitCode {
        if self.quiet {
            return ExitCode::SUCCESS;
        }
        let mut stderr = io::stderr().lock();
        let mut text = format!("gnomon: {}\n", lines(&self.message));
        for hint in &self.hints {
            text.push_str(&format!("        {}\n", lines(hint)));
        }
        // Nobody is left to tell when this cannot be printed.
        stderr.write_all(text.as_bytes()).unwrap_or_default();
        ExitCode::from(self.code)
    }
}

/// Cleans each line.
fn lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

impl From<io::Error> for Failure {
    /// Of writing to stdout: whoever read has gone, as `head` does, or the disk is full.
    fn from(error: io::Error) -> Self {
        Self {
            quiet: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::failed(format!("cannot write the answer: {error}"))
        }
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        if error.is_io_error() {
            io::Error::from(error).into()
        } else {
            Self::failed(format!("cannot write the answer: {error}"))
        }
    }
}
