//! The system's service manager: told when the agent is ready, that it is alive, that it stops.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

pub(crate) use imp::Manager;
