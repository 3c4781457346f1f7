//! Names of services: lower-kebab, cheap to clone, ordered.
//!
//! An id is the stable handle of a service in findings, decisions and exports. It outlives its catalogue: a collector
//! may hold findings about a service that a later catalogue no longer lists, so an id checks its shape only.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest service id, in bytes.
pub const MAX_SERVICE_ID: usize = 64;

/// Names one AI service, for example `openai-api`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(Arc<str>);

/// Says that a text is no service id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a service id is 1 to 64 lower-case letters, digits and single hyphens between them, not {0:?}"
)]
pub struct InvalidServiceId(String);

impl ServiceId {
    /// Checks the shape of `text` and takes it as an id; whether a catalogue knows it is another question.
    ///
    /// # Errors
    /// When `text` is empty, too long, or not lower-kebab.
    pub fn new(text: &str) -> Result<Self, InvalidServiceId> {
        if is_lower_kebab(text) {
            Ok(Self(Arc::from(text)))
        } else {
            Err(InvalidServiceId(
                text.chars().take(MAX_SERVICE_ID).collect(),
            ))
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_lower_kebab(text: &str) -> bool {
    text.len() <= MAX_SERVICE_ID
        && text.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceId({})", self.0)
    }
}

impl AsRef<str> for ServiceId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for ServiceId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for ServiceId {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for ServiceId {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl FromStr for ServiceId {
    type Err = InvalidServiceId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl Serialize for ServiceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ServiceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_lower_kebab_only() {
        for good in ["chatgpt", "openai-api", "1min-ai", "v0"] {
            assert_eq!(ServiceId::new(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(MAX_SERVICE_ID + 1);
        for bad in [
            "",
            "-",
            "ChatGPT",
            "a--b",
            "-a",
            "a-",
            "a b",
            "a_b",
            "ä",
            long.as_str(),
        ] {
            assert!(ServiceId::new(bad).is_err(), "{bad}");
        }
    }
}
