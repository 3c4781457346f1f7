//! Owners of sockets: kernel events where they can be had, else tables of sockets that are read.
//!
//! [`Sockets::open`] takes the best [`Backend`] that works here and says in words what could not be
//! used and what that costs. Only the kernel's events are *exact*: the process that connected, or
//! first sent. What is read from tables is *polled*: the one process that holds the socket now. Where
//! that is not certain (several hold it, it began after the flow, it is gone) the answer is a reason
//! and no process.

mod backend;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "stub.rs")]
mod imp;

pub use backend::{Backend, Need, SocketsConfig};
pub use imp::Sockets;
