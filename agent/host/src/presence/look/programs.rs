//! Programs that are installed: in the folders where commands are found, as applications of the
//! desktop, as flatpaks, snaps and AppImages.

use std::path::Path;

use flow::{Attribute, Listed, TraceKind};

use super::{Look, Place};
use crate::presence::disk::{Entry, name_of};

/// Folders of commands below a home folder.
const COMMANDS_HOME: &[&str] = &[
    ".local/bin",
    "bin",
    ".npm-global/bin",
    ".nvm/versions/node/*/bin",
    ".local/share/mise/shims",
    ".local/share/pnpm",
    ".volta/bin",
    ".bun/bin",
    ".deno/bin",
    ".cargo/bin",
    "go/bin",
    ".claude/local",
    ".opencode/bin",
    ".lmstudio/bin",
    ".local/share/flatpak/exports/bin",
    ".local/opt/*",
    "Applications/*",
];
/// The same for the whole device.
const COMMANDS_SYSTEM: &[&str] = &[
    "usr/local/bin",
    "usr/bin",
    "opt/*",
    "opt/*/bin",
    "snap/bin",
    "var/lib/flatpak/exports/bin",
    "home/linuxbrew/.linuxbrew/bin",
];
/// Folders of entries of the desktop's menu, for a home folder and for the device.
const MENUS_HOME: &[&str] = &[
    ".local/share/applications",
    ".local/share/flatpak/exports/share/applications",
];
const MENUS_SYSTEM: &[&str] = &[
    "usr/share/applications",
    "usr/local/share/applications",
    "var/lib/flatpak/exports/share/applications",
    "var/lib/snapd/desktop/applications",
];
/// Folders in which people keep AppImages.
const APPIMAGES_HOME: &[&str] = &[
    "Applications",
    "Downloads",
    "Desktop",
    ".local/bin",
    "bin",
    "AppImages",
    "opt",
];
const APPIMAGES_SYSTEM: &[&str] = &["opt", "usr/local/bin"];
/// Largest entry of a menu.
const MAX_MENU_ENTRY: u64 = 64 << 10;
/// Entries of menus that are read in one place.
const MAX_MENU_ENTRIES: usize = 512;

/// Looks for programs that belong to a person.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    look_at_commands(look, place, COMMANDS_HOME);
    look_at_menus(look, place, MENUS_HOME);
    look_at_appimages(look, place, APPIMAGES_HOME);
    look_at_names(look, place, ".local/share/flatpak/app", "flatpak-app");
}

/// Looks for programs of the whole device.
pub(in crate::presence) fn look_in_system(look: &mut Look<'_>, place: &Place) {
    look_at_commands(look, place, COMMANDS_SYSTEM);
    look_at_menus(look, place, MENUS_SYSTEM);
    look_at_appimages(look, place, APPIMAGES_SYSTEM);
    look_at_names(look, place, "var/lib/flatpak/app", "flatpak-app");
    look_at_names(look, place, "snap", "snap-package");
}

fn look_at_commands(look: &mut Look<'_>, place: &Place, patterns: &[&str]) {
    for pattern in patterns {
        for folder in look.disk.expand(&place.path, pattern) {
            for entry in look.disk.list(&folder) {
                if !entry.is_folder && !look.wanted.processes(&entry.name).is_empty() {
                    add_command(look, place, &entry);
                }
            }
        }
    }
}

/// Adds a command; one with a common name only where its path or the target of its link says whose it is.
fn add_command(look: &mut Look<'_>, place: &Place, entry: &Entry) {
    let target = if entry.is_link {
        look.disk.link(&entry.path)
    } else {
        None
    };
    let texts = [Some(entry.path.as_path()), target.as_deref()];
    let texts: Vec<String> = texts
        .into_iter()
        .flatten()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let wanted = look.wanted;
    for known in wanted.processes(&entry.name) {
        let fits = |required: &str| texts.iter().any(|text| text.contains(required));
        if known.requires.as_deref().is_none_or(fits) {
            let listed = Listed::Process {
                requires: known.requires.clone(),
            };
            add(look, place, listed, &entry.name, "command");
        }
    }
}

fn add(look: &mut Look<'_>, place: &Place, listed: Listed, name: &str, form: &'static str) {
    let attributes = vec![
        Attribute::new("form", form),
        Attribute::new("where", place.scope()),
    ];
    look.add(
        place,
        TraceKind::Application,
        listed,
        &name.to_lowercase(),
        attributes,
    );
}

/// Adds a program by its name when the catalogue lists that name alone; tells whether it does.
fn add_by_name(look: &mut Look<'_>, place: &Place, name: &str, form: &'static str) -> bool {
    let mut known = look.wanted.processes(name).iter();
    let is_listed = known.any(|known| known.requires.is_none());
    if is_listed {
        add(look, place, Listed::Process { requires: None }, name, form);
    }
    is_listed
}

fn look_at_menus(look: &mut Look<'_>, place: &Place, folders: &[&str]) {
    let mut left = MAX_MENU_ENTRIES;
    for folder in folders {
        let entries = look.disk.list(&place.path.join(folder));
        for entry in entries
            .iter()
            .filter(|entry| entry.name.ends_with(".desktop"))
        {
            let id = entry.name.trim_end_matches(".desktop");
            let attributes = vec![
                Attribute::new("form", "menu"),
                Attribute::new("where", place.scope()),
            ];
            look.add_artefact(
                place,
                TraceKind::Application,
                ("desktop-file", id),
                attributes,
            );
            if left == 0 {
                continue;
            }
            left = left.saturating_sub(1);
            let text = look.disk.read(&entry.path, MAX_MENU_ENTRY);
            let program = text.as_deref().and_then(program_of);
            if let Some(program) = program {
                add_by_name(look, place, &program, "menu");
            }
        }
    }
}

/// The name of the program that an entry of a menu starts.
pub(in crate::presence) fn program_of(entry: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(entry).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Exec="))?;
    let mut words = line.split_whitespace();
    let program = words.find(|word| {
        let is_setting = word.contains('=') && !word.starts_with('/');
        !is_setting && name_of(Path::new(word.trim_matches('"'))) != "env"
    })?;
    let name = name_of(Path::new(program.trim_matches('"')));
    (!name.is_empty()).then(|| name.to_owned())
}

fn look_at_appimages(look: &mut Look<'_>, place: &Place, folders: &[&str]) {
    for folder in folders {
        for entry in look.disk.list(&place.path.join(folder)) {
            let stem = entry
                .name
                .strip_suffix(".AppImage")
                .or_else(|| entry.name.strip_suffix(".appimage"));
            let Some(stem) = stem else { continue };
            // `LM-Studio-0.3.5-x64` may be of a program called by any of its starts.
            let ends = stem.match_indices(['-', '_', ' ']).map(|(end, _)| end);
            let starts = ends.chain([stem.len()]).filter_map(|end| stem.get(..end));
            for name in starts.take(16) {
                if add_by_name(look, place, name, "appimage") {
                    break;
                }
            }
        }
    }
}

/// Looks for folders whose names the catalogue lists.
fn look_at_names(look: &mut Look<'_>, place: &Place, folder: &str, word: &'static str) {
    for entry in look.disk.list(&place.path.join(folder)) {
        let attributes = vec![Attribute::new("where", place.scope())];
        look.add_artefact(
            place,
            TraceKind::Application,
            (word, &entry.name),
            attributes,
        );
        if word == "snap-package" {
            add_by_name(look, place, &entry.name, "snap");
        }
    }
}
