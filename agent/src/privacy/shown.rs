//! How users are named, as the status, the notice and `show` tell it: without the key.

use serde::{Deserialize, Serialize};

use super::{Mode, Settings};

/// The settings as anybody on the machine may read them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default, Debug)]
#[serde(default)]
pub(crate) struct Shown {
    /// `pseudonym`, `plain`, `none`; `None`: the collector has not said.
    pub(crate) users: Option<String>,
    /// Ids of the officers' keys, who opens first before who opens second.
    pub(crate) officers: Vec<String>,
    /// How long the collector keeps findings; `None`: without an end, or not said.
    pub(crate) retention_days: Option<u32>,
    /// Why the last settings were not taken.
    pub(crate) problem: Option<String>,
}

impl Shown {
    pub(crate) fn new(settings: Option<&Settings>, problem: Option<String>) -> Self {
        Self {
            users: settings.map(|settings| settings.mode.as_str().to_owned()),
            officers: settings.map(Settings::officers).unwrap_or_default(),
            retention_days: settings.and_then(|settings| settings.retention_days),
            problem,
        }
    }

    /// One line for the status.
    pub(crate) fn line(&self) -> String {
        let mut line = match (self.users.as_deref(), self.officers.len()) {
            (None, _) => "not reported until the collector says how".to_owned(),
            (Some(NONE), _) => "not reported, by the administrator's choice".to_owned(),
            (Some(PLAIN), _) => "reported by login name, by the administrator's choice".to_owned(),
            (Some(_), 2) => "reported by pseudonym; unmasking takes two officers".to_owned(),
            (Some(_), _) => {
                "reported by pseudonym; nobody can unmask: there are no officers' keys".to_owned()
            }
        };
        if let Some(problem) = &self.problem {
            line.push_str(&format!("; the latest settings are not taken: {problem}"));
        }
        line
    }
}

const PLAIN: &str = Mode::Plain.as_str();
const NONE: &str = Mode::None.as_str();
