//! What the operating system knows: who owns a socket, which program that is, and which AI tools
//! are on the device.
//!
//! [`sockets`] says what happens to sockets and whose they are, by the best means that the kernel
//! offers; [`presence`] looks for traces of AI tools that are installed, configured or running.
//! Both give what `flow` matches; nothing here decides what is reported.
#![warn(missing_docs)]

pub mod presence;
pub mod sockets;
