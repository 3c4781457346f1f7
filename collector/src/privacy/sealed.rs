//! Opens a name that an agent sealed; the format is written down in agent/src/privacy/seal.rs.

use data_encoding::HEXLOWER;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, single_shot_open};

use super::officer::PrivateKey;

const VERSION: u8 = 1;
const INFO_OUTER: &[u8] = b"gnomon sealed user 1 outer";
const INFO_INNER: &[u8] = b"gnomon sealed user 1 inner";

/// Which of the two layers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The first officer's.
    Outer,
    /// The second officer's: below it is the name.
    Inner,
}

impl Layer {
    /// As it is in files and in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outer => "outer",
            Self::Inner => "inner",
        }
    }
}

/// Why a layer stays closed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Closed {
    /// Not made by an agent that this program knows.
    #[error("this is no sealed name of a kind that this version knows")]
    NotSealed,
    /// It takes the other officer's key.
    #[error("this layer is sealed to the key {wanted}; the one given is {given}")]
    OtherKey {
        /// Id of the key that it takes.
        wanted: String,
        /// Id of the key that was given.
        given: String,
    },
    /// Changed, or moved from another label.
    #[error("it does not open: it was changed, or does not belong to this label")]
    Damaged,
}

/// Takes one layer off.
///
/// # Errors
/// Why it cannot be.
pub fn open(key: &PrivateKey, layer: Layer, label: &str, sealed: &[u8]) -> Result<Vec<u8>, Closed> {
    let (version, rest) = sealed.split_first().ok_or(Closed::NotSealed)?;
    let (wanted, rest) = rest.split_first_chunk::<8>().ok_or(Closed::NotSealed)?;
    let (enc, ciphertext) = rest.split_first_chunk::<32>().ok_or(Closed::NotSealed)?;
    if *version != VERSION {
        return Err(Closed::NotSealed);
    }
    let given = key.public().id();
    if *wanted != given {
        return Err(Closed::OtherKey {
            wanted: HEXLOWER.encode(wanted),
            given: HEXLOWER.encode(&given),
        });
    }
    let enc =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).map_err(|_| Closed::NotSealed)?;
    let info = match layer {
        Layer::Outer => INFO_OUTER,
        Layer::Inner => INFO_INNER,
    };
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key.key,
        &enc,
        info,
        ciphertext,
        label.as_bytes(),
    )
    .map_err(|_| Closed::Damaged)
}

/// The name below both layers.
///
/// # Errors
/// When the content is no name.
pub fn name(content: &[u8]) -> Result<String, Closed> {
    let (length, rest) = content.split_first().ok_or(Closed::NotSealed)?;
    let name = rest.get(..usize::from(*length)).ok_or(Closed::NotSealed)?;
    String::from_utf8(name.to_vec()).map_err(|_| Closed::NotSealed)
}
