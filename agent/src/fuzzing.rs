//! The bodies of the fuzz targets, one function each: they take any bytes, and panic only when a promise is
//! broken. The targets themselves are one line each and live in `tests/fuzz`.

use std::path::Path;

use crate::config;
pub use crate::replay::fuzzing::dissect_lines;

/// `config_toml`: bytes as the agent's configuration.
///
/// # Panics
/// When a refusal names no problem, or one on a line that the file does not have.
pub fn config_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let lines = text.split('\n').count();
    if let Err(problems) = config::read(Path::new("agent.toml"), text) {
        assert!(!problems.list().is_empty(), "a refusal has a reason");
        for problem in problems.list() {
            assert!(
                (1..=lines).contains(&problem.line) && !problem.message.is_empty(),
                "a problem has a place in {lines} lines: {problem:?}"
            );
        }
    }
}
