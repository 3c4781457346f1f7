//! How people are named in what agents report, and how a name is found again.
//!
//! The administrator chooses in the config (`[privacy]`); agents hear it when they enrol, when they renew their
//! certificate and in the answer to a heartbeat. What a pseudonym is and how a name is sealed is written down where it
//! is done: agent/src/privacy. Here is the other side:
//!
//! * [`fleet`]: the key that pseudonyms are made with. The collector makes it and gives it out, so whoever holds the
//!   collector can try names that he already knows until a label fits; he cannot read a name that he does not know.
//! * [`officer`]: the two key pairs that names are sealed to. The private ones are never on the collector.
//! * [`sealed`]: opening what was sealed, one layer an officer, on the officer's own machine.
//!
//! # Groups
//!
//! An answer that counts people tells no count from one to four ([`people`]): a group that small is a person. Rows that
//! list people one by one hold pseudonyms, unless the administrator chose names.

pub mod fleet;
pub mod fuzzing;
pub mod officer;
pub mod sealed;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use prost::Message as _;
use proto::v1;
use ring::digest::{SHA256, digest};

use crate::config::{Config, UsersMode};
use officer::PublicKey;

/// The smallest group whose size is told.
pub const SMALLEST_GROUP: u64 = 5;

/// How many people, where that is nobody or a group; `None`: too few to tell.
#[must_use]
pub const fn people(count: u64) -> Option<u64> {
    if count == 0 || count >= SMALLEST_GROUP {
        Some(count)
    } else {
        None
    }
}

/// What agents are told about naming users.
#[derive(Clone)]
pub struct Privacy {
    settings: v1::PrivacySettings,
    officers: Vec<PublicKey>,
}

impl fmt::Debug for Privacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Privacy")
            .field("users", &self.settings.users)
            .field("officers", &self.officers)
            .finish_non_exhaustive()
    }
}

impl Privacy {
    /// As the config says; makes the fleet's key where there is none.
    ///
    /// # Errors
    /// When a key cannot be read or made, in words that say which.
    pub fn open(config: &Config) -> Result<Self> {
        let officers = officers(config)?;
        let fleet_key = match config.users {
            UsersMode::Pseudonym => fleet::open_or_create(&config.data_dir)?.to_vec(),
            UsersMode::Plain | UsersMode::None => Vec::new(),
        };
        let mut settings = v1::PrivacySettings {
            version: 0,
            users: config.users.as_str().to_owned(),
            fleet_key,
            officers: officers.iter().map(|key| key.bytes().to_vec()).collect(),
            retention_days: 0,
        };
        settings.version = version(&settings);
        Ok(Self { settings, officers })
    }

    /// What an agent is told when it gets its certificate.
    #[must_use]
    pub fn settings(&self) -> v1::PrivacySettings {
        self.settings.clone()
    }

    /// What an agent with these settings has to be told.
    #[must_use]
    pub fn news_for(&self, version: u64) -> Option<v1::PrivacySettings> {
        (version != self.settings.version).then(|| self.settings())
    }

    /// The officers' keys, who opens first before who opens second.
    #[must_use]
    pub fn officers(&self) -> &[PublicKey] {
        &self.officers
    }

    /// How users are named and who can unmask them, in words.
    #[must_use]
    pub fn in_words(&self) -> &'static str {
        match (self.settings.users.as_str(), self.officers.len()) {
            ("none", _) => "users are not reported",
            ("plain", _) => "users are reported by login name",
            (_, 2) => "users are reported by pseudonym; unmasking takes two officers",
            _ => "users are reported by pseudonym; nobody can unmask: there are no officers' keys",
        }
    }
}

/// The keys that the config names: none, or two.
///
/// # Errors
/// The first that cannot be used.
pub fn officers(config: &Config) -> Result<Vec<PublicKey>> {
    let read = |path: &std::path::PathBuf| read_officer(path);
    let keys: Vec<PublicKey> = config.officers.iter().map(read).collect::<Result<_>>()?;
    if let [first, second] = keys.as_slice() {
        ensure!(
            first != second,
            "both officers have the same key: one person could unmask alone"
        );
    }
    Ok(keys)
}

fn read_officer(path: &Path) -> Result<PublicKey> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the officer's public key {}", path.display()))?;
    text.parse().with_context(|| format!("{}", path.display()))
}

/// A number that is another one whenever the settings are, and never 0.
fn version(settings: &v1::PrivacySettings) -> u64 {
    let digest = digest(&SHA256, &settings.encode_to_vec());
    let first = digest.as_ref().first_chunk::<8>();
    first.map_or(1, |bytes| u64::from_be_bytes(*bytes)).max(1)
}
