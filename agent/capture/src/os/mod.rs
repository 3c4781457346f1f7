//! The few calls to the system that capturing needs on every Unix.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "stub.rs")]
mod imp;

#[cfg(all(feature = "pcap", target_os = "linux"))]
pub(crate) use imp::capture_socket;
pub(crate) use imp::interface_index;
#[cfg(feature = "pcap")]
pub(crate) use imp::wait_for_capture;
#[cfg(target_os = "linux")]
pub(crate) use imp::{Wait, wait_readable};
