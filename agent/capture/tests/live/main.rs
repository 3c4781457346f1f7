//! Captures real packets in a network namespace of each test's own.
//!
//! A test starts itself again under `unshare --net`; where that is not allowed it says so and is
//! left out.
#![cfg(target_os = "linux")]
#![cfg(test)]

mod faults;
mod filter;
mod frames;
mod namespace;
