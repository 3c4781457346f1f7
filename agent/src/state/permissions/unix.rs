//! Modes of files and folders on Unix.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown,
};
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
    let found = fs::symlink_metadata(path)?.permissions().mode() & 0o777;
    if audience == Audience::Agent && found != mode {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    if let Some((user, group)) = other_owner(path, &fs::symlink_metadata(path)?) {
        lchown(path, Some(user), Some(group))?;
    }
    Ok(())
}

/// The owner of the folder above, when root makes something there for the agent's own user.
fn other_owner(path: &Path, made: &fs::Metadata) -> Option<(u32, u32)> {
    const ROOT: u32 = 0;
    let above = fs::metadata(path.parent()?).ok()?;
    let owner = (above.uid(), above.gid());
    (made.uid() == ROOT && above.uid() != ROOT).then_some(owner)
}

pub(super) fn create_new(path: &Path, audience: Audience) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(file_mode(audience))
        .open(path)?;
    if let Some((user, group)) = other_owner(path, &file.metadata()?) {
        fchown(&file, Some(user), Some(group))?;
    }
    Ok(file)
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
