//! Reads the TOML files of a folder.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use signatures::{MAX_FILE_BYTES, MAX_FILES};

/// Says which file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct Unreadable {
    path: PathBuf,
    reason: String,
}

impl Unreadable {
    fn new(path: &Path, reason: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// Reads every `.toml` file of `folder`, ordered by name; `named` makes the name under which a file is known.
///
/// # Errors
/// The first file that is unreadable or too large, or too many files.
pub fn read_folder(
    folder: &Path,
    named: impl Fn(&Path) -> String,
) -> Result<Vec<(String, String)>, Unreadable> {
    let unreadable = |error: io::Error| Unreadable::new(folder, error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
        if paths.len() > MAX_FILES {
            return Err(Unreadable::new(
                folder,
                format!("more than {MAX_FILES} files"),
            ));
        }
    }
    paths.sort();
    paths
        .iter()
        .map(|path| Ok((named(path), read_file(path)?)))
        .collect()
}

/// Reads one file, no further than any catalogue file goes.
pub(crate) fn read_file(path: &Path) -> Result<String, Unreadable> {
    let most = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| Unreadable::new(path, error))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Unreadable::new(
            path,
            format!("larger than {MAX_FILE_BYTES} bytes"),
        ));
    }
    String::from_utf8(bytes).map_err(|_| Unreadable::new(path, "is no text"))
}
