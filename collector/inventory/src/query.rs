//! Questions to the inventory, and answers in pages.

use crate::answer::UsageKey;
use crate::attribution::ClientClass;
use crate::device::DeviceId;
use crate::policy::Status;
use crate::time::Range;

/// Which statuses an answer keeps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum StatusFilter {
    /// All.
    #[default]
    Any,
    /// Neither sanctioned nor tolerated.
    Unsanctioned,
    /// These.
    Only(Vec<Status>),
}

impl StatusFilter {
    /// Whether a status is kept.
    #[must_use]
    pub fn keeps(&self, status: Status) -> bool {
        match self {
            Self::Any => true,
            Self::Unsanctioned => status.is_unsanctioned(),
            Self::Only(statuses) => statuses.contains(&status),
        }
    }
}

/// A question; every empty list means "all".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// When.
    pub range: Range,
    /// Catalogue ids.
    pub services: Vec<String>,
    /// `Some` even when a name matched no device, and then nothing is kept.
    pub devices: Option<Vec<DeviceId>>,
    /// Users as recorded; the empty text means an unknown user.
    pub users: Vec<String>,
    /// Programs: as recorded, or the file name at the end of that; the empty text means an unknown one.
    pub processes: Vec<String>,
    /// Classes of clients.
    pub classes: Vec<ClientClass>,
    /// By the verdict that applies now.
    pub statuses: StatusFilter,
}

impl Query {
    /// Whether a row of usage is asked for, its time and status apart.
    #[must_use]
    pub fn keeps(&self, key: &UsageKey) -> bool {
        (self.services.is_empty() || self.services.contains(&key.service))
            && self
                .devices
                .as_ref()
                .is_none_or(|devices| devices.contains(&key.device))
            && (self.users.is_empty()
                || self
                    .users
                    .iter()
                    .any(|user| user == key.user.as_deref().unwrap_or("")))
            && (self.processes.is_empty()
                || self
                    .processes
                    .iter()
                    .any(|program| is_program(key.process.as_deref().unwrap_or(""), program)))
            && (self.classes.is_empty() || self.classes.contains(&key.class))
    }
}

/// Whether a program that was recorded is the one asked for: word for word, or by the name of its file.
fn is_program(recorded: &str, wanted: &str) -> bool {
    recorded == wanted
        || (recorded.strip_suffix(wanted)).is_some_and(|folder| {
            !wanted.is_empty() && (folder.ends_with('/') || folder.ends_with('\\'))
        })
}

/// Where a page ended: the sort key of its last row. Opaque to whoever asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor(pub Vec<String>);

/// Which page, and how long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// `None`: the first.
    pub after: Option<Cursor>,
    /// Rows, at least 1.
    pub limit: u32,
}

impl PageRequest {
    /// The first `limit` rows.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
}

/// Rows in a stable order, and where the next ones begin.
#[derive(Clone, PartialEq, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// `None`: these were the last.
    pub next: Option<Cursor>,
}
