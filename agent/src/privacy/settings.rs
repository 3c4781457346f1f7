//! What the collector says about naming users, checked and kept: `identity/privacy.json`, for the agent alone.

use std::fs;
use std::io;

use anyhow::{Context as _, Result, bail};
use data_encoding::BASE64;
use proto::v1;
use serde::{Deserialize, Serialize};

use super::seal::Officer;
use crate::state::{Audience, StateDir, replace};

/// Version of the file's format.
const FORMAT: u32 = 1;

/// How users are named.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    /// By a label that is made with the fleet's key.
    Pseudonym {
        /// The same in the whole fleet.
        fleet_key: [u8; 32],
    },
    /// By login name.
    Plain,
    /// Not at all.
    None,
}

impl Mode {
    /// As it is in messages and files.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Pseudonym { .. } => "pseudonym",
            Self::Plain => "plain",
            Self::None => "none",
        }
    }
}

impl std::fmt::Debug for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The collector's word on how users are named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    /// Another number whenever anything changes; never 0.
    pub(crate) version: u64,
    pub(crate) mode: Mode,
    /// To whom names are sealed: who opens first, and who second. `None`: nobody can unmask.
    pub(super) officers: Option<[Officer; 2]>,
    /// How long the collector keeps findings; `None`: without an end.
    pub(crate) retention_days: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    version: u64,
    users: String,
    fleet_key: String,
    officers: Vec<String>,
    retention_days: u32,
}

impl Settings {
    /// Checks what the collector said.
    ///
    /// # Errors
    /// The first thing that makes no sense.
    pub(crate) fn checked(said: v1::PrivacySettings) -> Result<Self> {
        if said.version == 0 {
            bail!("they have no version");
        }
        let mode = match said.users.as_str() {
            "pseudonym" => Mode::Pseudonym {
                fleet_key: (said.fleet_key.try_into())
                    .ok()
                    .context("the fleet key has not 32 bytes")?,
            },
            "plain" => Mode::Plain,
            "none" => Mode::None,
            _ => bail!("they name users in a way that this agent does not know; update it"),
        };
        let officer = |bytes: Vec<u8>| -> Result<Officer> {
            let bytes = bytes.try_into().ok();
            (bytes.and_then(Officer::new)).context("an officer's key is none")
        };
        let officers: Vec<Officer> = (said.officers.into_iter().take(3))
            .map(officer)
            .collect::<Result<_>>()?;
        let officers = match <[Officer; 2]>::try_from(officers) {
            Ok([first, second]) if first == second => bail!("both officers have the same key"),
            Ok(two) => Some(two),
            Err(none) if none.is_empty() => None,
            Err(_) => bail!("a name is sealed to two officers, or to none"),
        };
        Ok(Self {
            version: said.version,
            mode,
            officers,
            retention_days: Some(said.retention_days).filter(|days| *days > 0),
        })
    }

    /// Ids of the officers' keys, who opens first before who opens second.
    pub(crate) fn officers(&self) -> Vec<String> {
        (self.officers.iter().flatten()).map(Officer::id).collect()
    }

    fn said(&self) -> v1::PrivacySettings {
        let keys = self.officers.iter().flatten();
        v1::PrivacySettings {
            version: self.version,
            users: self.mode.as_str().to_owned(),
            fleet_key: match &self.mode {
                Mode::Pseudonym { fleet_key } => fleet_key.to_vec(),
                Mode::Plain | Mode::None => Vec::new(),
            },
            officers: keys.map(|officer| officer.bytes().to_vec()).collect(),
            retention_days: self.retention_days.unwrap_or(0),
        }
    }

    /// Keeps them, for the agent alone: whoever has the fleet's key can try names until a label fits.
    pub(super) fn store(&self, state: &StateDir) -> Result<()> {
        let said = self.said();
        let stored = Stored {
            format: FORMAT,
            version: said.version,
            users: said.users,
            fleet_key: BASE64.encode(&said.fleet_key),
            officers: said.officers.iter().map(|key| BASE64.encode(key)).collect(),
            retention_days: said.retention_days,
        };
        let path = state.privacy_file();
        let text = serde_json::to_vec_pretty(&stored)?;
        replace(&path, &text, Audience::Agent)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// What was kept; `None`: nothing yet.
    pub(crate) fn load(state: &StateDir) -> Result<Option<Self>> {
        let path = state.privacy_file();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let damaged = || format!("{} is damaged", path.display());
        let stored: Stored = serde_json::from_slice(&text).with_context(damaged)?;
        if stored.format != FORMAT {
            bail!(
                "{} was written by another version of the agent",
                path.display()
            );
        }
        let decode = |text: &String| BASE64.decode(text.as_bytes());
        let said = v1::PrivacySettings {
            version: stored.version,
            users: stored.users,
            fleet_key: decode(&stored.fleet_key).with_context(damaged)?,
            officers: (stored.officers.iter().map(decode))
                .collect::<Result<_, _>>()
                .with_context(damaged)?,
            retention_days: stored.retention_days,
        };
        Self::checked(said).with_context(damaged).map(Some)
    }
}
