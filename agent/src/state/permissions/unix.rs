//! Modes of files and folders on Unix.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::Audience;

const fn file_mode(audience: Audience) -> u32 {
    match audience {
        Audience::Agent => 0o600,
        Audience::Everybody => 0o644,
    }
}

const fn dir_mode(audience: Audience) -> u32 {
    match audience {
        Audience::Agent => 0o700,
        Audience::Everybody => 0o755,
    }
}

/// Makes a folder, or corrects the mode of one that is there and should be private.
pub(super) fn create_dir(path: &Path, audience: Audience) -> io::Result<()> {
    let mode = dir_mode(audience);
    DirBuilder::new().recursive(true).mode(mode).create(path)?;
    let found = fs::metadata(path)?.permissions().mode() & 0o777;
    if audience == Audience::Agent && found != mode {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    Ok(())
}

pub(super) fn create_new(path: &Path, audience: Audience) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(file_mode(audience))
        .open(path)
}

pub(super) fn open_for_writing(path: &Path, audience: Audience) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(file_mode(audience))
        .open(path)
}

pub(super) fn open_for_appending(path: &Path, audience: Audience) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(file_mode(audience))
        .open(path)?;
    file.set_permissions(Permissions::from_mode(file_mode(audience)))?;
    Ok(file)
}

/// Makes a rename in the folder of `path` durable.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
