//! Programs that run and that the catalogue lists. A command line is looked at where the catalogue
//! asks for it, and never kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use flow::{Attribute, Listed, TraceKind, WantedProcess};

use super::{Look, Place, listeners};
use crate::presence::disk::name_of;
use crate::presence::os::owner_of;
use crate::presence::text::{MAX_NAME, Private, REDACTED};

/// Processes that are looked at.
const MAX_PROCESSES: usize = 65_536;
/// Bytes of a command line that are looked at.
const MAX_LINE: u64 = 4_096;
/// Programs that run others' texts: what they run counts.
const RUNTIMES: [&str; 9] = [
    "python", "node", "bun", "deno", "ruby", "perl", "bash", "sh", "electron",
];
/// Folders of the system whose paths are shown whole.
const SYSTEM: [&str; 8] = ["app", "bin", "nix", "opt", "sbin", "snap", "usr", "var"];

/// A running program, as far as it is looked at.
#[derive(Debug, Default)]
struct Program {
    executable: Option<String>,
    /// Short name.
    name: String,
    /// Words of the command line.
    words: Vec<String>,
}

/// Looks through all processes; `logins` tells whose they are.
pub(in crate::presence) fn look_at_processes(
    look: &mut Look<'_>,
    place: &Place,
    homes: &[Place],
    logins: &BTreeMap<u32, Arc<str>>,
) {
    let mut unknown = 0_u64;
    let mut sockets = listeners::Sockets::default();
    for entry in look
        .disk
        .list_up_to(&place.path.join("proc"), MAX_PROCESSES)
    {
        if !entry.name.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let program = read_program(look, &entry.path, &mut unknown);
        let wanted = look.wanted;
        for (name, known) in matches(wanted, &program) {
            let owner = std::fs::metadata(&entry.path)
                .ok()
                .and_then(|metadata| owner_of(&metadata));
            let whose = Place {
                login: owner.and_then(|owner| logins.get(&owner)).cloned(),
                ..place.clone()
            };
            let listed = Listed::Process {
                requires: known.requires.clone(),
            };
            let path = program.executable.as_deref().map(|path| shown(path, homes));
            let attributes: Vec<Attribute> = path
                .map(|path| Attribute::new("path", &path))
                .into_iter()
                .collect();
            if known.runs_models {
                for attributes in sockets.of(look, &place.path, &entry.path) {
                    look.add(
                        &whose,
                        TraceKind::Listener,
                        listed.clone(),
                        &name,
                        attributes,
                    );
                }
            }
            look.add(&whose, TraceKind::Process, listed, &name, attributes);
        }
    }
    look.note_unknown_programs(unknown);
}

fn read_program(look: &mut Look<'_>, folder: &Path, unknown: &mut u64) -> Program {
    let executable = look.disk.link(&folder.join("exe"));
    let executable = executable.map(|path| {
        path.to_string_lossy()
            .trim_end_matches(" (deleted)")
            .to_owned()
    });
    let name = look
        .disk
        .read_made_up(&folder.join("comm"), 64)
        .unwrap_or_default();
    let name = String::from_utf8_lossy(&name).trim_end().to_owned();
    let file = executable
        .as_deref()
        .map(|path| name_of(Path::new(path)))
        .unwrap_or_default();
    let mut program = Program {
        name,
        ..Program::default()
    };
    let is_listed = |name: &str| !look.wanted.processes(name).is_empty();
    if is_listed(file)
        || is_listed(&program.name)
        || is_runtime(file)
        || (file.is_empty() && is_runtime(&program.name))
    {
        let line = look
            .disk
            .read_made_up(&folder.join("cmdline"), MAX_LINE)
            .unwrap_or_default();
        let words = line
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned());
        program.words = words.collect();
        // What has no words is a thread of the kernel, which has no file either.
        if executable.is_none() && line.iter().any(|byte| *byte != 0) {
            *unknown = unknown.saturating_add(1);
        }
    }
    program.executable = executable;
    program
}

fn is_runtime(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    RUNTIMES.contains(&name)
}

/// Entries of the catalogue that a program fits, each with the name that fits.
fn matches<'w>(wanted: &'w flow::Wanted, program: &Program) -> Vec<(String, &'w WantedProcess)> {
    let file = program
        .executable
        .as_deref()
        .map(|path| name_of(Path::new(path)))
        .unwrap_or_default();
    let is_run = is_runtime(file) || file.is_empty() && is_runtime(&program.name);
    let first = program.words.first().filter(|word| !word.is_empty());
    if file.is_empty() && first.is_none() {
        return Vec::new();
    }
    let script = program
        .words
        .iter()
        .skip(1)
        .find(|word| !word.starts_with('-'))
        .filter(|_| is_run);
    let words = script
        .into_iter()
        .chain(first)
        .map(|word| name_of(Path::new(word)));
    let names = [file]
        .into_iter()
        .chain(words)
        .chain([program.name.as_str()]);
    let line = program.words.join(" ");
    let holds = |text: &str| {
        line.contains(text)
            || program
                .executable
                .as_deref()
                .is_some_and(|path| path.contains(text))
    };
    let mut found: Vec<(String, &WantedProcess)> = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        for known in wanted.processes(name) {
            // A text that the catalogue asks for counts once, whatever the program is called besides.
            let is_known = found.iter().any(|(other, one)| {
                one.requires == known.requires
                    && (one.requires.is_some() || other == &name.to_lowercase())
            });
            if !is_known && known.requires.as_deref().is_none_or(holds) {
                found.push((name.to_lowercase(), known));
            }
        }
    }
    found
}

/// A path as it may leave: whole where the system's programs are, else the first folder and the name of the file.
pub(in crate::presence) fn shown(path: &str, homes: &[Place]) -> String {
    let file = name_of(Path::new(path));
    let mut cleaned = homes.iter().map(|home| home.private.clean(file, MAX_NAME));
    let file = cleaned
        .find(|file| file == REDACTED)
        .unwrap_or_else(|| Private::default().clean(file, MAX_NAME));
    if homes
        .iter()
        .any(|home| Path::new(path).starts_with(&home.path))
        || path.starts_with("/home/")
        || path.starts_with("/root/")
    {
        return format!("~/…/{file}");
    }
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next();
    let first = first.unwrap_or_default();
    let folder = Path::new(path)
        .parent()
        .and_then(Path::to_str)
        .unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    if folder == format!("/{first}") || (SYSTEM.contains(&first) && folder.chars().all(plain)) {
        return format!("{folder}/{file}");
    }
    format!("/…/{file}")
}
