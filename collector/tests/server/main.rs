//! A real collector on loopback, real clients: enrolment, reports, what the
//! port endures, and what is left when the process or the disk gives way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says so by failing"
)]

mod catalogue;
mod client;
mod commands;
mod crash;
mod disk;
mod enrolment;
mod listener;
mod messages;
mod process;
mod reports;
mod site;
