//! A durable, bounded queue of opaque records.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod config;
mod error;
mod record;
mod spool;

pub use config::{Config, SyncPolicy};
pub use error::Error;
pub use record::{Record, Sequence, Stats};
pub use spool::Spool;
