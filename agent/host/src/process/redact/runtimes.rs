//! One rule for each runtime: the options that may stand before what it runs.

use super::words::{Words, below_modules, module, package_name, script};

const JAVASCRIPT: [&str; 8] = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"];

/// `python [options] script | -m module` (docs.python.org, "Command line and environment").
pub(super) fn python(mut words: Words<'_>) -> Option<String> {
    loop {
        let word = words.next()?;
        if word == "-m" {
            return words
                .next()
                .and_then(module)
                .map(|name| format!("python -m {name}"));
        }
        if let Some(name) = word.strip_prefix("-m") {
            return module(name).map(|name| format!("python -m {name}"));
        }
        if matches!(word, "-W" | "-X" | "--check-hash-based-pycs") {
            words.next()?;
            continue;
        }
        let Some(option) = word.strip_prefix('-') else {
            return script(word, &[".py", ".pyw", ".pyz"]).map(|name| format!("python {name}"));
        };
        let switches = |c: char| "bBdEhiIOPqRsSuvVx".contains(c);
        let attached = option.starts_with(['W', 'X']);
        if option.is_empty() || !(attached || option.chars().all(switches)) {
            return None;
        }
    }
}

/// `node [options] script` (nodejs.org, "Command-line API").
pub(super) fn node(mut words: Words<'_>) -> Option<String> {
    // npm renames itself after what it runs.
    if let Some(rest) = words.title().strip_prefix("npm exec ") {
        return package_name(rest.split(' ').next()?).map(|name| format!("npx {name}"));
    }
    const FLAGS: [&str; 16] = [
        "--no-warnings",
        "--no-deprecation",
        "--enable-source-maps",
        "--trace-warnings",
        "--trace-deprecation",
        "--trace-uncaught",
        "--expose-gc",
        "--expose_gc",
        "--preserve-symlinks",
        "--preserve-symlinks-main",
        "--experimental-strip-types",
        "--experimental-vm-modules",
        "--use-system-ca",
        "--inspect",
        "--inspect-brk",
        "--watch",
    ];
    const VALUED: [&str; 7] = [
        "-r",
        "--require",
        "--import",
        "--loader",
        "--experimental-loader",
        "-C",
        "--conditions",
    ];
    const ATTACHED: [&str; 10] = [
        "--max-old-space-size=",
        "--max_old_space_size=",
        "--stack-size=",
        "--require=",
        "--import=",
        "--loader=",
        "--env-file=",
        "--inspect=",
        "--unhandled-rejections=",
        "--dns-result-order=",
    ];
    let path = words.past_options(&FLAGS, &VALUED, &ATTACHED)?;
    if let Some(inside) = below_modules(path) {
        if inside == "npm/bin/npx-cli.js" {
            return package("npx", words);
        }
        return Some(format!("node {inside}"));
    }
    match script(path, &JAVASCRIPT)? {
        "npx" => package("npx", words),
        name => Some(format!("node {name}")),
    }
}

/// `deno run [options] script | npm:package | jsr:package`.
pub(super) fn deno(mut words: Words<'_>) -> Option<String> {
    if words.next()? != "run" {
        return None;
    }
    let target = words.past_options(
        &[
            "-A",
            "-q",
            "--allow-all",
            "--quiet",
            "--no-check",
            "--no-prompt",
            "--unstable",
        ],
        &[],
        &["--allow-", "--deny-", "--unstable-"],
    )?;
    for registry in ["npm:", "jsr:"] {
        if let Some(name) = target.strip_prefix(registry) {
            return package_name(name).map(|name| format!("deno run {registry}{name}"));
        }
    }
    script(target, &JAVASCRIPT).map(|name| format!("deno run {name}"))
}

/// `bun [run] script`, `bun x package`.
pub(super) fn bun(mut words: Words<'_>) -> Option<String> {
    let mut target = words.next()?;
    if target == "x" {
        return package("bunx", words);
    }
    if target == "run" {
        target = words.next()?;
    }
    let inside = below_modules(target).or_else(|| script(target, &JAVASCRIPT))?;
    Some(format!("bun {inside}"))
}

/// `ruby [options] script`.
pub(super) fn ruby(mut words: Words<'_>) -> Option<String> {
    let path = words.past_options(&["-w", "-W0", "-W1", "-W2", "--yjit"], &["-I", "-r"], &[])?;
    script(path, &[".rb"]).map(|name| format!("ruby {name}"))
}

/// `java [options] -jar file`.
pub(super) fn java(mut words: Words<'_>) -> Option<String> {
    loop {
        match words.next()? {
            "-jar" => {
                let name = words.next().and_then(|path| script(path, &[".jar"]))?;
                return Some(format!("java -jar {name}"));
            }
            "-cp" | "-classpath" | "--class-path" | "-p" | "--module-path" | "--add-opens"
            | "--add-exports" | "--add-modules" => drop(words.next()?),
            option if option.starts_with("-X") || option.starts_with("-D") => {}
            "-server" | "-client" | "-ea" | "-da" => {}
            option if option.starts_with("-javaagent:") => {}
            _ => return None,
        }
    }
}

/// `uv run script | program`, `uv tool run package`.
pub(super) fn uv(mut words: Words<'_>) -> Option<String> {
    match words.next()? {
        "run" => {
            let target = words.next()?;
            if target == "-m" {
                return words
                    .next()
                    .and_then(module)
                    .map(|name| format!("uv run -m {name}"));
            }
            let name = script(target, &[".py"]).or_else(|| package_name(target))?;
            Some(format!("uv run {name}"))
        }
        "tool" if words.next()? == "run" => package("uvx", words),
        _ => None,
    }
}

/// `pipx run package`.
pub(super) fn pipx(mut words: Words<'_>) -> Option<String> {
    (words.next()? == "run").then_some(())?;
    package("pipx run", words)
}

/// A program that fetches a package and runs it: `npx -y @scope/name`.
pub(super) fn package(runner: &str, mut words: Words<'_>) -> Option<String> {
    let flags = [
        "-y",
        "--yes",
        "-q",
        "--quiet",
        "--bun",
        "--no-install",
        "--offline",
        "--refresh",
    ];
    let valued = [
        "--from",
        "--spec",
        "--package",
        "-p",
        "--python",
        "--with",
        "--index-url",
    ];
    let name = words.past_options(&flags, &valued, &["--package=", "--from=", "--spec="])?;
    package_name(name).map(|name| format!("{runner} {name}"))
}

/// `sh [options] script`; what `-c` is given is not told.
pub(super) fn shell(mut words: Words<'_>) -> Option<String> {
    let flags = [
        "-e", "-u", "-x", "-l", "-i", "-eu", "-ex", "-eux", "-p", "--login", "--posix",
    ];
    let path = words.past_options(&flags, &["-o", "+o"], &[])?;
    script(path, &[".sh", ".bash", ".zsh"]).map(|name| format!("sh {name}"))
}
