//! Officers' key pairs: X25519, in text files of one line.
//!
//! ```text
//! gnomon-officer-public-1 <base64 of 32 bytes>
//! gnomon-officer-private-1 <base64 of 32 bytes>
//! gnomon-officer-encrypted-1 <rounds> <base64 of salt, 16> <base64 of nonce, 12, ciphertext, 32, and tag, 16>
//! ```
//!
//! An encrypted key is under ChaCha20-Poly1305, by a key that PBKDF2-HMAC-SHA-256 makes of the passphrase in [`ROUNDS`]
//! rounds (OWASP's figure of 2023 for this function); the first two words are its associated data.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, Serializable as _};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};

const PUBLIC: &str = "gnomon-officer-public-1";
const PRIVATE: &str = "gnomon-officer-private-1";
const ENCRYPTED: &str = "gnomon-officer-encrypted-1";
/// Rounds of PBKDF2 for a new key.
pub const ROUNDS: u32 = 600_000;
/// A file that wants more is made up.
const MAX_ROUNDS: u32 = 10_000_000;
const SALT: usize = 16;

type KemPrivate = <X25519HkdfSha256 as Kem>::PrivateKey;
type KemPublic = <X25519HkdfSha256 as Kem>::PublicKey;

/// Why a key cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadKey {
    /// Another file.
    #[error(
        "this is no officer's public key; `gnomon-collector privacy keygen` writes one beside each private key"
    )]
    NotPublic,
    /// Another file.
    #[error("this is no officer's private key")]
    NotPrivate,
    /// Encrypted, and no passphrase given.
    #[error("this key is encrypted; give its passphrase with --passphrase-file")]
    Encrypted,
    /// Another passphrase, or a damaged file.
    #[error("the passphrase does not fit this key")]
    WrongPassphrase,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// What names are sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The 32 bytes that agents get.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Tells keys apart: the first 8 bytes of the SHA-256 of the key, in a sealed name too.
    #[must_use]
    pub fn id(&self) -> [u8; 8] {
        let digest = digest(&SHA256, &self.0);
        digest.as_ref().first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.id()))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC} {}", BASE64.encode(&self.0))
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let words = words(text);
        let [PUBLIC, key] = words.as_slice() else {
            return Err(BadKey::NotPublic);
        };
        let bytes = fixed(key).ok_or(BadKey::NotPublic)?;
        KemPublic::from_bytes(&bytes).map_err(|_| BadKey::NotPublic)?;
        Ok(Self(bytes))
    }
}

/// What opens names; it stays with its officer.
pub struct PrivateKey {
    pub(super) key: KemPrivate,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?})", self.public())
    }
}

impl PrivateKey {
    /// A new one, from the system's random numbers.
    #[must_use]
    pub fn generate() -> Self {
        let (key, _) = X25519HkdfSha256::gen_keypair();
        Self { key }
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        X25519HkdfSha256::sk_to_pk(&self.key).write_exact(&mut bytes);
        PublicKey(bytes)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// When it is none, or the passphrase does not fit.
    pub fn read(text: &str, passphrase: Option<&str>) -> Result<Self, BadKey> {
        let bytes = match words(text).as_slice() {
            [PRIVATE, key] => fixed(key).ok_or(BadKey::NotPrivate)?,
            [ENCRYPTED, rounds, salt, sealed] => {
                let passphrase = passphrase.ok_or(BadKey::Encrypted)?;
                decrypt(rounds, salt, sealed, passphrase)?
            }
            _ => return Err(BadKey::NotPrivate),
        };
        let key = KemPrivate::from_bytes(&bytes).map_err(|_| BadKey::NotPrivate)?;
        Ok(Self { key })
    }

    /// The text of a key file.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn write(&self, passphrase: Option<&str>) -> Result<String, BadKey> {
        let mut bytes = [0; 32];
        self.key.write_exact(&mut bytes);
        match passphrase {
            None => Ok(format!("{PRIVATE} {}\n", BASE64.encode(&bytes))),
            Some(passphrase) => encrypt(bytes, passphrase, ROUNDS),
        }
    }

    /// The text of an encrypted key file with so many rounds.
    #[cfg(test)]
    pub(super) fn write_with(&self, passphrase: &str, rounds: u32) -> Result<String, BadKey> {
        let mut bytes = [0; 32];
        self.key.write_exact(&mut bytes);
        encrypt(bytes, passphrase, rounds)
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().take(5).collect()
}

fn fixed(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn encrypt(bytes: [u8; 32], passphrase: &str, rounds: u32) -> Result<String, BadKey> {
    let random = SystemRandom::new();
    let (mut salt, mut nonce) = ([0; SALT], [0; NONCE_LEN]);
    random.fill(&mut salt).map_err(|_| BadKey::NoRandomness)?;
    random.fill(&mut nonce).map_err(|_| BadKey::NoRandomness)?;
    let mut content = bytes.to_vec();
    derived(rounds, &salt, passphrase)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(header(rounds)),
            &mut content,
        )
        .map_err(|_| BadKey::NoRandomness)?;
    let mut sealed = nonce.to_vec();
    sealed.extend(content);
    Ok(format!(
        "{} {} {}\n",
        header(rounds),
        BASE64.encode(&salt),
        BASE64.encode(&sealed)
    ))
}

fn decrypt(rounds: &str, salt: &str, sealed: &str, passphrase: &str) -> Result<[u8; 32], BadKey> {
    let rounds: u32 = rounds.parse().map_err(|_| BadKey::NotPrivate)?;
    let decode = |text: &str| {
        BASE64
            .decode(text.as_bytes())
            .map_err(|_| BadKey::NotPrivate)
    };
    let (salt, sealed) = (decode(salt)?, decode(sealed)?);
    let (nonce, content) = sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(BadKey::NotPrivate)?;
    let mut content = content.to_vec();
    let opened = derived(rounds, &salt, passphrase)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(header(rounds)),
            &mut content,
        )
        .map_err(|_| BadKey::WrongPassphrase)?;
    (&*opened).try_into().map_err(|_| BadKey::NotPrivate)
}

fn header(rounds: u32) -> String {
    format!("{ENCRYPTED} {rounds}")
}

fn derived(rounds: u32, salt: &[u8], passphrase: &str) -> Result<LessSafeKey, BadKey> {
    let rounds = NonZeroU32::new(rounds)
        .filter(|rounds| rounds.get() <= MAX_ROUNDS)
        .ok_or(BadKey::NotPrivate)?;
    let mut key = [0; 32];
    let passphrase = passphrase.as_bytes();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        rounds,
        salt,
        passphrase,
        &mut key,
    );
    UnboundKey::new(&CHACHA20_POLY1305, &key)
        .map(LessSafeKey::new)
        .map_err(|_| BadKey::NotPrivate)
}
