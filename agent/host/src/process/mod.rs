//! Which program a process is: what tells one program from another, and nothing about what it is used for.
//!
//! [`Processes`] reads `/proc`, or takes what the kernel said at the moment a process opened a socket,
//! and makes a [`flow::ProcessIdentity`] of it. Paths below home folders are cut to `~/…/` and the file
//! name, of command lines only what names the program is kept ([`redacted_command`]), names are cleaned
//! of what could deceive a reader. The hash of the program file and its Debian package are found out by
//! a thread of low priority, since both read the disk; [`Processes::completed`] fills them in.

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "used where processes are read")
)]
mod home;
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "used where processes are read")
)]
mod package;
mod redact;
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "used where processes are read")
)]
mod text;

#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

#[cfg(target_os = "linux")]
pub(crate) use imp::{Facts, MAX_PARENTS, Stat, TICK_NANOS, wall_at_boot};
pub use imp::{Known, Processes};
pub use redact::redacted_command;
