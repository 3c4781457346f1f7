//! Enrolment tokens: one string that tells an agent where the collector is,
//! how to know it, and the secret that admits it, once.
//!
//! `gnm1_` and, in base64url without padding, a JSON object:
//!
//! | key | what |
//! |---|---|
//! | `a` | `host:port` of the collector |
//! | `f` | SHA-256 of the CA's certificate (DER), 64 hex digits |
//! | `s` | 32 random bytes in base64url without padding: the secret |
//! | `e` | second since the Unix epoch at which it expires |
//!
//! The store keeps the SHA-256 of `s` as sent, nothing that could be used. A
//! token is redeemed by looking that hash up, so that timing tells nothing, in
//! the transaction that admits the sensor, so that two cannot use the same one.

use std::fmt;

use anyhow::anyhow;
use data_encoding::BASE64URL_NOPAD;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use store::SecretHash;

/// How every enrolment token begins: `gnm`, and the version of its format.
pub const PREFIX: &str = "gnm1_";

/// Longest secret that is looked at.
pub const MAX_SECRET_BYTES: usize = 256;

const SECRET_BYTES: usize = 32;

/// What an enrolment token carries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// `host:port` at which agents reach the collector.
    #[serde(rename = "a")]
    pub address: String,
    /// SHA-256 of the CA's certificate, lower-case hex.
    #[serde(rename = "f")]
    pub fingerprint: String,
    /// Admits its bearer once.
    #[serde(rename = "s")]
    pub secret: String,
    /// Seconds since the Unix epoch.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

impl Token {
    /// Draws a new secret.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn generate(address: String, fingerprint: String, expires_at: i64) -> anyhow::Result<Self> {
        let mut secret = [0; SECRET_BYTES];
        SystemRandom::new()
            .fill(&mut secret)
            .map_err(|_| anyhow!("the system gave no random bytes"))?;
        Ok(Self {
            address,
            fingerprint,
            secret: BASE64URL_NOPAD.encode(&secret),
            expires_at,
        })
    }

    /// The one string that is handed to an agent.
    ///
    /// # Errors
    ///
    /// None in practice: four plain values always make JSON.
    pub fn encode(&self) -> anyhow::Result<String> {
        Ok(format!(
            "{PREFIX}{}",
            BASE64URL_NOPAD.encode(&serde_json::to_vec(self)?)
        ))
    }

    /// Reads what [`Token::encode`] made.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let body = BASE64URL_NOPAD
            .decode(text.trim().strip_prefix(PREFIX)?.as_bytes())
            .ok()?;
        serde_json::from_slice(&body).ok()
    }

    /// What the store keeps of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.secret.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("address", &self.address)
            .field("fingerprint", &self.fingerprint)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_that_reads_back() {
        let token = Token::generate("192.0.2.1:8443".to_owned(), "ab".repeat(32), 1_800_000_000);
        let token = token.unwrap();
        let text = token.encode().unwrap();
        assert!(text.starts_with("gnm1_"));
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        );
        assert_eq!(Token::decode(&format!(" {text}\n")), Some(token.clone()));
        assert!(!format!("{token:?}").contains(&token.secret));
    }

    #[test]
    fn the_format_is_fixed() {
        let token = Token {
            address: "c:1".to_owned(),
            fingerprint: "00".to_owned(),
            secret: "s".to_owned(),
            expires_at: 7,
        };
        let json = br#"{"a":"c:1","f":"00","s":"s","e":7}"#;
        assert_eq!(
            token.encode().unwrap(),
            format!("gnm1_{}", BASE64URL_NOPAD.encode(json))
        );
    }

    #[test]
    fn anything_else_is_no_token() {
        for text in ["", "gnm1_", "gnm2_e30", "gnm1_e30", "gnm1_***", "e30"] {
            assert_eq!(Token::decode(text), None, "{text}");
        }
    }
}
