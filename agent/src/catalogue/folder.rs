//! Reads the TOML files of the local folder.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use signatures::{MAX_FILE_BYTES, MAX_FILES};

/// Every `.toml` file of `folder`, by its whole path, ordered; or which one cannot be read.
pub(super) fn read(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", folder.display());
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
            return Err(format!("{}: more than {MAX_FILES} files", folder.display()));
        }
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let text = read_file(&path).map_err(|problem| format!("{name}: {problem}"))?;
        files.push((name, text));
    }
    Ok(files)
}

pub(super) fn read_file(path: &Path) -> Result<String, String> {
    let most = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(format!("larger than {MAX_FILE_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is no text".to_owned())
}
