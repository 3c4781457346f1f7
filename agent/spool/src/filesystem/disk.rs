//! A folder on disk.

use std::fs::{self, DirBuilder, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{File, Filesystem, platform};
use crate::Error;

const LOCK: &str = "lock";

/// A folder that no other process has open as a spool.
#[derive(Debug)]
pub(crate) struct Disk {
    dir: PathBuf,
    /// Locked as long as it is open.
    _lock: fs::File,
}

impl Disk {
    /// Makes the folder when it is not there and takes its lock.
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        let access = |path: &Path| {
            let path = path.to_path_buf();
            |source| Error::Access { path, source }
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        platform::dir(&mut builder)
            .create(dir)
            .map_err(access(dir))?;
        let path = dir.join(LOCK);
        let lock = open_private(&path).map_err(access(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                dir: dir.to_path_buf(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse {
                dir: dir.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(Error::Access { path, source }),
        }
    }
}

fn open_private(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    platform::file(&mut options).open(path)
}

impl Filesystem for Disk {
    type File = fs::File;

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            // What is not a name of ours cannot be read as one, so it may as well be left out.
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<fs::File> {
        open_private(&self.path(name))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        platform::sync_dir(&self.dir)
    }
}

impl File for fs::File {
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(u64::try_from(len).unwrap_or(u64::MAX))
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
