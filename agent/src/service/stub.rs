//! No service manager is spoken to on this system.

use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Manager;

impl Manager {
    pub(crate) fn from_environment() -> Self {
        Self
    }

    pub(crate) fn alive_interval(&self) -> Option<Duration> {
        None
    }

    pub(crate) fn ready(&self) {}

    pub(crate) fn alive(&self) {}

    pub(crate) fn stopping(&self) {}
}
