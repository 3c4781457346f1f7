//! What the tests share: the program, captures made on the spot, and a collector.

pub(crate) mod agent;
pub(crate) mod authority;
pub(crate) mod capture;
pub(crate) mod collector;
pub(crate) mod connection;
pub(crate) mod proxy;
