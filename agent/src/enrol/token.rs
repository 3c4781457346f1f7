//! The enrolment token: `gnm1_` and base64url without padding of the JSON object
//! `{"a":"host:port","f":"<SHA-256 of the CA certificate's DER, hex>","s":"<secret>","e":<expiry>}`,
//! the expiry in seconds since the Unix epoch.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use serde::Deserialize;

use crate::config::host_and_port;

/// What every token of this version begins with.
const PREFIX: &str = "gnm1_";
/// Longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 4096;

/// What a token says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// `host:port` of the collector.
    pub(crate) collector: String,
    /// SHA-256 of the CA certificate's DER.
    pub(crate) fingerprint: [u8; 32],
    /// What admits once.
    pub(crate) secret: String,
    /// When it ends, in seconds since the Unix epoch.
    pub(crate) expires: i64,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("collector", &self.collector)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Why a token cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("this is not an enrolment token: it does not begin with {PREFIX}")]
    NotAToken,
    #[error("this token is of a newer version than this agent understands; update the agent")]
    NewerVersion,
    #[error("this token is damaged ({0}); copy it again, whole and in one line")]
    Damaged(&'static str),
    #[error("this token expired on {0}; ask for a new one")]
    Expired(String),
}

#[derive(Deserialize)]
struct Fields {
    a: String,
    f: String,
    s: String,
    e: i64,
}

impl Token {
    /// Reads a token, which must not have expired at `now` (nanoseconds since the Unix epoch).
    pub(crate) fn read(text: &str, now: i64) -> Result<Self, TokenError> {
        let text = text.trim();
        let Some(body) = text.strip_prefix(PREFIX) else {
            let newer = text
                .strip_prefix("gnm")
                .and_then(|rest| rest.split_once('_'))
                .is_some_and(|(version, _)| version.parse::<u32>().is_ok_and(|v| v > 1));
            return Err(if newer {
                TokenError::NewerVersion
            } else {
                TokenError::NotAToken
            });
        };
        if text.len() > MAX_TOKEN {
            return Err(TokenError::Damaged("too long"));
        }
        let json = BASE64URL_NOPAD
            .decode(body.as_bytes())
            .map_err(|_| TokenError::Damaged("characters are wrong or missing"))?;
        let fields: Fields = serde_json::from_slice(&json)
            .map_err(|_| TokenError::Damaged("characters are wrong or missing"))?;
        let fingerprint = HEXLOWER_PERMISSIVE
            .decode(fields.f.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(TokenError::Damaged("the fingerprint is not a SHA-256"))?;
        if host_and_port(&fields.a).is_none() {
            return Err(TokenError::Damaged(
                "the collector's address is not host:port",
            ));
        }
        if fields.s.is_empty() {
            return Err(TokenError::Damaged("the secret is missing"));
        }
        let expires_ns = fields.e.saturating_mul(1_000_000_000);
        if expires_ns <= now {
            return Err(TokenError::Expired(crate::text::short_time(expires_ns)));
        }
        Ok(Self {
            collector: fields.a,
            fingerprint,
            secret: fields.s,
            expires: fields.e,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000_000_000;

    fn token(json: &str) -> String {
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(json.as_bytes()))
    }

    fn valid(expires: i64) -> String {
        let fingerprint = "ab".repeat(32);
        token(&format!(
            r#"{{"a":"collector:8443","f":"{fingerprint}","s":"x","e":{expires}}}"#
        ))
    }

    #[test]
    fn a_valid_token_is_read_with_space_around_it() {
        let read = Token::read(&format!("  {}\n", valid(1_700_000_001)), NOW).expect("valid");
        assert_eq!(read.collector, "collector:8443");
        assert_eq!(read.fingerprint, [0xab; 32]);
        assert_eq!(read.secret, "x");
    }

    #[test]
    fn an_expired_token_says_when_it_ended() {
        assert_eq!(
            Token::read(&valid(1_700_000_000), NOW),
            Err(TokenError::Expired("2023-11-14T22:13:20Z".to_owned()))
        );
    }

    #[test]
    fn every_cut_of_a_token_is_refused() {
        let whole = valid(1_800_000_000);
        for length in 0..whole.len() {
            assert!(
                Token::read(whole.get(..length).expect("ASCII"), NOW).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn other_texts_are_told_apart() {
        assert_eq!(Token::read("hello", NOW), Err(TokenError::NotAToken));
        assert_eq!(Token::read("gnm2_abc", NOW), Err(TokenError::NewerVersion));
        for wrong in [
            r#"{"a":"collector","f":"00","s":"x","e":1}"#,
            r#"{"a":"collector:1","f":"00","s":"x","e":1800000000}"#,
            "[]",
        ] {
            assert!(matches!(
                Token::read(&token(wrong), NOW),
                Err(TokenError::Damaged(_))
            ));
        }
    }

    #[test]
    fn the_secret_is_not_in_its_debug_form() {
        let read = Token::read(&valid(1_800_000_000), NOW).expect("valid");
        assert!(!format!("{read:?}").contains("secret"));
    }
}
