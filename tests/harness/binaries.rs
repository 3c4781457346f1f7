//! Finds the programs that were built, and refuses those that are older than their sources.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// The path of a built program, from the same target folder as the running test.
///
/// # Errors
/// When it was not built, or when a source file is newer than it.
pub fn program(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe().context("cannot tell where the tests were built")?;
    let folder = test
        .ancestors()
        .find(|folder| folder.join("deps").is_dir())
        .context("the test is not in a target folder")?;
    let path = folder.join(name);
    let built = std::fs::metadata(&path)
        .and_then(|metadata| metadata.modified())
        .with_context(|| format!("{name} is not built: run `cargo build --workspace` first"))?;
    let newest = ["agent", "collector", "proto", "signatures"]
        .iter()
        .filter_map(|folder| newest_source(&workspace().join(folder)))
        .max();
    if newest.is_some_and(|source| source > built) && !up_to_date_by_cargo(folder, name) {
        bail!("{name} is older than its sources: run `cargo build --workspace` first");
    }
    Ok(path)
}

/// Cargo leaves a program alone when a newer file turned out not to matter, and then touches its dependency file.
fn up_to_date_by_cargo(folder: &Path, name: &str) -> bool {
    let Ok(listed) = std::fs::read_to_string(folder.join(format!("{name}.d"))) else {
        return false;
    };
    let Ok(built) = std::fs::metadata(folder.join(name)).and_then(|metadata| metadata.modified())
    else {
        return false;
    };
    listed
        .split_whitespace()
        .skip(1)
        .filter_map(|source| {
            std::fs::metadata(source)
                .and_then(|metadata| metadata.modified())
                .ok()
        })
        .all(|modified| modified <= built)
}

fn newest_source(folder: &Path) -> Option<SystemTime> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        let modified = if path.is_dir() {
            if path.ends_with("tests") || path.ends_with("benches") {
                None
            } else {
                newest_source(&path)
            }
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "proto" || end == "toml")
        {
            entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .ok()
        } else {
            None
        };
        newest = newest.max(modified);
    }
    newest
}
