//! What the queue needs from a folder, as a trait, so that the tests can crash it at every write.

mod disk;
#[cfg(test)]
pub(crate) mod memory;
#[cfg_attr(unix, path = "platform_unix.rs")]
#[cfg_attr(not(unix), path = "platform_other.rs")]
mod platform;

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;

pub(crate) use disk::Disk;

/// One folder. A file or a name in it is durable only after the call that says so.
pub(crate) trait Filesystem: Debug {
    /// An open file.
    type File: File;

    /// The path of a file, for messages.
    fn path(&self, name: &str) -> PathBuf;

    /// The names of all files.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens a file for reading and writing, making it when it is not there.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes the names durable.
    fn sync_dir(&self) -> io::Result<()>;
}

/// One file.
pub(crate) trait File: Debug {
    /// Reads from `offset`, up to `len` bytes or the end.
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Vec<u8>>;

    /// Writes all of `bytes` at `offset`; on an error any part of them may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes what was written durable.
    fn sync(&self) -> io::Result<()>;
}
