//! What each client lately resolved: from an address back to the names it stands for.
//!
//! This is the only way to a name that the handshake hides, so it is kept narrow: per client, from
//! answers to that client, along the chain of CNAMEs to the name that was asked for, and only for
//! as long as the answer may be used. Of a name that is not in the catalogue only a hash is kept:
//! it is needed to know that another name fits as well, and for nothing else.

use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use foldhash::quality::RandomState;

use crate::bounded::Bounded;
use crate::key::mapped;

/// An answer is remembered for at least this long: programs connect a moment later, whatever the TTL.
const SHORTEST: Duration = Duration::from_secs(60);
/// And for at most this long: later, "just before" would be a stretch.
const LONGEST: Duration = Duration::from_secs(600);
/// Names remembered for one address; with more, none fits for sure.
const MAX_NAMES_PER_ADDRESS: usize = 4;

/// What a client resolved to one address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Recent {
    /// Nothing, lately.
    Nothing,
    /// One name, which the catalogue knows.
    Known(Arc<str>),
    /// One name, which the catalogue does not know.
    Unknown,
    /// More than one name: none fits for sure.
    Several,
}

#[derive(Clone, Debug, Default)]
struct Resolved {
    hash: u64,
    /// Set when the catalogue knows the name.
    name: Option<Arc<str>>,
    /// Zero where there is no name.
    expires: u64,
}

/// The names of one address, the newest first: nearly always there is one, and there are many addresses.
#[derive(Clone, Debug, Default)]
struct Address {
    newest: Resolved,
    others: Option<Box<Others>>,
}

/// What only an address with several names has.
#[derive(Clone, Debug, Default)]
struct Others {
    /// In the order in which they came.
    names: Vec<Resolved>,
    /// Until when names were left out because there were too many.
    crowded_until: u64,
}

impl Address {
    fn names(&self) -> impl Iterator<Item = &Resolved> {
        let others = self.others.iter().flat_map(|others| &others.names);
        others.chain([&self.newest])
    }

    fn add(&mut self, new: Resolved, now: u64) {
        let before = std::mem::replace(&mut self.newest, new);
        let stays = before.expires > now && before.hash != self.newest.hash;
        if self.others.is_none() && !stays {
            return;
        }
        let mut others = self.others.take().unwrap_or_default();
        if stays {
            others.names.push(before);
        }
        others
            .names
            .retain(|old| old.expires > now && old.hash != self.newest.hash);
        if others.names.len() >= MAX_NAMES_PER_ADDRESS {
            let first = others.names.remove(0);
            others.crowded_until = others.crowded_until.max(first.expires);
        }
        if !others.names.is_empty() || others.crowded_until > now {
            self.others = Some(others);
        }
    }
}

/// From (client, address) to names, and from (client, name) to whether it may hide.
///
/// Of a pair only a hash of 64 bits is kept, under a secret of the process: that two pairs meet does not happen by chance
/// in a year, and nobody can make it happen.
#[derive(Debug)]
pub(crate) struct NameCache {
    hashing: RandomState,
    addresses: Bounded<u64, Address>,
    hiding: Bounded<u64, u64>,
}

impl NameCache {
    /// Remembers at most `capacity` pairs of client and address.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            hashing: RandomState::default(),
            addresses: Bounded::new(capacity),
            hiding: Bounded::new(capacity),
        }
    }

    /// How many pairs were forgotten early to keep to the cap.
    pub(crate) const fn forgotten(&self) -> u64 {
        self.addresses.dropped.saturating_add(self.hiding.dropped)
    }

    /// Notes that `client` was told at `now` that `name` is at `address`.
    pub(crate) fn resolved(
        &mut self,
        client: IpAddr,
        address: IpAddr,
        name: (u64, Option<&Arc<str>>),
        expires: u64,
        now: u64,
    ) {
        let (hash, known) = name;
        let new = Resolved {
            hash,
            name: known.cloned(),
            expires,
        };
        let pair = self.hashing.hash_one((mapped(client), mapped(address)));
        if let Some(entry) = self.addresses.entry(pair) {
            entry.add(new, now);
        }
    }

    fn address(&self, client: IpAddr, address: IpAddr) -> Option<&Address> {
        let pair = self.hashing.hash_one((mapped(client), mapped(address)));
        self.addresses.get(&pair)
    }

    /// Notes that `client` was told that handshakes with this name may be hidden.
    pub(crate) fn may_hide(&mut self, client: IpAddr, hash: u64, expires: u64) {
        let pair = self.hashing.hash_one((mapped(client), hash));
        if let Some(until) = self.hiding.entry(pair) {
            *until = expires;
        }
    }

    /// What `client` lately resolved to `address`, leaving out the name with the hash `except`.
    pub(crate) fn recent(&self, client: IpAddr, address: IpAddr, except: u64, now: u64) -> Recent {
        let Some(entry) = self.address(client, address) else {
            return Recent::Nothing;
        };
        let crowded = entry
            .others
            .as_ref()
            .is_some_and(|others| others.crowded_until > now);
        if crowded {
            return Recent::Several;
        }
        let mut live = entry
            .names()
            .filter(|name| name.expires > now && name.hash != except);
        match (live.next(), live.next()) {
            (None, _) => Recent::Nothing,
            (Some(_), Some(_)) => Recent::Several,
            (Some(only), None) => only.name.clone().map_or(Recent::Unknown, Recent::Known),
        }
    }

    /// Whether `client` lately resolved the name with this hash to `address`.
    pub(crate) fn is_recent(&self, client: IpAddr, address: IpAddr, hash: u64, now: u64) -> bool {
        self.address(client, address).is_some_and(|entry| {
            entry
                .names()
                .any(|name| name.hash == hash && name.expires > now)
        })
    }

    /// Whether a name that `client` lately resolved to `address` may be hidden in handshakes.
    pub(crate) fn may_be_hidden(&self, client: IpAddr, address: IpAddr, now: u64) -> bool {
        self.address(client, address).is_some_and(|entry| {
            entry.names().any(|name| {
                let pair = self.hashing.hash_one((mapped(client), name.hash));
                let until = self.hiding.get(&pair).copied().unwrap_or_default();
                name.expires > now && until > now
            })
        })
    }
}

/// When an answer that came at `now` with `ttl` seconds is forgotten.
pub(crate) fn expiry(now: u64, ttl: u32) -> u64 {
    let keep = Duration::from_secs(u64::from(ttl)).clamp(SHORTEST, LONGEST);
    now.saturating_add(u64::try_from(keep.as_nanos()).unwrap_or(u64::MAX))
}

/// The hash under which a name (lower case, no trailing dot) is remembered: eight bytes at a time, and at last the length.
pub(crate) fn name_hash(name: &[u8]) -> u64 {
    let (words, rest) = name.as_chunks::<8>();
    let last = rest
        .iter()
        .fold(0, |word, byte| (word << 8) | u64::from(*byte));
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    words.chain([last, length]).fold(0, |hash, word| {
        let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));
    const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(104, 18, 32, 47));

    fn known(name: &str) -> Arc<str> {
        Arc::from(name)
    }

    fn put(cache: &mut NameCache, client: IpAddr, name: &str, is_known: bool, now: u64) {
        let text = known(name);
        let hash = name_hash(name.as_bytes());
        cache.resolved(
            client,
            SERVER,
            (hash, is_known.then_some(&text)),
            expiry(now, 1),
            now,
        );
    }

    #[test]
    fn one_name_fits_and_two_do_not() {
        let mut cache = NameCache::new(8);
        assert_eq!(cache.recent(CLIENT, SERVER, 0, 0), Recent::Nothing);
        put(&mut cache, CLIENT, "chatgpt.com", true, 0);
        assert_eq!(
            cache.recent(CLIENT, SERVER, 0, 1),
            Recent::Known(known("chatgpt.com"))
        );
        put(&mut cache, CLIENT, "example.org", false, 1);
        assert_eq!(cache.recent(CLIENT, SERVER, 0, 2), Recent::Several);
        let other = IpAddr::from([10, 0, 0, 3]);
        assert_eq!(cache.recent(other, SERVER, 0, 2), Recent::Nothing);
        let left_out = name_hash(b"chatgpt.com");
        assert_eq!(cache.recent(CLIENT, SERVER, left_out, 2), Recent::Unknown);
    }

    #[test]
    fn an_answer_lives_for_its_ttl_within_bounds() {
        let minute = 60_000_000_000;
        assert_eq!(expiry(5, 0), 5 + minute);
        assert_eq!(expiry(5, 300), 5 + 5 * minute);
        assert_eq!(expiry(5, u32::MAX), 5 + 10 * minute);
        let mut cache = NameCache::new(8);
        put(&mut cache, CLIENT, "chatgpt.com", true, 0);
        assert_eq!(cache.recent(CLIENT, SERVER, 0, minute), Recent::Nothing);
    }

    #[test]
    fn more_names_than_are_kept_are_several() {
        let mut cache = NameCache::new(8);
        for name in ["a", "b", "c", "d", "e"] {
            put(&mut cache, CLIENT, name, false, 0);
        }
        assert_eq!(
            cache.recent(CLIENT, SERVER, name_hash(b"e"), 1),
            Recent::Several
        );
    }

    #[test]
    fn the_cache_forgets_what_came_first() {
        let mut cache = NameCache::new(2);
        for last in 1..=3 {
            put(
                &mut cache,
                IpAddr::from([10, 0, 0, last]),
                "chatgpt.com",
                true,
                0,
            );
        }
        assert_eq!(
            cache.recent(IpAddr::from([10, 0, 0, 1]), SERVER, 0, 1),
            Recent::Nothing
        );
        assert_eq!(cache.forgotten(), 1);
    }

    #[test]
    fn hiding_is_per_client_and_name() {
        let mut cache = NameCache::new(8);
        put(&mut cache, CLIENT, "chatgpt.com", true, 0);
        assert!(!cache.may_be_hidden(CLIENT, SERVER, 1));
        cache.may_hide(CLIENT, name_hash(b"chatgpt.com"), 10);
        assert!(cache.may_be_hidden(CLIENT, SERVER, 1));
        assert!(!cache.may_be_hidden(CLIENT, SERVER, 11));
    }
}
