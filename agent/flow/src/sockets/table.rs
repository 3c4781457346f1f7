//! Which program a flow belongs to, from what the kernel said about sockets.
//!
//! A table of sockets by their local end, remote end and the time at which they were opened: ports
//! are used again, so a flow belongs to the socket that was open when the flow began. A closed
//! socket is kept for a while, since its flow is often reported after its program has gone. Where
//! two sockets of different programs fit, nobody is named: unknown is better than wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use wire::Timestamp;

use super::generation::{Generation, Key, canonical};
use super::{SocketEvent, SocketOwner};
use crate::attribution::{MatchQuality, ProcessIdentity};
use crate::key::FiveTuple;

/// Sockets that are kept, open and closed ones together.
pub const MAX_SOCKETS: usize = 16_384;
/// How long a closed socket is kept: a flow that ended is reported within a minute by default.
pub const CLOSED_KEPT: Duration = Duration::from_secs(150);
/// How long a socket is kept whose closing nobody reported; its flow was attributed long before.
pub const OPEN_KEPT: Duration = Duration::from_secs(6 * 3600);
/// The kernel's word about a socket and its first packet may differ by this much, either way.
pub const SKEW: Duration = Duration::from_millis(50);
/// A translated connection leaves the machine within this time after it was opened inside.
const TRANSLATED_WITHIN: Duration = Duration::from_secs(2);

/// Nothing was said about such a socket.
pub const REASON_NOT_SEEN: &str = "no program was seen to open this connection";
/// There was a socket, but not at that time.
pub(crate) const REASON_OTHER_TIME: &str = "these ports were only seen in use at another time";
/// Two programs fit.
const REASON_AMBIGUOUS: &str = "two programs used these addresses and ports within a moment";
/// Matched across address translation.
const REASON_TRANSLATED: &str =
    "matched across address translation by the remote end, the port and the time";

/// A socket's owner, and who used it later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owned {
    /// Whose it is.
    pub owner: SocketOwner,
    /// Name of a process that used it later.
    pub later_user: Option<String>,
}

/// Sockets of this machine; bounded by number and age.
#[derive(Debug, Default)]
pub struct SocketTable {
    sockets: BTreeMap<Key, Generation>,
    /// Open ones by when they were opened.
    open: BTreeSet<(Timestamp, Key)>,
    /// Closed ones by when they were closed.
    closed: BTreeSet<(Timestamp, Key)>,
    /// Addresses of the machine itself: a socket on one of them is not behind translation.
    local: Vec<IpAddr>,
    counts: Counts,
}

/// What a table counts.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    opened: u64,
    repeated: u64,
    evicted_open: u64,
    evicted_closed: u64,
    expired: u64,
    astray: u64,
    ambiguous: u64,
    translated: u64,
}

impl SocketTable {
    /// Starts with no socket known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the machine's present addresses.
    pub fn set_local_addresses(&mut self, addresses: &[IpAddr]) {
        self.local = addresses.to_vec();
    }

    /// Takes what happened to a socket.
    pub fn handle_event(&mut self, event: SocketEvent) {
        match event {
            SocketEvent::Opened { at, tuple, owner } => self.opened(at, &tuple, owner),
            SocketEvent::UsedBy { at, tuple, process } => self.used(at, &tuple, &process),
            SocketEvent::Counted {
                at,
                tuple,
                closed: true,
                ..
            } => self.closed(at, &tuple),
            SocketEvent::Counted { .. } => {}
        }
    }

    fn opened(&mut self, at: Timestamp, tuple: &FiveTuple, owner: SocketOwner) {
        self.handle_timeout(at);
        if let Some((key, known)) = self.latest(tuple)
            && known.closed.is_none()
        {
            // One socket that is told twice: a UDP socket that is forgotten between two sends.
            if known.is_of(&owner.process) && key.opened <= at {
                bump(&mut self.counts.repeated);
                return;
            }
            self.close(key, at);
        }
        while self.sockets.len() >= MAX_SOCKETS {
            self.evict();
        }
        let mut key = Key::new(tuple, at);
        // Two at one instant: the one that was told first stands before the other.
        while self.sockets.contains_key(&key) {
            key.opened = key.opened.saturating_add(Duration::from_nanos(1));
        }
        bump(&mut self.counts.opened);
        self.sockets.insert(key, Generation::new(owner));
        self.open.insert((key.opened, key));
    }

    fn used(&mut self, at: Timestamp, tuple: &FiveTuple, process: &Arc<ProcessIdentity>) {
        let Some((key, _)) = self.at(tuple, at).map(|(key, found)| (*key, found)) else {
            return bump(&mut self.counts.astray);
        };
        if let Some(socket) = self.sockets.get_mut(&key)
            && !socket.is_of(process)
        {
            socket.later_user = Some(process.name.clone());
        }
    }

    fn closed(&mut self, at: Timestamp, tuple: &FiveTuple) {
        match self.latest(tuple) {
            Some((key, socket)) if socket.closed.is_none() => self.close(key, at),
            _ => bump(&mut self.counts.astray),
        }
    }

    fn close(&mut self, key: Key, at: Timestamp) {
        if let Some(socket) = self.sockets.get_mut(&key) {
            let at = at.max(key.opened);
            socket.closed = Some(at);
            self.open.remove(&(key.opened, key));
            self.closed.insert((at, key));
        }
    }

    /// The socket of exactly this tuple that was opened last.
    fn latest(&self, tuple: &FiveTuple) -> Option<(Key, &Generation)> {
        self.sockets
            .range(Key::all_of(tuple))
            .next_back()
            .map(|(key, socket)| (*key, socket))
    }

    /// The socket of exactly this tuple that was open at `at`.
    fn at(&self, tuple: &FiveTuple, at: Timestamp) -> Option<(&Key, &Generation)> {
        self.sockets
            .range(Key::all_of(tuple))
            .rev()
            .find(|(key, socket)| socket.fits(key, at))
    }

    /// Whose flow it is that began at `started`; the originator of `tuple` is the local end.
    ///
    /// # Errors
    /// Why nobody can be named.
    pub fn owner(&mut self, tuple: &FiveTuple, started: Timestamp) -> Result<Owned, &'static str> {
        let tuple = canonical(tuple);
        let found = self.of_tuple(&tuple, started);
        let found = match found {
            Err(REASON_NOT_SEEN) => self.of_any_address(&tuple, started),
            other => other,
        };
        match found {
            Err(REASON_AMBIGUOUS) => bump(&mut self.counts.ambiguous),
            Ok(ref owned) if owned.owner.reason == REASON_TRANSLATED => {
                bump(&mut self.counts.translated);
            }
            _ => {}
        }
        found
    }

    fn of_tuple(&self, tuple: &FiveTuple, started: Timestamp) -> Result<Owned, &'static str> {
        let mut any = false;
        let mut fitting = self
            .sockets
            .range(Key::all_of(tuple))
            .inspect(|_| any = true)
            .filter(|(key, socket)| socket.fits(key, started));
        let Some((_, first)) = fitting.next() else {
            return Err(if any {
                REASON_OTHER_TIME
            } else {
                REASON_NOT_SEEN
            });
        };
        let last = fitting.next_back().map_or(first, |(_, last)| last);
        let differ = !first.is_of(&last.owner.process)
            || fitting.any(|(_, other)| !first.is_of(&other.owner.process));
        if differ {
            return Err(REASON_AMBIGUOUS);
        }
        Ok(last.owned())
    }

    /// A socket that was told without its local address, or whose address was translated on the way out.
    fn of_any_address(&self, tuple: &FiveTuple, started: Timestamp) -> Result<Owned, &'static str> {
        let unbound = FiveTuple {
            orig: super::generation::unspecified(tuple.orig),
            ..*tuple
        };
        match self.of_tuple(&unbound, started) {
            Err(REASON_NOT_SEEN) => {}
            other => return other,
        }
        if tuple.resp.ip().is_loopback() || tuple.orig.ip().is_loopback() {
            return Err(REASON_NOT_SEEN);
        }
        let mut inside = self
            .sockets
            .range(Key::any_local(tuple))
            .filter(|(key, socket)| {
                socket.fits(key, started)
                    && started <= key.opened.saturating_add(TRANSLATED_WITHIN)
                    && !key.local.is_loopback()
                    && !self.local.contains(&key.local)
            });
        let (Some((_, only)), None) = (inside.next(), inside.next()) else {
            return Err(REASON_NOT_SEEN);
        };
        let mut owned = only.owned();
        if owned.owner.quality == MatchQuality::Exact {
            owned.owner.quality = MatchQuality::Polled;
        }
        owned.owner.reason = REASON_TRANSLATED;
        Ok(owned)
    }

    /// Forgets what is too old at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some((at, key)) = self.closed.first().copied()
            && at.saturating_add(CLOSED_KEPT) < now
        {
            self.closed.pop_first();
            self.sockets.remove(&key);
        }
        while let Some((at, key)) = self.open.first().copied()
            && at.saturating_add(OPEN_KEPT) < now
        {
            bump(&mut self.counts.expired);
            self.open.pop_first();
            self.sockets.remove(&key);
        }
    }

    /// Makes room: the socket closed longest ago goes first, else the one opened longest ago.
    fn evict(&mut self) {
        let (counter, gone) = match self.closed.pop_first() {
            Some((_, key)) => (&mut self.counts.evicted_closed, Some(key)),
            None => (
                &mut self.counts.evicted_open,
                self.open.pop_first().map(|(_, key)| key),
            ),
        };
        bump(counter);
        match gone {
            Some(key) => drop(self.sockets.remove(&key)),
            None => self.sockets.clear(),
        }
    }

    /// How many sockets are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sockets.len()
    }

    /// Whether no socket is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }

    /// Returns every counter with its name, in a fixed order.
    #[must_use]
    pub const fn counters(&self) -> [(&'static str, u64); 8] {
        let counts = &self.counts;
        [
            ("sockets_opened", counts.opened),
            ("sockets_told_again", counts.repeated),
            ("sockets_evicted_open", counts.evicted_open),
            ("sockets_evicted_closed", counts.evicted_closed),
            ("sockets_expired", counts.expired),
            ("socket_events_astray", counts.astray),
            ("socket_owners_ambiguous", counts.ambiguous),
            ("socket_owners_translated", counts.translated),
        ]
    }
}

const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
