//! SQLite in one file, `inventory.db`, in the collector's data folder: nothing else to install.
//!
//! One connection writes, behind a lock, and a few read beside it (write-ahead log). Every write
//! is on disk before it is acknowledged (`synchronous=FULL`). Tables are strict, keys are checked.
//! Migrations are the files in `migrations/sqlite`, in order of number; the number of the last one
//! is in `user_version`. The files are readable by their owner only.

mod answers;
mod audit;
mod backup;
mod connection;
mod coverage;
mod devices;
mod failure;
mod history;
mod identity;
mod intern;
mod migrate;
mod policy;
mod record;
mod rows;
mod sealed;
mod sensors;
mod store;
mod sums;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use connection::Readers;
pub(crate) use failure::Failure;
pub use migrate::SCHEMA_VERSION;

use crate::error::Error;

/// Name of the database in its folder.
const FILE: &str = "inventory.db";

/// How to open an inventory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Most bytes the inventory may take on disk; `None`: as much as there is. At the cap writes
    /// fail with [`Error::Full`].
    pub max_bytes: Option<u64>,
}

/// The embedded store. It may be shared between threads.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Readers,
}

impl Sqlite {
    /// Opens the inventory in a folder, makes both when they are not there, and brings the tables
    /// to [`SCHEMA_VERSION`].
    ///
    /// # Errors
    /// Whatever keeps it from being read and written: [`Error::Unwritable`], [`Error::Full`],
    /// [`Error::Corrupt`], [`Error::TooNew`], [`Error::Busy`].
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Self::open_with(dir, Options::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_with(dir: &Path, options: Options) -> Result<Self, Error> {
        connection::prepare_folder(dir)?;
        let path = dir.join(FILE);
        connection::prepare_file(&path)?;
        let open = || -> Result<Connection, Failure> {
            let mut connection = connection::writer(&path, options)?;
            migrate::migrate(&mut connection)?;
            Ok(connection)
        };
        let writer = open().map_err(|failure| failure.at(&path))?;
        Ok(Self {
            readers: Readers::new(path.clone()),
            writer: Mutex::new(writer),
            path,
        })
    }

    /// Runs one writing transaction: all of it is kept and durable, or nothing.
    fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let run = || -> Result<T, Failure> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = write(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        run().map_err(|failure| failure.at(&self.path))
    }

    /// Runs one reading transaction: everything in it sees the same state.
    fn read<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let run = || -> Result<T, Failure> {
            let mut reader = self.readers.take()?;
            let transaction = reader.connection()?.transaction()?;
            read(&transaction)
        };
        run().map_err(|failure| failure.at(&self.path))
    }
}
