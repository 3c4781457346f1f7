//! What this process may do. Capturing needs one capability and nothing else does.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

pub(crate) use imp::missing_for_capture;
