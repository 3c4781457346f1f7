//! API tokens of people and programs that read the inventory.
//!
//! A token is `gnu1_` and 32 random bytes in base64url without padding. The
//! store keeps only its SHA-256: with that much randomness a slow hash adds
//! nothing, and a look-up by hash leaks nothing by its timing.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::rand::{SecureRandom, SystemRandom};
use store::SecretHash;

/// How every API token begins: `gnu`, for user, and the version of its format.
pub const PREFIX: &str = "gnu1_";

const SECRET_BYTES: usize = 32;

/// An API token in clear: shown to its owner once, never kept.
pub struct ApiToken(String);

impl ApiToken {
    /// Draws a new token.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn generate() -> anyhow::Result<Self> {
        let mut secret = [0; SECRET_BYTES];
        SystemRandom::new()
            .fill(&mut secret)
            .map_err(|_| anyhow::anyhow!("the system gave no random bytes"))?;
        Ok(Self(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&secret))))
    }

    /// The token as its owner sends it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the store keeps of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.0.as_bytes())
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_43_characters_after_the_prefix() {
        let (one, two) = (ApiToken::generate().unwrap(), ApiToken::generate().unwrap());
        assert_ne!(one.as_str(), two.as_str());
        assert_eq!(one.as_str().strip_prefix(PREFIX).unwrap().len(), 43);
        assert_ne!(one.hash(), two.hash());
    }

    #[test]
    fn debug_does_not_show_the_token() {
        assert_eq!(
            format!("{:?}", ApiToken::generate().unwrap()),
            "ApiToken(..)"
        );
    }
}
