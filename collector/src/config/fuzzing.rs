//! The body of a fuzz target; the target itself is one line.

/// `config_toml`: bytes as the collector's config file.
///
/// # Panics
/// When a refusal names no problem, or one on a line that the file does not have.
pub fn config_toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let lines = text.split('\n').count();
    if let Err(problems) = super::read("collector.toml", text) {
        assert!(!problems.list().is_empty(), "a refusal has a reason");
        for problem in problems.list() {
            assert!(
                (1..=lines).contains(&problem.line) && !problem.message.is_empty(),
                "a problem has a place in {lines} lines: {problem:?}"
            );
        }
    }
}
