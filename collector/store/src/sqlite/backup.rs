//! A complete copy, made while others go on reading and writing.

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::Sqlite;
use super::failure::Failure;
use crate::error::Error;

/// Writes the copy beside its place and moves it there when it is whole and on disk.
pub(super) fn backup(store: &Sqlite, to: &Path) -> Result<(), Error> {
    let unwritable = |source| Error::Io {
        path: to.to_owned(),
        source,
    };
    let (Some(name), Some(folder)) = (to.file_name(), to.parent()) else {
        return Err(unwritable(io::Error::from(io::ErrorKind::InvalidInput)));
    };
    if to.try_exists().map_err(unwritable)? {
        return Err(Error::Exists {
            what: "a file of this name",
        });
    }
    let mut partial = name.to_owned();
    partial.push(".partial");
    let partial = folder.join(partial);
    create(&partial).map_err(unwritable)?;
    let copied = copy(store, &partial).and_then(|()| {
        fs::File::open(&partial)
            .and_then(|file| file.sync_all())
            .map_err(unwritable)?;
        // A hard link fails when the name is taken meanwhile, a rename would replace it.
        fs::hard_link(&partial, to).map_err(unwritable)
    });
    fs::remove_file(&partial).map_err(unwritable)?;
    copied?;
    sync_folder(folder).map_err(unwritable)
}

fn create(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

fn copy(store: &Sqlite, to: &Path) -> Result<(), Error> {
    let run = |target: &mut Connection| -> Result<(), Failure> {
        let mut reader = store.readers.take()?;
        let source = reader.connection()?;
        // All pages in one step are one consistent state; writers go on in the log meanwhile.
        rusqlite::backup::Backup::new(source, target)?.step(-1)?;
        Ok(())
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let mut target =
        Connection::open_with_flags(to, flags).map_err(|error| Failure::from(error).at(to))?;
    run(&mut target).map_err(|failure| failure.at(to))?;
    // The copy of a database in log mode would want its log: make it a plain file.
    let plain = target.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()));
    plain.map_err(|error| Failure::from(error).at(to))?;
    target
        .close()
        .map_err(|(_, error)| Failure::from(error).at(to))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
