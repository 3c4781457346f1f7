//! How a person is named in what leaves this machine.
//!
//! The collector says how, when it enrols the agent, when it renews its certificate and in the answer to a heartbeat
//! ([`Settings`]). Until it has, no user leaves: findings have none, and say why.
//!
//! * `pseudonym`: a user is a keyed label ([`label`]), the same on every machine of the fleet, and the name goes along
//!   sealed to two officers ([`seal`]), so that neither the collector nor one officer alone can read it.
//! * `plain`: the login name itself; the notice for employees says so.
//! * `none`: nobody.
//!
//! The login name itself never leaves this module: not to a log, not to the journal, not to the status.

mod label;
mod seal;
mod settings;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use flow::User;
use proto::v1;

pub(crate) use settings::{Mode, Settings};
pub(crate) use shown::Shown;

use crate::state::StateDir;

/// Users that are remembered; one machine has few, a server a few hundred.
const MAX_KNOWN: usize = 4096;
/// Longest login name that is looked at, in bytes.
const MAX_LOGIN: usize = seal::MAX_NAME;

/// Why no user is named before the collector has said how.
pub(crate) const REASON_NO_SETTINGS: &str = "the collector has not said yet how users may be named";
/// Why no user is named where the administrator wants none.
pub(crate) const REASON_NONE: &str = "users are not reported, by the administrator's choice";
/// Why a name that no system gives is not reported.
const REASON_NO_NAME: &str = "the login name cannot be used";

/// The settings in force, shared by who receives them and who uses them.
#[derive(Debug)]
pub(crate) struct Privacy {
    state: StateDir,
    current: Mutex<Option<Arc<Settings>>>,
}

impl Privacy {
    /// With what an earlier run kept. Settings that cannot be read are none: then no user is reported until the
    /// collector says again how.
    pub(crate) fn open(state: &StateDir) -> Self {
        let current = Settings::load(state).unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "no user is reported for now");
            None
        });
        Self {
            state: state.clone(),
            current: Mutex::new(current.map(Arc::new)),
        }
    }

    /// What is in force; `None`: nothing was ever said.
    pub(crate) fn settings(&self) -> Option<Arc<Settings>> {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Version of what is in force; 0: nothing.
    pub(crate) fn version(&self) -> u64 {
        self.settings().map_or(0, |settings| settings.version)
    }

    /// Checks, keeps and puts in force what the collector says.
    ///
    /// # Errors
    /// Settings that make no sense or cannot be kept; those before stay in force.
    pub(crate) fn take(&self, said: v1::PrivacySettings) -> Result<()> {
        let settings = Settings::checked(said).context("the collector's privacy settings")?;
        settings.store(&self.state)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::new(settings));
        Ok(())
    }
}

/// Turns login names into users as they are reported, each name once for each version of the settings.
#[derive(Debug)]
pub(crate) struct Users {
    privacy: Arc<Privacy>,
    /// Version that `known` was made with.
    version: u64,
    known: HashMap<Box<str>, User>,
}

impl Users {
    pub(crate) fn new(privacy: Arc<Privacy>) -> Self {
        Self {
            privacy,
            version: 0,
            known: HashMap::new(),
        }
    }

    /// The user with this login name, as it may be reported.
    ///
    /// # Errors
    /// Why none may be.
    pub(crate) fn user(&mut self, login: &str) -> Result<User, &'static str> {
        let settings = self.privacy.settings().ok_or(REASON_NO_SETTINGS)?;
        if settings.version != self.version || self.known.len() >= MAX_KNOWN {
            self.known.clear();
            self.version = settings.version;
        }
        if let Some(user) = self.known.get(login) {
            return Ok(user.clone());
        }
        if login.is_empty() || login.len() > MAX_LOGIN {
            return Err(REASON_NO_NAME);
        }
        let user = match &settings.mode {
            Mode::None => return Err(REASON_NONE),
            Mode::Plain => User {
                label: login.to_owned(),
                sealed: Arc::default(),
            },
            Mode::Pseudonym { fleet_key } => {
                let label = label::pseudonym(fleet_key, login);
                let sealed = match &settings.officers {
                    Some(officers) => seal::twice(officers, &label, login).unwrap_or_default(),
                    None => Vec::new(),
                };
                User {
                    label,
                    sealed: sealed.into(),
                }
            }
        };
        self.known.insert(login.into(), user.clone());
        Ok(user)
    }
}
