//! What may be told of a command line: the program that a runtime runs, and nothing else.
//!
//! A runtime such as Python or Node says nothing of the program; its first arguments do. Each rule here
//! knows the options of one runtime that stand before the program. Whatever it does not know, even a
//! harmless flag, ends the look: nothing is told then, since the next word may be a value.

mod runtimes;
mod words;

use words::Words;

/// Arguments that are looked at, and bytes of each.
const MAX_WORDS: usize = 24;

/// Returns what of a command line may be told, where the program file alone does not say what runs.
///
/// `executable` is the path of the program file, `arguments` are those of `/proc/PID/cmdline` with the
/// first one, the program's own name for itself. The answer is a runtime and the name of the file, module
/// or package that it runs, such as `python -m aider` or `node @anthropic-ai/claude-code/cli.js`; never a
/// folder that is not below `node_modules`, and never an option's value.
#[must_use]
pub fn redacted_command(executable: &str, arguments: &[&[u8]]) -> Option<String> {
    let file = executable.strip_suffix(" (deleted)").unwrap_or(executable);
    let file = file.rsplit('/').next()?;
    let rule = rule_of(file)?;
    // One that is not UTF-8 ends the look where it stands.
    let words: Vec<_> = arguments
        .iter()
        .take(MAX_WORDS)
        .map_while(|word| std::str::from_utf8(word).ok())
        .collect();
    rule(Words::new(&words))
}

type Rule = fn(Words<'_>) -> Option<String>;

/// The rule for a program file; only its name counts, not what it calls itself.
fn rule_of(file: &str) -> Option<Rule> {
    let versioned = |name: &str| {
        file.strip_prefix(name).is_some_and(|rest| {
            rest.bytes()
                .all(|c| c.is_ascii_digit() || c == b'.' || c == b't')
        })
    };
    let rule: Rule = match file {
        "node" | "nodejs" => runtimes::node,
        "deno" => runtimes::deno,
        "bun" => runtimes::bun,
        "bunx" => |words| runtimes::package("bunx", words),
        "java" => runtimes::java,
        "uv" => runtimes::uv,
        "uvx" => |words| runtimes::package("uvx", words),
        "npx" => |words| runtimes::package("npx", words),
        "pipx" => runtimes::pipx,
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "busybox" => runtimes::shell,
        _ if versioned("python") || versioned("pypy") || versioned("Python") => runtimes::python,
        _ if versioned("ruby") => runtimes::ruby,
        _ if versioned("node") => runtimes::node,
        _ => return None,
    };
    Some(rule)
}

#[cfg(test)]
mod tests;
