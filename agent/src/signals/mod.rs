//! The order to stop, as the system gives it.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "stub.rs")]
mod imp;

pub(crate) use imp::stop;
