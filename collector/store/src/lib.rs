//! Where the inventory is kept: the [`Store`] trait, and SQLite behind it.
//!
//! A store keeps what sensors reported, what people decided, who may enrol and who may ask, and
//! the log of all that. It answers with the types of [`inventory`]. Every method is one
//! transaction: when it returns `Ok`, what it wrote survives a power cut; when it returns an
//! error, it wrote nothing. Methods block, so asynchronous callers move them to a thread that may.
//!
//! ```no_run
//! use std::path::Path;
//! use store::{Sqlite, Store as _};
//!
//! let store = Sqlite::open(Path::new("/var/lib/gnomon-collector"))?;
//! println!("{} sensors", store.sensors()?.len());
//! # Ok::<(), store::Error>(())
//! ```
//!
//! Time is a parameter here too: `now` is the collector's clock.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod audit;
mod error;
mod identity;
mod sqlite;
mod store;

pub use audit::{AuditAction, AuditCheck, AuditEntry, AuditRecord};
pub use error::Error;
pub use identity::{
    Certificate, NewSensor, NewToken, NewUser, Redemption, Role, SecretHash, Token, TokenId,
    TokenState, User,
};
pub use sqlite::{Options, SCHEMA_VERSION, Sqlite};
pub use store::{ImportMode, Imported, Recorded, SealedUser, Store};
