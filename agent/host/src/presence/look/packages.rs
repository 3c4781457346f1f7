//! Packages of languages that the catalogue lists: of npm where they are global, of PyPI in
//! environments that are found without searching; and packages of the system.

use std::path::{Path, PathBuf};

use flow::{Attribute, TraceKind};

use super::{Look, Place, version_of};
use crate::presence::disk::MAX_SETTINGS;
use crate::presence::read::{Format, text_at};

/// Global folders of Node.js packages below a home folder.
const NODE_HOMES: &[&str] = &[
    ".npm-global/lib/node_modules",
    ".local/lib/node_modules",
    ".npm/lib/node_modules",
    "node_modules",
    ".claude/local/node_modules",
    ".nvm/versions/node/*/lib/node_modules",
    ".fnm/node-versions/*/installation/lib/node_modules",
    ".local/share/fnm/node-versions/*/installation/lib/node_modules",
    ".local/share/mise/installs/node/*/lib/node_modules",
    ".asdf/installs/nodejs/*/lib/node_modules",
    ".local/share/pnpm/global/*/node_modules",
    ".config/yarn/global/node_modules",
    ".bun/install/global/node_modules",
    ".volta/tools/image/packages/*/lib/node_modules",
    ".volta/tools/image/packages/*/*/lib/node_modules",
];
/// The same for the whole device.
const NODE_SYSTEM: &[&str] = &[
    "usr/lib/node_modules",
    "usr/local/lib/node_modules",
    "opt/*/lib/node_modules",
    "home/linuxbrew/.linuxbrew/lib/node_modules",
];
/// Folders of Python packages below a home folder.
const PYTHON_HOMES: &[&str] = &[
    ".local/lib/python3*/site-packages",
    ".local/share/pipx/venvs/*/lib/python3*/site-packages",
    ".local/pipx/venvs/*/lib/python3*/site-packages",
    ".local/share/uv/tools/*/lib/python3*/site-packages",
    ".virtualenvs/*/lib/python3*/site-packages",
    ".pyenv/versions/*/lib/python3*/site-packages",
    "*conda*/lib/python3*/site-packages",
    "*conda*/envs/*/lib/python3*/site-packages",
    "miniforge3/lib/python3*/site-packages",
    "miniforge3/envs/*/lib/python3*/site-packages",
    "mambaforge/lib/python3*/site-packages",
];
/// The same for the whole device.
const PYTHON_SYSTEM: &[&str] = &[
    "usr/lib/python3*/dist-packages",
    "usr/lib/python3*/site-packages",
    "usr/lib64/python3*/site-packages",
    "usr/local/lib/python3*/dist-packages",
    "usr/local/lib/python3*/site-packages",
    "opt/*conda*/lib/python3*/site-packages",
    "opt/pipx/venvs/*/lib/python3*/site-packages",
];

/// Looks through global and user-wide packages of a home folder, and through the environments that lie directly in it.
pub(in crate::presence) fn look_in_home(look: &mut Look<'_>, place: &Place) {
    look_at_node(look, place, NODE_HOMES);
    look_at_python(look, place, PYTHON_HOMES);
    for entry in look.disk.list(&place.path) {
        if entry.is_folder && look.disk.exists(&entry.path.join("pyvenv.cfg")) {
            for packages in look.disk.expand(&entry.path, "lib/python3*/site-packages") {
                look_in_site(look, place, &packages);
            }
        }
    }
}

/// Looks through the packages of the whole device.
pub(in crate::presence) fn look_in_system(look: &mut Look<'_>, place: &Place) {
    look_at_node(look, place, NODE_SYSTEM);
    look_at_python(look, place, PYTHON_SYSTEM);
    let listed: Vec<String> = look
        .wanted
        .values("linux-package")
        .map(str::to_owned)
        .collect();
    for name in listed.iter().filter(|name| is_plain(name)) {
        let marks = [
            format!("var/lib/dpkg/info/{name}.list"),
            format!("var/lib/dpkg/info/{name}:amd64.list"),
            format!("usr/share/doc/packages/{name}"),
            format!("usr/share/licenses/{name}"),
        ];
        if marks
            .iter()
            .any(|mark| look.disk.exists(&place.path.join(mark)))
        {
            look.add_artefact(
                place,
                TraceKind::Application,
                ("linux-package", name),
                Vec::new(),
            );
        }
    }
}

fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
}

fn look_at_node(look: &mut Look<'_>, place: &Place, patterns: &[&str]) {
    for pattern in patterns {
        for folder in look.disk.expand(&place.path, pattern) {
            let mut found: Vec<(String, PathBuf)> = Vec::new();
            for entry in look.disk.list(&folder) {
                if entry.name.starts_with('@') {
                    for inner in look.disk.list(&entry.path) {
                        found.push((format!("{}/{}", entry.name, inner.name), inner.path));
                    }
                } else {
                    found.push((entry.name, entry.path));
                }
            }
            for (name, path) in found {
                if look.wanted.artefact("npm-package", &name).is_some() {
                    let package =
                        look.settings(&path.join("package.json"), Format::Json, MAX_SETTINGS);
                    let version = package
                        .as_ref()
                        .and_then(|package| text_at(package, &["version"]));
                    let mut attributes: Vec<Attribute> =
                        version.and_then(version_of).into_iter().collect();
                    attributes.push(Attribute::new("where", place.scope()));
                    look.add_artefact(
                        place,
                        TraceKind::Package,
                        ("npm-package", &name),
                        attributes,
                    );
                }
            }
        }
    }
}

fn look_at_python(look: &mut Look<'_>, place: &Place, patterns: &[&str]) {
    for pattern in patterns {
        for folder in look.disk.expand(&place.path, pattern) {
            look_in_site(look, place, &folder);
        }
    }
}

/// Reads the names of what was installed: `name-1.2.3.dist-info`.
fn look_in_site(look: &mut Look<'_>, place: &Place, folder: &Path) {
    for entry in look.disk.list(folder) {
        let installed = entry
            .name
            .strip_suffix(".dist-info")
            .and_then(|name| name.rsplit_once('-'));
        if let Some((name, version)) = installed {
            let mut attributes: Vec<Attribute> = version_of(version).into_iter().collect();
            attributes.push(Attribute::new("where", place.scope()));
            look.add_artefact(place, TraceKind::Package, ("pip-package", name), attributes);
        }
    }
}
