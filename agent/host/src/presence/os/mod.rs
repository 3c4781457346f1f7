//! What differs between systems: opening files safely, and working at low priority.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod system;

pub(super) use system::{be_modest, open_regular, owner_of};
