//! Extensions of editors of the Visual Studio Code family, and plug-ins of JetBrains products.

use flow::{Attribute, TraceKind};
use serde::Deserialize;

use super::{Look, Place, version_of};
use crate::presence::disk::{Entry, MAX_SETTINGS, name_of};

/// Where each editor keeps its extensions, below the home folder.
const EDITORS: &[(&str, &str)] = &[
    ("vscode", ".vscode/extensions"),
    ("vscode-insiders", ".vscode-insiders/extensions"),
    ("vscodium", ".vscode-oss/extensions"),
    ("vscode-server", ".vscode-server/extensions"),
    ("vscode-server", ".vscode-server-insiders/extensions"),
    (
        "vscode",
        ".var/app/com.visualstudio.code/data/vscode/extensions",
    ),
    ("code-server", ".local/share/code-server/extensions"),
    ("cursor", ".cursor/extensions"),
    ("cursor-server", ".cursor-server/extensions"),
    ("windsurf", ".windsurf/extensions"),
    ("windsurf-server", ".windsurf-server/extensions"),
    ("trae", ".trae/extensions"),
    ("kiro", ".kiro/extensions"),
    ("antigravity", ".antigravity/extensions"),
    ("positron", ".positron/extensions"),
    ("void", ".void-editor/extensions"),
];
const KIND: &str = "vscode-extension";
const PLUGIN: &str = "jetbrains-plugin";
/// Folders of plug-ins are not called by the ids of the plug-ins: those that are known.
const PLUGIN_FOLDERS: &[(&str, &str)] = &[
    ("amazon-q", "amazon.q"),
    ("amazon-q-jetbrains", "amazon.q"),
    ("plugin-amazonq", "amazon.q"),
    ("codeium", "com.codeium.intellij"),
    ("codium", "ai.codium.intellij"),
    ("qodo-gen", "ai.codium.intellij"),
    (
        "continue-intellij-extension",
        "com.github.continuedev.continueintellijextension",
    ),
    ("github-copilot-intellij", "com.github.copilot"),
    ("ml-llm", "com.intellij.ml.llm"),
    ("Sourcegraph", "com.sourcegraph.jetbrains"),
    ("sourcegraph-jetbrains", "com.sourcegraph.jetbrains"),
    ("TabNine", "com.tabnine.TabNine"),
    ("tabnine-intellij", "com.tabnine.TabNine"),
];

/// An entry of the list that an editor keeps of its extensions.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    identifier: Identifier,
    version: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identifier {
    id: Option<String>,
}

/// Looks through the extensions of every editor.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    for (editor, folder) in EDITORS {
        let folder = place.path.join(folder);
        let entries = look.disk.list(&folder);
        if entries.is_empty() {
            continue;
        }
        let list = look
            .disk
            .read(&folder.join("extensions.json"), MAX_SETTINGS);
        // The list is better than the folders, of which old ones are left over.
        let found = list
            .and_then(|bytes| listed(&bytes))
            .unwrap_or_else(|| in_folders(&entries));
        for (id, version) in found {
            let mut attributes = vec![Attribute::new("editor", editor)];
            attributes.extend(version.as_deref().and_then(version_of));
            look.add_artefact(place, TraceKind::IdeExtension, (KIND, &id), attributes);
        }
    }
    for pattern in [
        ".local/share/JetBrains/*/*",
        ".config/JetBrains/*/plugins/*",
    ] {
        for path in look.disk.expand(&place.path, pattern) {
            let name = name_of(&path);
            let known = PLUGIN_FOLDERS.iter().find(|(folder, _)| *folder == name);
            let id = known.map_or(name, |(_, id)| id);
            let attributes = vec![Attribute::new("editor", "jetbrains")];
            look.add_artefact(place, TraceKind::IdeExtension, (PLUGIN, id), attributes);
        }
    }
}

/// Ids and versions of an editor's list.
pub(in crate::presence) fn listed(bytes: &[u8]) -> Option<Vec<(String, Option<String>)>> {
    let list: Vec<Listed> = serde_json::from_slice(bytes).ok()?;
    let known = list
        .into_iter()
        .filter_map(|one| Some((one.identifier.id?, one.version)));
    Some(known.collect())
}

/// Ids and versions by folders: `publisher.name-1.2.3` or `publisher.name-1.2.3-linux-x64`.
fn in_folders(entries: &[Entry]) -> Vec<(String, Option<String>)> {
    let folders = entries
        .iter()
        .filter(|entry| entry.is_folder || entry.is_link);
    let known = folders.filter_map(|entry| {
        let mut dashes = entry.name.match_indices('-');
        let (end, _) = dashes.find(|(place, _)| {
            let after = entry
                .name
                .get(place.saturating_add(1)..)
                .unwrap_or_default();
            after.starts_with(|c: char| c.is_ascii_digit())
        })?;
        let (id, version) = entry.name.split_at_checked(end)?;
        let version = version.get(1..).unwrap_or_default();
        let version = version.split('-').next().unwrap_or_default();
        Some((id.to_owned(), Some(version.to_owned())))
    });
    known.collect()
}
