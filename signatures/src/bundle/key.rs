//! The keys that sign and check bundles.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXUPPER};
use ring::digest;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// Starts every key and signature of minisign's first form.
pub(super) const ALGORITHM: &[u8; 2] = b"Ed";
/// Starts a secret key, which is not minisign's: that one is encrypted with a password.
const SECRET: &[u8; 2] = b"Gs";
const SECRET_COMMENT: &str = "untrusted comment: gnomon catalogue secret key, keep it to yourself";

/// Says that a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no catalogue {0} key")]
pub struct BadKey(&'static str);

/// Tells keys apart; part of keys and signatures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub(super) [u8; 8]);

/// Checks bundles. Its text is that of minisign's public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    pub(super) id: KeyId,
    bytes: [u8; 32],
}

/// Signs bundles. Neither printed nor compared; its text is for a file that only its owner reads.
pub struct SecretKey {
    pub(super) id: KeyId,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl fmt::Display for KeyId {
    /// As minisign shows it: a number of 64 bits in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0;
        bytes.reverse();
        f.write_str(&HEXUPPER.encode(&bytes))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id)
    }
}

/// The last line of a text that is not empty; a comment may stand before it.
fn last_line(text: &str) -> &str {
    let mut lines = text.lines().rev().map(str::trim);
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

impl FromStr for PublicKey {
    type Err = BadKey;

    /// Reads the line `RW…`, or the file with its comment that holds it.
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = BadKey("public");
        let bytes = BASE64.decode(last_line(text).as_bytes()).map_err(|_| bad)?;
        let (algorithm, rest) = bytes.split_first_chunk::<2>().ok_or(bad)?;
        let (id, rest) = rest.split_first_chunk::<8>().ok_or(bad)?;
        let key: [u8; 32] = rest.try_into().map_err(|_| bad)?;
        if algorithm != ALGORITHM {
            return Err(bad);
        }
        Ok(Self {
            id: KeyId(*id),
            bytes: key,
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = ALGORITHM.to_vec();
        bytes.extend_from_slice(&self.id.0);
        bytes.extend_from_slice(&self.bytes);
        f.write_str(&BASE64.encode(&bytes))
    }
}

impl PublicKey {
    /// Returns the number of the key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the text of a file that holds the key.
    #[must_use]
    pub fn to_file(&self) -> String {
        format!(
            "untrusted comment: minisign public key {}\n{self}\n",
            self.id
        )
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.bytes)
            .verify(message, signature)
            .is_ok()
    }
}

impl SecretKey {
    /// Makes a key of 32 random bytes.
    ///
    /// # Errors
    /// Never with 32 bytes; the library that signs reserves it.
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, BadKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| BadKey("secret"))?;
        let hash = digest::digest(&digest::SHA256, pair.public_key().as_ref());
        let id = hash.as_ref().first_chunk().ok_or(BadKey("secret"))?;
        Ok(Self {
            id: KeyId(*id),
            seed,
            pair,
        })
    }

    /// Returns the key that checks what this one signs.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let bytes = self.pair.public_key().as_ref().first_chunk().copied();
        PublicKey {
            id: self.id,
            bytes: bytes.unwrap_or_default(),
        }
    }

    /// Returns the text of a file that holds the key.
    #[must_use]
    pub fn to_file(&self) -> String {
        let mut bytes = SECRET.to_vec();
        bytes.extend_from_slice(&self.seed);
        format!("{SECRET_COMMENT}\n{}\n", BASE64.encode(&bytes))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl FromStr for SecretKey {
    type Err = BadKey;

    /// Reads what [`SecretKey::to_file`] wrote.
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bad = BadKey("secret");
        let bytes = BASE64.decode(last_line(text).as_bytes()).map_err(|_| bad)?;
        let seed = bytes.strip_prefix(SECRET).ok_or(bad)?;
        Self::from_seed(seed.try_into().map_err(|_| bad)?)
    }
}
