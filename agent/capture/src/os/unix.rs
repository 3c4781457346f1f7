//! The calls as Unix has them.
#![expect(unsafe_code, reason = "calls into the system's C library")]

use std::ffi::CString;
use std::io::{self, PipeReader};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

/// The number of an interface, when there is one of that name.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` is a string that ends with a zero byte and lives through the call.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}

/// Why waiting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wait {
    /// There is something to read.
    Readable,
    /// The time is over, or a signal came.
    Idle,
    /// The descriptor has an error to tell.
    Failed,
}

/// Waits until there is something to read.
///
/// When `wake` is readable or was closed at its other end, that ends the wait as the time does.
pub(crate) fn wait_readable(
    fd: BorrowedFd<'_>,
    wake: Option<&PipeReader>,
    timeout: Duration,
) -> io::Result<Wait> {
    let millis = timeout.as_nanos().div_ceil(1_000_000);
    let millis = i32::try_from(millis).unwrap_or(i32::MAX);
    let entry = |fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    // The system passes over an entry whose descriptor is negative.
    let woken = wake.map_or(-1, AsRawFd::as_raw_fd);
    let mut entries = [entry(fd.as_raw_fd()), entry(woken)];
    // SAFETY: the pointer is to two entries, as the count says, and nobody else uses them.
    let ready = unsafe { libc::poll(entries.as_mut_ptr(), 2, millis) };
    let [entry, _] = entries;
    if ready < 0 {
        let error = io::Error::last_os_error();
        let interrupted = error.kind() == io::ErrorKind::Interrupted;
        return if interrupted {
            Ok(Wait::Idle)
        } else {
            Err(error)
        };
    }
    Ok(match entry.revents {
        0 => Wait::Idle,
        events if events & (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) != 0 => Wait::Failed,
        _ => Wait::Readable,
    })
}

/// The descriptor that libpcap reads from.
#[cfg(feature = "pcap")]
pub(crate) fn capture_socket(capture: &pcap::Capture<pcap::Active>) -> BorrowedFd<'_> {
    // SAFETY: the descriptor is open as long as the capture, which stays borrowed.
    unsafe { BorrowedFd::borrow_raw(capture.as_raw_fd()) }
}

/// Waits until libpcap has something to read.
#[cfg(feature = "pcap")]
pub(crate) fn wait_for_capture(
    capture: &pcap::Capture<pcap::Active>,
    wake: Option<&PipeReader>,
    timeout: Duration,
) -> io::Result<()> {
    wait_readable(capture_socket(capture), wake, timeout).map(|_| ())
}
