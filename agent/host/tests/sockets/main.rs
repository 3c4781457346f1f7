//! Real programs, connecting and sending in a network namespace of each test's own, and whose each socket
//! is found to be.
//!
//! A test starts itself again under `unshare --net`; where that is not allowed, or kernel events are not,
//! it says so and is left out.
#![cfg(target_os = "linux")]
#![cfg(test)]

mod bytes;
mod events;
mod fallbacks;
mod object;
mod passed;
mod support;
mod thousand;
