//! What this machine is called and what runs it, as sent at enrolment and with each heartbeat.

use sysinfo::System;

/// The machine's own name, or an empty text.
pub(crate) fn name() -> String {
    System::host_name().unwrap_or_default()
}

/// Name and version of the operating system.
pub(crate) fn os() -> String {
    System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned())
}
