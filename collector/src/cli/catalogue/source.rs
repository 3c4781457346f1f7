//! From a path to the catalogue that is meant.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use signatures::Catalogue;
use signatures::bundle::Bundle;

use super::super::Place;
use super::Which;
use crate::catalogue::{Live, Shelf, read_bundle, read_file, read_folder};

/// Files of a catalogue, `(name, text)`.
pub(super) type Files = Vec<(String, String)>;

impl Which {
    /// The catalogue that is meant.
    pub(super) fn load(&self, place: &Place) -> Result<Arc<Catalogue>> {
        if let Some(path) = &self.catalogue {
            let files = files(path)?;
            return Ok(Arc::new(
                Catalogue::load(&files).with_context(|| refused(path))?,
            ));
        }
        let config = place.config()?;
        let live = Live::open(
            Shelf::new(&config.data_dir),
            config.catalogue_local.as_deref(),
        );
        for problem in live.problems() {
            super::super::output::note(&format!("left out: {problem}"));
        }
        Ok(live.catalogue())
    }
}

pub(super) fn refused(path: &Path) -> String {
    format!("{} is no catalogue", path.display())
}

/// The files of a folder, of a bundle, or the one file at `path`.
pub(super) fn files(path: &Path) -> Result<Files> {
    if path.is_dir() {
        return Ok(read_folder(path, file_name)?);
    }
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        return Ok(vec![(file_name(path), read_file(path)?)]);
    }
    let bytes = read_bundle(path).with_context(|| path.display().to_string())?;
    let bundle = Bundle::open_untrusted(&bytes);
    Ok(bundle.with_context(|| path.display().to_string())?.files)
}

/// The catalogue of the published bundle, or else that of the program.
pub(super) fn published(place: &Place) -> Result<Arc<Catalogue>> {
    let shelf = Shelf::new(&place.config()?.data_dir);
    match shelf.published()? {
        Some(bytes) => Ok(Arc::new(shelf.open(&bytes)?.catalogue)),
        None => Ok(Arc::clone(Catalogue::builtin())),
    }
}

/// The files of several folders and files, known by their whole paths.
pub(super) fn all_files(paths: &[PathBuf]) -> Result<Files> {
    let mut files = Files::new();
    let named = |path: &Path| path.display().to_string();
    for path in paths {
        if path.is_dir() {
            files.extend(read_folder(path, named)?);
        } else {
            files.push((named(path), read_file(path)?));
        }
    }
    Ok(files)
}

pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
