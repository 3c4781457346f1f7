//! Files and folders where modes do not exist: the folder above decides who may read.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use super::Audience;

pub(super) fn create_dir(path: &Path, _: Audience) -> io::Result<()> {
    fs::create_dir_all(path)
}

pub(super) fn create_new(path: &Path, _: Audience) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

pub(super) fn open_for_writing(path: &Path, _: Audience) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

pub(super) fn open_for_appending(path: &Path, _: Audience) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

pub(super) fn sync_parent(_: &Path) -> io::Result<()> {
    Ok(())
}
