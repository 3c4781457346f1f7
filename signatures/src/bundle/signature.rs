//! Signatures as minisign writes them:
//!
//! ```text
//! untrusted comment: anything
//! base64("Ed" | number of the key, 8 bytes | Ed25519 over the message, 64 bytes)
//! trusted comment: anything, signed as well
//! base64(Ed25519 over the signature above and the trusted comment, 64 bytes)
//! ```

use data_encoding::BASE64;

use super::key::ALGORITHM;
use super::{KeyId, Manifest, PublicKey, Refused, SecretKey};

/// Longest signature, in bytes.
const MAX_SIGNATURE_BYTES: usize = 1024;
const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

pub(super) struct Signature<'b> {
    key: KeyId,
    signature: [u8; 64],
    comment: &'b str,
    of_comment: [u8; 64],
}

pub(super) fn make(signed: &[u8], manifest: &Manifest, key: &SecretKey) -> String {
    let signature = key.sign(signed);
    let comment = format!(
        "gnomon catalogue {} {}",
        manifest.version, manifest.catalogue_version
    );
    let mut line = ALGORITHM.to_vec();
    line.extend_from_slice(&key.id.0);
    line.extend_from_slice(&signature);
    let of_comment = key.sign(&[&signature, comment.as_bytes()].concat());
    format!(
        "{UNTRUSTED}signature from gnomon catalogue key {}\n{}\n{TRUSTED}{comment}\n{}\n",
        key.id,
        BASE64.encode(&line),
        BASE64.encode(&of_comment)
    )
}

pub(super) fn parse(bytes: &[u8]) -> Result<Signature<'_>, Refused> {
    if bytes.is_empty() {
        return Err(Refused::NotSigned);
    }
    if bytes.len() > MAX_SIGNATURE_BYTES {
        return Err(Refused::SignatureText("is too long, or bytes follow it"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::SignatureText("is no text"))?;
    let mut lines = text.split_inclusive('\n');
    let mut line = || lines.next()?.strip_suffix('\n');
    let four = (line(), line(), line(), line());
    let (Some(untrusted), Some(first), Some(trusted), Some(second)) = four else {
        return Err(Refused::SignatureText("is cut off"));
    };
    if lines.next().is_some() {
        return Err(Refused::SignatureText("is followed by something"));
    }
    let comment = trusted
        .strip_prefix(TRUSTED)
        .filter(|_| untrusted.starts_with(UNTRUSTED))
        .ok_or(Refused::SignatureText("lacks its comments"))?;
    let garbled = Refused::SignatureText("is garbled");
    let first = BASE64
        .decode(first.as_bytes())
        .map_err(|_| garbled.clone())?;
    let second = BASE64
        .decode(second.as_bytes())
        .map_err(|_| garbled.clone())?;
    let rest = first.strip_prefix(ALGORITHM);
    let (key, signature) =
        rest.and_then(|rest| rest.split_first_chunk::<8>())
            .ok_or(Refused::SignatureText(
                "is not of minisign's first form; sign with `-l`",
            ))?;
    Ok(Signature {
        key: KeyId(*key),
        signature: signature.try_into().map_err(|_| garbled.clone())?,
        comment,
        of_comment: second.try_into().map_err(|_| garbled)?,
    })
}

impl Signature<'_> {
    pub(super) fn verify(&self, signed: &[u8], key: &PublicKey) -> Result<(), Refused> {
        if self.key != key.id() {
            return Err(Refused::OtherKey {
                found: self.key,
                trusted: key.id(),
            });
        }
        let commented = [&self.signature, self.comment.as_bytes()].concat();
        if key.verifies(signed, &self.signature) && key.verifies(&commented, &self.of_comment) {
            Ok(())
        } else {
            Err(Refused::WrongSignature)
        }
    }
}
