//! How the agent gets its identity: a token admits it once, the collector signs its key.
//!
//! The token carries the fingerprint of the collector's CA, so the first connection is already
//! verified: the presented chain must lead to that CA and name the collector's host.

pub(crate) mod identity;
mod request;
mod token;
mod verify;

pub(crate) use request::{Enrolled, enrol, renew};
pub(crate) use token::{Token, TokenError};
