//! Where owners of sockets cannot be learnt yet.

use flow::{FiveTuple, ProcessIdentity, SocketEvent, SocketOwner};
use std::sync::Arc;
use wire::Timestamp;

use super::{Backend, SocketsConfig};

const REASON: &str = "owners of sockets are not read on this system yet";

/// What the system says about sockets: nothing here.
#[derive(Debug)]
pub struct Sockets;

impl Sockets {
    /// Opens nothing, and says so.
    #[must_use]
    pub fn open(_config: SocketsConfig) -> (Self, Vec<String>) {
        let degradation = format!("{REASON}: the program and the user behind a flow stay unknown");
        (Self, vec![degradation])
    }

    /// Returns what is used.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        Backend::None
    }

    /// Takes what the kernel reported since; nothing.
    pub fn poll(&mut self, _take: &mut dyn FnMut(SocketEvent)) {}

    /// Owner of one flow, looked up now.
    ///
    /// # Errors
    /// Why it is unknown.
    pub fn owner(
        &mut self,
        _tuple: &FiveTuple,
        _started: Timestamp,
        _now: Timestamp,
    ) -> Result<SocketOwner, &'static str> {
        Err(REASON)
    }

    /// Counters of the sockets; none.
    pub fn counters(&mut self, _now: Timestamp, _take: &mut dyn FnMut(SocketEvent)) {}

    /// Returns the identity with what was found out since it was made.
    #[must_use]
    pub fn completed(&mut self, process: &Arc<ProcessIdentity>) -> Arc<ProcessIdentity> {
        Arc::clone(process)
    }

    /// Returns what is counted, by name.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        std::iter::empty()
    }
}
