//! Captures real packets in a network namespace of each test's own.
//!
//! A test starts itself again under `unshare --net`; where that is not allowed it says so and is
//! left out.
#![cfg(all(test, target_os = "linux"))]

mod faults;
mod frames;
mod namespace;
