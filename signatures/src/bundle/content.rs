//! The catalogue files of a bundle, as bytes.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::manifest::{Manifest, digest};
use super::{MAX_CONTENT_BYTES, Refused};

/// Longest file name, in bytes.
const MAX_FILE_NAME: usize = 128;

const DAMAGED: Refused = Refused::Content("it ends in the middle of a file");

pub(super) fn write(files: &[(String, String)]) -> Result<Vec<u8>, Refused> {
    let mut sorted: Vec<&(String, String)> = files.iter().collect();
    sorted.sort();
    let mut content = Vec::new();
    for (name, text) in sorted {
        check_name(name)?;
        let name_length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        content.extend_from_slice(&name_length.to_le_bytes());
        content.extend_from_slice(name.as_bytes());
        content.extend_from_slice(&length.to_le_bytes());
        content.extend_from_slice(text.as_bytes());
    }
    if content.len() > MAX_CONTENT_BYTES {
        return Err(Refused::TooLarge);
    }
    Ok(content)
}

pub(super) fn deflate(content: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .map_err(|_| Refused::TooLarge)
}

/// Inflates to exactly the length that the manifest names, and not a byte more.
pub(super) fn inflate(compressed: &[u8], manifest: &Manifest) -> Result<Vec<u8>, Refused> {
    let announced = u64::try_from(manifest.content_bytes).unwrap_or(u64::MAX);
    let mut decoder = DeflateDecoder::new(compressed);
    let mut content = Vec::new();
    decoder
        .by_ref()
        .take(announced.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|_| Refused::Content("it cannot be decompressed"))?;
    if content.len() != manifest.content_bytes {
        return Err(Refused::Content(
            "its length is not the one that its manifest names",
        ));
    }
    if decoder.total_in() != u64::try_from(compressed.len()).unwrap_or(u64::MAX) {
        return Err(Refused::Content("bytes follow it"));
    }
    if digest(&content) != manifest.content_sha256 {
        return Err(Refused::Content(
            "its digest is not the one that its manifest names",
        ));
    }
    Ok(content)
}

pub(super) fn read(
    mut content: &[u8],
    manifest: &Manifest,
) -> Result<Vec<(String, String)>, Refused> {
    let mut files: Vec<(String, String)> = Vec::new();
    while !content.is_empty() {
        let (length, rest) = content.split_first_chunk::<2>().ok_or(DAMAGED)?;
        let (name, rest) = text(rest, usize::from(u16::from_le_bytes(*length)))?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(DAMAGED)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (body, rest) = text(rest, length)?;
        check_name(name)?;
        if files.last().is_some_and(|(last, _)| last.as_str() >= name) {
            return Err(Refused::Content("its files are not in order"));
        }
        if files.len() >= manifest.files {
            return Err(Refused::Content(
                "it has more files than its manifest names",
            ));
        }
        files.push((name.into(), body.into()));
        content = rest;
    }
    if files.len() != manifest.files {
        return Err(Refused::Content(
            "it has fewer files than its manifest names",
        ));
    }
    Ok(files)
}

fn text(bytes: &[u8], length: usize) -> Result<(&str, &[u8]), Refused> {
    let (text, rest) = bytes.split_at_checked(length).ok_or(DAMAGED)?;
    let text = std::str::from_utf8(text).map_err(|_| Refused::Content("a file is no text"))?;
    Ok((text, rest))
}

/// A name is shown to people and may become a file: letters, digits, `.`, `_`, `-`, and it ends in `.toml`.
fn check_name(name: &str) -> Result<(), Refused> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let good = name.len() <= MAX_FILE_NAME
        && name.len() > ".toml".len()
        && name.ends_with(".toml")
        && !name.starts_with('.')
        && name.bytes().all(plain);
    if good {
        Ok(())
    } else {
        Err(Refused::Content(
            "a file has a name that is none: letters, digits and .toml",
        ))
    }
}
