//! What a bundle says of itself.

use data_encoding::HEXLOWER;
use ring::digest;
use serde::Deserialize;

use super::{MAX_CONTENT_BYTES, Refused};
use crate::{Catalogue, MAX_FILES};

/// Longest text in a manifest, in bytes.
const MAX_TEXT: usize = 128;

/// What a bundle says of itself, signed like everything in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Of the bundle: higher replaces lower, never the other way round. From 1.
    pub version: u64,
    /// When it was made, for people to read.
    pub created: String,
    /// Of the content, as findings name it.
    pub catalogue_version: String,
    /// How many catalogue files.
    pub files: usize,
    /// Length of the content before compression.
    pub content_bytes: usize,
    /// Its SHA-256, in hex.
    pub content_sha256: String,
}

/// Takes a signed part apart: manifest and compressed content.
pub(super) fn split(signed: &[u8]) -> Result<(Manifest, &[u8]), Refused> {
    let (length, rest) = signed.split_first_chunk::<2>().ok_or(Refused::Truncated)?;
    let length = usize::from(u16::from_le_bytes(*length));
    let (text, content) = rest.split_at_checked(length).ok_or(Refused::Truncated)?;
    let text = std::str::from_utf8(text).map_err(|_| problem("is no text"))?;
    let manifest: Manifest = toml::from_str(text)
        .map_err(|error| problem(&format!("cannot be read: {}", error.message())))?;
    manifest.check()?;
    Ok((manifest, content))
}

fn problem(text: &str) -> Refused {
    Refused::Manifest(text.into())
}

/// The digest of the content, as it is written.
pub(super) fn digest(content: &[u8]) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, content).as_ref())
}

impl Manifest {
    pub(super) fn of(
        catalogue: &Catalogue,
        version: u64,
        created: &str,
        files: usize,
        content: &[u8],
    ) -> Result<Self, Refused> {
        let manifest = Self {
            version,
            created: created.into(),
            catalogue_version: catalogue.version().into(),
            files,
            content_bytes: content.len(),
            content_sha256: digest(content),
        };
        manifest.check()?;
        Ok(manifest)
    }

    pub(super) fn to_toml(&self) -> String {
        format!(
            "version = {}\ncreated = {:?}\ncatalogue_version = {:?}\nfiles = {}\n\
             content_bytes = {}\ncontent_sha256 = {:?}\n",
            self.version,
            self.created,
            self.catalogue_version,
            self.files,
            self.content_bytes,
            self.content_sha256
        )
    }

    fn check(&self) -> Result<(), Refused> {
        if self.version == 0 || i64::try_from(self.version).is_err() {
            return Err(problem(
                "has a version that is none: it counts from 1 to 2^63-1",
            ));
        }
        for text in [&self.created, &self.catalogue_version, &self.content_sha256] {
            if text.len() > MAX_TEXT || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(problem("has a text that is too long or not plain"));
            }
        }
        if self.files > MAX_FILES || self.content_bytes > MAX_CONTENT_BYTES {
            return Err(problem(
                "announces more files or bytes than a bundle may have",
            ));
        }
        Ok(())
    }
}
