//! How a machine becomes a sensor: the CA, the tokens, and the calls that turn a
//! token into a certificate and a certificate into the next one.
//!
//! The collector alone names sensors. Of a certificate request only the key
//! counts (`csr`), and what a caller is later called comes from the certificate
//! of its connection alone.

mod authority;
pub mod certificate;
mod csr;
mod files;
mod service;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use authority::pem;
pub use authority::{Authority, Issued};
pub use csr::{CsrError, MAX_CSR_BYTES, public_key};
pub use service::{ENROLMENT_FAILURES, Enrolment};
pub use token::{MAX_SECRET_BYTES, PREFIX, Token};

use std::io;
use std::path::Path;

/// Puts a file in place whole, readable by its owner alone.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    files::write(path, bytes, files::Readers::Owner)
}

/// Puts a file in place whole, readable by everybody who can reach its folder.
pub(crate) fn write_for_all(path: &Path, bytes: &[u8]) -> io::Result<()> {
    files::write(path, bytes, files::Readers::Everybody)
}

/// Puts a new file in place, readable by its owner alone.
pub(crate) fn create_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    files::create(path, bytes, files::Readers::Owner)
}

/// Makes a folder that only its owner can enter.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    files::create_private_folder(path)
}
