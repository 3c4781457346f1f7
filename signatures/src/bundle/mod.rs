//! A bundle: a whole catalogue in one file, numbered and signed, to be carried over ways that nobody has to trust.
//!
//! ```text
//! offset  bytes
//! 0       8     "GNOMCAT" and the number of the format, 1
//! 8       4     length n of the signed part, little-endian
//! 12      n     signed part
//! 12+n    -     signature, a text of four lines, to the end of the file; a bundle that is not signed yet has none
//!
//! signed part
//! 0       2     length m of the manifest, little-endian
//! 2       m     manifest, TOML
//! 2+m     -     content: the catalogue files, DEFLATE (RFC 1951)
//!
//! content, once for each file, in the order of their names
//! 2             length of the name, little-endian
//! -             name
//! 4             length of the text, little-endian
//! -             text, TOML, UTF-8
//! ```
//!
//! The manifest says what the bundle is:
//!
//! ```toml
//! version = 12                                     # of the bundle: higher replaces lower, never the other way round
//! created = "2026-11-21T00:00:00Z"
//! catalogue_version = "2026.11.20+ab12cd34ef56"    # of the content, as findings name it
//! files = 151
//! content_bytes = 461914                           # before compression
//! content_sha256 = "…"
//! ```
//!
//! The signature is that of [minisign](https://jedisct1.github.io/minisign/) in its first form (`Ed`: Ed25519 over the
//! signed part itself; the newer form hashes with BLAKE2b first, which nothing else here needs). So `minisign -V` checks
//! a signed part that was written to a file, and a signature made by `minisign -S -l` can be put into a bundle. The
//! signature is checked before anything behind it is read: nothing unsigned is parsed or decompressed.
//!
//! [`Bundle::open`] refuses with a [`Refused`] that says why; whatever runs goes on running. Limits: [`MAX_BUNDLE_BYTES`],
//! [`MAX_CONTENT_BYTES`], and those of [`Catalogue::load`].

mod content;
mod key;
mod manifest;
mod refused;
mod signature;
#[cfg(test)]
mod tests;

use crate::Catalogue;
pub use key::{BadKey, KeyId, PublicKey, SecretKey};
pub use manifest::Manifest;
pub use refused::Refused;

/// Largest bundle, in bytes.
pub const MAX_BUNDLE_BYTES: usize = 16 << 20;
/// Most bytes of all catalogue files of a bundle together.
pub const MAX_CONTENT_BYTES: usize = 64 << 20;

const NAME: &[u8; 7] = b"GNOMCAT";
const FORMAT: u8 = 1;
const HEADER_BYTES: usize = 12;

/// A bundle that was checked: its signature, its limits, and the catalogue in it.
#[derive(Debug)]
pub struct Bundle {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The catalogue files, `(name, text)`, ordered by name.
    pub files: Vec<(String, String)>,
    /// What they make.
    pub catalogue: Catalogue,
}

/// The parts of a bundle that is not yet trusted.
struct Parts<'b> {
    signed: &'b [u8],
    signature: &'b [u8],
}

impl Bundle {
    /// Checks everything about a bundle: signature, form, limits, and that its files make a catalogue without a problem.
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, Refused> {
        let parts = split(bytes)?;
        let signature = signature::parse(parts.signature)?;
        signature.verify(parts.signed, key)?;
        read(parts.signed)
    }

    /// Like [`Bundle::open`], and refuses a version that is not above `newest`, the highest that was ever accepted.
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub fn open_newer(bytes: &[u8], key: &PublicKey, newest: u64) -> Result<Self, Refused> {
        let bundle = Self::open(bytes, key)?;
        if bundle.manifest.version <= newest {
            return Err(Refused::Older {
                offered: bundle.manifest.version,
                newest,
            });
        }
        Ok(bundle)
    }

    /// Reads a bundle without asking who signed it, for whoever made it or only wants to look.
    ///
    /// # Errors
    /// The first reason to refuse it.
    pub fn open_untrusted(bytes: &[u8]) -> Result<Self, Refused> {
        read(split(bytes)?.signed)
    }
}

/// Makes a bundle of catalogue files, without a signature; `created` is a time for people to read.
///
/// # Errors
/// When the files make no catalogue, or the bundle would be one that [`Bundle::open`] refuses.
pub fn build(files: &[(String, String)], version: u64, created: &str) -> Result<Vec<u8>, Refused> {
    let catalogue = Catalogue::load(files).map_err(Refused::Catalogue)?;
    let content = content::write(files)?;
    let manifest = Manifest::of(&catalogue, version, created, files.len(), &content)?.to_toml();
    let compressed = content::deflate(&content)?;
    let length =
        u16::try_from(manifest.len()).map_err(|_| Refused::Manifest("is too long".into()))?;
    let mut signed = length.to_le_bytes().to_vec();
    signed.extend_from_slice(manifest.as_bytes());
    signed.extend_from_slice(&compressed);
    join(&signed, "")
}

/// Signs a bundle; a signature that it has is replaced.
///
/// # Errors
/// When it is no bundle.
pub fn sign(bundle: &[u8], key: &SecretKey) -> Result<Vec<u8>, Refused> {
    let signed = split(bundle)?.signed;
    let manifest = manifest::split(signed)?.0;
    join(signed, &signature::make(signed, &manifest, key))
}

/// Puts a signature that was made elsewhere, by `minisign -S -l` over [`signed_part`], into a bundle.
///
/// # Errors
/// When it is no bundle, or the text no signature. Whether it is the right one is for [`Bundle::open`].
pub fn attach(bundle: &[u8], signature: &str) -> Result<Vec<u8>, Refused> {
    let signed = split(bundle)?.signed;
    signature::parse(signature.as_bytes())?;
    join(signed, signature)
}

/// Returns the bytes of a bundle that are signed.
///
/// # Errors
/// When it is no bundle.
pub fn signed_part(bundle: &[u8]) -> Result<&[u8], Refused> {
    Ok(split(bundle)?.signed)
}

fn join(signed: &[u8], signature: &str) -> Result<Vec<u8>, Refused> {
    let length = u32::try_from(signed.len()).unwrap_or(u32::MAX);
    let mut bytes = NAME.to_vec();
    bytes.push(FORMAT);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(signed);
    bytes.extend_from_slice(signature.as_bytes());
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(Refused::TooLarge);
    }
    Ok(bytes)
}

fn split(bytes: &[u8]) -> Result<Parts<'_>, Refused> {
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(Refused::TooLarge);
    }
    let name = bytes.get(..NAME.len().min(bytes.len())).unwrap_or_default();
    if bytes.is_empty() || !NAME.starts_with(name) {
        return Err(Refused::NotABundle);
    }
    let (header, rest) = bytes
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(Refused::Truncated)?;
    let [.., format, a, b, c, d] = *header;
    if format != FORMAT {
        return Err(Refused::Format(format));
    }
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    let (signed, signature) = rest.split_at_checked(length).ok_or(Refused::Truncated)?;
    Ok(Parts { signed, signature })
}

/// Reads a signed part, whoever signed it.
fn read(signed: &[u8]) -> Result<Bundle, Refused> {
    let (manifest, compressed) = manifest::split(signed)?;
    let content = content::inflate(compressed, &manifest)?;
    let files = content::read(&content, &manifest)?;
    let catalogue = Catalogue::load(&files).map_err(Refused::Catalogue)?;
    if catalogue.version() != manifest.catalogue_version {
        return Err(Refused::Content(
            "its files are not the version that its manifest names",
        ));
    }
    Ok(Bundle {
        manifest,
        files,
        catalogue,
    })
}

/// Reads bytes as a signed part, for the fuzz body.
pub(crate) fn read_signed_part(signed: &[u8]) {
    drop(read(signed));
}
