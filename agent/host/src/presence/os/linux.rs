//! Linux: files are looked at before they are opened, and threads can be made modest.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// How much nicer than others the thread is.
const NICENESS: libc::c_int = 10;
/// `IOPRIO_CLASS_IDLE` of `linux/ioprio.h`, shifted to its place: the disk is used when nobody else wants it.
const IDLE_DISK: libc::c_long = 3 << 13;
/// `IOPRIO_WHO_PROCESS`: one thread.
const ONE_THREAD: libc::c_long = 1;

/// Opens a regular file for reading. Anything else is looked at only, never opened: opening a FIFO could
/// wait for ever, and opening a device could do something.
pub(in crate::presence) fn open_regular(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let look = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH | libc::O_NONBLOCK)
        .open(path)?;
    let metadata = look.metadata()?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let same = format!("/proc/self/fd/{}", look.as_raw_fd());
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(same)?;
    Ok(Some((file, metadata)))
}

/// Number of the user whom a file belongs to.
pub(in crate::presence) fn owner_of(metadata: &Metadata) -> Option<u32> {
    Some(metadata.uid())
}

/// Lets all other work go before that of this thread, on the processor and on the disk.
///
/// # Errors
/// What the system refused.
pub(in crate::presence) fn be_modest() -> io::Result<()> {
    be_nice()?;
    leave_the_disk()
}

#[expect(
    unsafe_code,
    reason = "no library in use sets the niceness of a thread"
)]
fn be_nice() -> io::Result<()> {
    // SAFETY: takes numbers only; on Linux process number 0 means the calling thread.
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[expect(unsafe_code, reason = "the C library has no function for ioprio_set")]
fn leave_the_disk() -> io::Result<()> {
    // SAFETY: takes numbers only; thread number 0 means the calling thread.
    let result = unsafe { libc::syscall(libc::SYS_ioprio_set, ONE_THREAD, 0, IDLE_DISK) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
