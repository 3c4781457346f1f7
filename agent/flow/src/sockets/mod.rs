//! What the operating system says about sockets: who opened one, who used it later, what it moved.

mod generation;
mod table;

use std::sync::Arc;

pub(crate) use table::REASON_OTHER_TIME;
pub use table::{CLOSED_KEPT, MAX_SOCKETS, OPEN_KEPT, Owned, REASON_NOT_SEEN, SKEW, SocketTable};
use wire::Timestamp;

use crate::attribution::{MatchQuality, ProcessIdentity};
use crate::key::FiveTuple;

/// Whose socket it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SocketOwner {
    /// The process that connected or first sent.
    pub process: Arc<ProcessIdentity>,
    /// Login name of the user it ran as, or the number where there is no name.
    pub login: Option<Arc<str>>,
    /// How this is known.
    pub quality: MatchQuality,
    /// Why it is not better; empty when exact.
    pub reason: &'static str,
}

/// Payload that a socket has moved so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SocketCounters {
    /// Transport payload bytes that went out; for TCP those acknowledged, without the SYN.
    pub bytes_out: u64,
    /// Transport payload bytes that came in.
    pub bytes_in: u64,
}

/// Something that happened to a socket. The originator of a tuple is the local end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketEvent {
    /// It was connected, or first sent.
    Opened {
        /// When.
        at: Timestamp,
        /// Both ends.
        tuple: FiveTuple,
        /// Whose it is.
        owner: SocketOwner,
    },
    /// Another process used it after it was opened.
    UsedBy {
        /// When.
        at: Timestamp,
        /// Both ends.
        tuple: FiveTuple,
        /// Who.
        process: Arc<ProcessIdentity>,
    },
    /// It has moved so much so far.
    Counted {
        /// When.
        at: Timestamp,
        /// Both ends.
        tuple: FiveTuple,
        /// Since it was opened.
        counters: SocketCounters,
        /// It is closed: these are the last figures.
        closed: bool,
    },
}

#[cfg(test)]
mod tests;
