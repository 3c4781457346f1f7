//! A name, sealed to two officers, one inside the other, so that opening it takes both.
//!
//! Each layer is HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20Poly1305:
//!
//! ```text
//! layer  = 1 (version) | SHA-256(recipient's public key)[..8] | enc (32) | ciphertext with tag
//! inner  = layer to the second officer, info "gnomon sealed user 1 inner", of the padded name
//! sealed = layer to the first officer,  info "gnomon sealed user 1 outer", of `inner`
//! ```
//!
//! The associated data of both is the user's label, so that a sealed name cannot be moved to another label. The name is
//! one byte of length, the name, and zeros up to a multiple of 64 bytes: its length is not told. The collector has
//! neither key; `gnomon unmask` (collector/src/privacy) opens the layers on the officers' own machines.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _, single_shot_seal};
use ring::digest::{SHA256, digest};

const VERSION: u8 = 1;
const INFO_OUTER: &[u8] = b"gnomon sealed user 1 outer";
const INFO_INNER: &[u8] = b"gnomon sealed user 1 inner";
/// Bytes of a recipient's public key that a layer begins with.
const KEY_ID: usize = 8;
/// The name is padded to a multiple of this.
const BLOCK: usize = 64;
/// Longest name that can be sealed, in bytes: its length is one byte.
pub(super) const MAX_NAME: usize = 255;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;

/// An officer's public key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Officer {
    bytes: [u8; 32],
    key: PublicKey,
}

impl std::fmt::Debug for Officer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id())
    }
}

impl Officer {
    /// `None`: these 32 bytes are no key.
    pub(super) fn new(bytes: [u8; 32]) -> Option<Self> {
        let key = PublicKey::from_bytes(&bytes).ok()?;
        Some(Self { bytes, key })
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Tells keys apart, for people: as `gnomon-collector privacy show` prints it.
    pub(super) fn id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.digest())
    }

    fn digest(&self) -> Vec<u8> {
        let whole = digest(&SHA256, &self.bytes);
        whole.as_ref().iter().copied().take(KEY_ID).collect()
    }
}

/// Seals `name` to the second officer and that to the first; `None` when the key of one cannot be used.
pub(super) fn twice(officers: &[Officer; 2], label: &str, name: &str) -> Option<Vec<u8>> {
    let [first, second] = officers;
    let inner = layer(second, INFO_INNER, label, &padded(name)?)?;
    layer(first, INFO_OUTER, label, &inner)
}

fn padded(name: &str) -> Option<Vec<u8>> {
    let length = u8::try_from(name.len()).ok()?;
    let mut padded = vec![length];
    padded.extend_from_slice(name.as_bytes());
    padded.resize(padded.len().next_multiple_of(BLOCK), 0);
    Some(padded)
}

fn layer(officer: &Officer, info: &[u8], label: &str, content: &[u8]) -> Option<Vec<u8>> {
    let (enc, ciphertext) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &officer.key,
        info,
        content,
        label.as_bytes(),
    )
    .ok()?;
    let mut layer = vec![VERSION];
    layer.extend(officer.digest());
    layer.extend_from_slice(&enc.to_bytes());
    layer.extend(ciphertext);
    Some(layer)
}
