//! What the operating system knows: who owns a socket, which program that is, and which AI tools
//! are on the device.
//!
//! [`sockets`] says what happens to sockets and whose they are, by the best means that the kernel
//! offers; [`process`] says which program a process is; [`presence`] looks for traces of AI tools
//! that are installed, configured or running. All give what `flow` matches; nothing here decides what
//! is reported.
#![warn(missing_docs)]

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "used where sockets and processes are read")
)]
mod bounded;
pub mod presence;
pub mod process;
pub mod sockets;
