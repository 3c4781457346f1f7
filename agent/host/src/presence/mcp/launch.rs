//! What a command line starts: a package of npm or PyPI, an image, or something of this device.

use crate::presence::disk::name_of;

/// What is started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Launch {
    /// By what, one word of a closed list.
    pub(super) launcher: &'static str,
    /// Name of the package, the image or the module; `None` when it is a file of this device.
    pub(super) package: Option<String>,
    /// Whether one version is asked for; `None` where that is no question.
    pub(super) is_pinned: Option<bool>,
}

/// Options of `docker run` that take no value of their own; all others do, unless it stands behind `=`.
const DOCKER_FLAGS: &[&str] = &[
    "-i",
    "--interactive",
    "-t",
    "--tty",
    "-it",
    "-ti",
    "-d",
    "--detach",
    "--rm",
    "--init",
    "--privileged",
    "--read-only",
    "-P",
    "--publish-all",
    "--no-healthcheck",
    "--oom-kill-disable",
    "-q",
    "--quiet",
    "-dit",
    "-id",
];
/// Options of package runners that take a value which is no package.
const RUNNER_VALUES: &[&str] = &[
    "--with",
    "-w",
    "--python",
    "-p",
    "--index-url",
    "-i",
    "--default-index",
    "--index",
    "--registry",
    "--cache",
    "--directory",
    "--project",
    "--prefix",
    "--userconfig",
    "--refresh-package",
    "--extra-index-url",
    "-c",
    "--call",
    "--env-file",
    "--spec",
];
/// Registries of images that everybody uses.
const PUBLIC_REGISTRIES: &[&str] = &[
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "lscr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.hub.docker.com",
    "registry.k8s.io",
];

/// What a program with these arguments starts.
pub(super) fn launch_of<'a>(program: &'a str, args: &[&'a str]) -> Launch {
    let name = name_of(program.as_ref()).to_ascii_lowercase();
    let name = ["exe", "cmd", "ps1"]
        .into_iter()
        .find_map(|end| name.strip_suffix(end)?.strip_suffix('.'))
        .unwrap_or(&name);
    let after = |skip: usize| args.get(skip..).unwrap_or_default();
    match (name, args.first().copied()) {
        ("cmd", Some("/c" | "/C")) => match after(1) {
            [program, rest @ ..] if !program.contains("cmd") => launch_of(program, rest),
            _ => local("other"),
        },
        ("env", Some(_)) => {
            let mut rest = args
                .iter()
                .position(|arg| !arg.contains('=') && !arg.starts_with('-'));
            match rest.take().and_then(|place| after(place).split_first()) {
                Some((program, rest)) if *program != "env" => launch_of(program, rest),
                _ => local("other"),
            }
        }
        ("npx" | "bunx" | "pnpx", _) => npm("npx", args),
        ("npm", Some("exec" | "x"))
        | ("pnpm" | "yarn", Some("dlx" | "exec"))
        | ("bun", Some("x")) => npm("npx", after(1)),
        ("uvx", _) => pypi("uvx", args),
        ("uv", Some("tool")) => pypi("uvx", after(2)),
        ("pipx", Some("run")) => pypi("pipx", after(1)),
        ("docker" | "podman" | "nerdctl", _) => {
            args.iter().position(|arg| *arg == "run").map_or_else(
                || local("docker"),
                |place| image(after(place.saturating_add(1))),
            )
        }
        ("deno" | "node" | "bun" | "tsx" | "ts-node", _) => script("node", args),
        (name, _) if name.starts_with("python") || name == "uv" => python(args),
        _ => local("other"),
    }
}

const fn local(launcher: &'static str) -> Launch {
    Launch {
        launcher,
        package: None,
        is_pinned: None,
    }
}

/// The first argument that is no option, or the value of the option that names the package.
fn subject<'a>(args: &[&'a str], naming: &[&str]) -> Option<&'a str> {
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if let Some((_, value)) = arg
            .split_once('=')
            .filter(|(option, _)| naming.contains(option))
        {
            return Some(value);
        }
        if naming.contains(arg) {
            return rest.next().copied();
        }
        if *arg == "--" {
            return rest.next().copied();
        }
        if !arg.starts_with('-') {
            return Some(arg);
        }
        if RUNNER_VALUES.contains(arg) {
            rest.next();
        }
    }
    None
}

fn npm(launcher: &'static str, args: &[&str]) -> Launch {
    let Some(spec) = subject(args, &["-p", "--package"]) else {
        return local(launcher);
    };
    let (name, version) = match spec.rsplit_once('@') {
        Some(("", _)) | None => (spec, None),
        Some((name, version)) => (name, Some(version)),
    };
    if !is_npm_name(name) {
        return local(launcher);
    }
    Launch {
        launcher,
        package: Some(name.to_owned()),
        is_pinned: Some(version.is_some_and(is_exact)),
    }
}

fn pypi(launcher: &'static str, args: &[&str]) -> Launch {
    let Some(spec) = subject(args, &["--from", "--spec"]) else {
        return local(launcher);
    };
    let end = spec
        .find(['=', '<', '>', '~', '!', '@', '[', ' ', ';'])
        .unwrap_or(spec.len());
    let (name, rest) = spec.split_at_checked(end).unwrap_or((spec, ""));
    let rest = rest.split_once(']').map_or(rest, |(_, rest)| rest);
    let version = rest.strip_prefix("==").or_else(|| rest.strip_prefix('@'));
    if !is_plain_name(name) || rest.contains('/') {
        return local(launcher);
    }
    Launch {
        launcher,
        package: Some(name.to_owned()),
        is_pinned: Some(version.is_some_and(is_exact)),
    }
}

fn image(args: &[&str]) -> Launch {
    let mut rest = args.iter();
    let spec = loop {
        let Some(arg) = rest.next() else {
            return local("docker");
        };
        if !arg.starts_with('-') {
            break *arg;
        }
        if !arg.contains('=') && !DOCKER_FLAGS.contains(arg) {
            rest.next();
        }
    };
    let (named, digest) = spec
        .split_once('@')
        .map_or((spec, None), |(named, digest)| (named, Some(digest)));
    let (name, tag) = match named.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (named, None),
    };
    let registry = name.split_once('/').map(|(registry, _)| registry);
    let registry = registry.filter(|host| host.contains(['.', ':']) || *host == "localhost");
    let is_public = registry.is_none_or(|host| PUBLIC_REGISTRIES.contains(&host));
    let plain = name.split('/').all(is_plain_name);
    let pinned =
        digest.is_some_and(|digest| digest.starts_with("sha256:")) || tag.is_some_and(is_exact);
    Launch {
        launcher: "docker",
        package: (is_public && plain).then(|| name.to_owned()),
        is_pinned: Some(pinned),
    }
}

/// A script of Node.js: of a package that is installed, when its path says so.
fn script(launcher: &'static str, args: &[&str]) -> Launch {
    let found = args.iter().find_map(|arg| {
        if let Some(spec) = arg
            .strip_prefix("npm:")
            .or_else(|| arg.strip_prefix("jsr:"))
        {
            return npm(launcher, &[spec]).package;
        }
        let (_, path) = arg.rsplit_once("node_modules/")?;
        let mut parts = path.split('/');
        let first = parts.next()?;
        let name = if first.starts_with('@') {
            format!("{first}/{}", parts.next()?)
        } else {
            first.to_owned()
        };
        is_npm_name(&name).then_some(name)
    });
    Launch {
        launcher,
        package: found,
        is_pinned: None,
    }
}

fn python(args: &[&str]) -> Launch {
    let mut pairs = args.windows(2);
    let module = pairs.find_map(|two| match two {
        ["-m", module] => Some(*module),
        _ => None,
    });
    Launch {
        launcher: "python",
        package: module
            .filter(|module| is_plain_name(module))
            .map(str::to_owned),
        is_pinned: None,
    }
}

/// Whether a version names one release: `1.2.3`, with or without a `v`.
fn is_exact(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let digits = version.starts_with(|c: char| c.is_ascii_digit());
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-+_".contains(c);
    digits && version.contains('.') && version.chars().all(plain)
}

fn is_npm_name(name: &str) -> bool {
    name.strip_prefix('@').map_or_else(
        || is_plain_name(name),
        |scoped| {
            let parts = scoped.split_once('/');
            parts.is_some_and(|(scope, name)| is_plain_name(scope) && is_plain_name(name))
        },
    )
}

fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    starts && name.len() <= 100 && name.chars().all(plain)
}
