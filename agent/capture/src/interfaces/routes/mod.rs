//! Which interfaces carry a default route.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

pub(super) use imp::default_route_interfaces;
