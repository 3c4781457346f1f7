//! Files and connections: who may read them, how they are set up, how many there are.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{Failure, Options};
use crate::error::Error;

/// Readers beside the writer; more callers wait.
const MAX_READERS: usize = 4;
/// How long a connection waits for a lock that another program holds.
const BUSY: Duration = Duration::from_secs(5);
/// The log is cut back to this after a checkpoint.
const MAX_IDLE_LOG: i64 = 64 << 20;
/// Page cache of one connection, in KiB, negative as SQLite wants it.
const CACHE_KIB: i64 = -(16 << 10);
const PAGE_BYTES: u64 = 4096;
/// Prepared statements kept on one connection.
const STATEMENTS: usize = 64;

/// Makes the folder, for its owner only, when it is not there.
pub(super) fn prepare_folder(dir: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(dir).map_err(|error| refused(dir, error))
}

/// Makes the file, or makes it its owner's only; SQLite gives its other files the same mode.
pub(super) fn prepare_file(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(|error| refused(path, error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file
            .metadata()
            .map_err(|error| refused(path, error))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            let owner = fs::Permissions::from_mode(0o600);
            file.set_permissions(owner)
                .map_err(|error| refused(path, error))?;
        }
    }
    drop(file);
    Ok(())
}

fn refused(path: &Path, error: io::Error) -> Error {
    Error::Unwritable {
        path: path.to_owned(),
        source: Box::new(error),
    }
}

/// The connection that writes.
pub(super) fn writer(path: &Path, options: Options) -> Result<Connection, Failure> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_size_limit", MAX_IDLE_LOG, |_| Ok(()))?;
    if let Some(bytes) = options.max_bytes {
        let pages = i64::try_from(bytes / PAGE_BYTES).unwrap_or(i64::MAX).max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    set_up(&connection)?;
    Ok(connection)
}

fn reader(path: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    set_up(&connection)?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> Result<(), Failure> {
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Connections that read, opened when first wanted.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    taken: usize,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            pool: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// Waits until one of the connections is free.
    pub(super) fn take(&self) -> Result<Reader<'_>, Failure> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        while pool.taken >= MAX_READERS {
            pool = self
                .returned
                .wait(pool)
                .unwrap_or_else(PoisonError::into_inner);
        }
        pool.taken = pool.taken.saturating_add(1);
        let connection = pool.idle.pop();
        drop(pool);
        // From here on dropping the reader gives its place back, also when opening fails.
        let mut taken = Reader {
            readers: self,
            connection,
        };
        if taken.connection.is_none() {
            taken.connection = Some(reader(&self.path)?);
        }
        Ok(taken)
    }
}

/// A connection on loan.
pub(super) struct Reader<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Reader<'_> {
    pub(super) fn connection(&mut self) -> Result<&mut Connection, Failure> {
        self.connection.as_mut().ok_or(Failure::Unreadable)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut pool = self
            .readers
            .pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        pool.taken = pool.taken.saturating_sub(1);
        pool.idle.extend(self.connection.take());
        drop(pool);
        self.readers.returned.notify_one();
    }
}
