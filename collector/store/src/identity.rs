//! Who may enrol, who reports, who may ask.

use std::fmt;
use std::str::FromStr;

use inventory::{ParseError, SensorId, Timestamp};
use ring::digest;

/// SHA-256 of a secret. Secrets here are made by the collector from 32 random bytes, so a plain
/// hash is enough and nobody who reads the store can use one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Of the secret as its holder presents it.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(sha256(&[secret]))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    hash
}

/// Number of an enrolment token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TokenId(pub u64);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A token to be added.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Of its secret.
    pub secret: SecretHash,
    /// What it is for, in the words of who made it.
    pub label: String,
    /// From when on it admits nobody.
    pub expires_at: Timestamp,
}

/// What became of a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TokenState {
    /// Nothing yet; look at the expiry.
    Waiting,
    /// It admitted a sensor.
    Used {
        /// When.
        at: Timestamp,
        /// Which.
        sensor: SensorId,
    },
    /// Somebody ended it.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// An enrolment token, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// What it is for.
    pub label: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// From when on it admits nobody.
    pub expires_at: Timestamp,
    /// What became of it.
    pub state: TokenState,
}

/// What a token did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Redemption {
    /// The sensor is enrolled, the token used up.
    Admitted(TokenId),
    /// No token has this secret.
    Unknown,
    /// Its time was over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// It had admitted a sensor before.
    Used {
        /// When.
        at: Timestamp,
        /// Which.
        sensor: SensorId,
    },
    /// Somebody had ended it.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// A sensor to be added; the collector names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSensor {
    /// Its name.
    pub id: SensorId,
    /// As the agent said.
    pub hostname: String,
    /// As the agent said.
    pub os: String,
    /// As the agent said.
    pub agent_version: String,
}

/// A certificate that was issued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Serial number, hex.
    pub serial: String,
    /// Whose.
    pub sensor: SensorId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
}

/// What a user may do; each role may do what the one before may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Read.
    Viewer,
    /// Decide.
    Analyst,
    /// Everything.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Analyst, Self::Admin];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| ParseError {
                what: "role",
                text: text.chars().take(64).collect(),
                known: Self::ALL.map(Self::as_str).join(", "),
            })
    }
}

/// A user to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Unique name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Of their token.
    pub token: SecretHash,
}

/// Somebody who may ask.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Unique name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}
