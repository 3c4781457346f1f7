//! The fleet's key: 32 random bytes that pseudonyms are made with, in `DATA_DIR/fleet.key`, for the collector alone.
//!
//! It is made once and never again: with another key everybody has another pseudonym. So it is part of a backup.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use data_encoding::BASE64;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::enrol::create_secret;

/// The key itself.
pub type FleetKey = [u8; 32];

/// Where it is.
#[must_use]
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("fleet.key")
}

/// Reads the key, if there is one.
///
/// # Errors
/// When the file cannot be read, or is none.
pub fn read(data_dir: &Path) -> Result<Option<FleetKey>> {
    let path = path(data_dir);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
    };
    let bytes = BASE64.decode(text.trim().as_bytes()).ok();
    let key = bytes.and_then(|bytes| FleetKey::try_from(bytes).ok());
    key.with_context(|| {
        format!(
            "{} is damaged; put back a copy of it: with another key everybody has another pseudonym",
            path.display()
        )
    })
    .map(Some)
}

/// Reads the key, and makes it where there is none.
///
/// # Errors
/// As [`read`]; when it cannot be written.
pub fn open_or_create(data_dir: &Path) -> Result<FleetKey> {
    if let Some(key) = read(data_dir)? {
        return Ok(key);
    }
    let mut key = FleetKey::default();
    SystemRandom::new()
        .fill(&mut key)
        .ok()
        .context("the system gives no random numbers")?;
    let path = path(data_dir);
    match create_secret(&path, format!("{}\n", BASE64.encode(&key)).as_bytes()) {
        Ok(()) => Ok(key),
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(data_dir)?.context("the fleet's key is gone again")
        }
        Err(error) => Err(error).with_context(|| format!("write {}", path.display())),
    }
}

/// Copies the key to a new file beside a backup; `None`: there is none.
///
/// # Errors
/// As [`read`]; when the copy cannot be written.
pub fn back_up(data_dir: &Path, beside: &Path) -> Result<Option<PathBuf>> {
    let Some(key) = read(data_dir)? else {
        return Ok(None);
    };
    let mut name = beside.as_os_str().to_owned();
    name.push(".fleet-key");
    let copy = PathBuf::from(name);
    create_secret(&copy, format!("{}\n", BASE64.encode(&key)).as_bytes())
        .with_context(|| format!("write {}", copy.display()))?;
    Ok(Some(copy))
}
