//! What each client lately resolved: from an address back to the names it stands for.
//!
//! This is the only way to a name that the handshake hides, so it is kept narrow: per client, from
//! answers to that client, along the chain of CNAMEs to the name that was asked for, and only for
//! as long as the answer may be used. Of a name that is not in the catalogue only a hash is kept:
//! it is needed to know that another name fits as well, and for nothing else.

use std::collections::VecDeque;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

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

#[derive(Clone, Debug)]
struct Resolved {
    hash: u64,
    /// Set when the catalogue knows the name.
    name: Option<Arc<str>>,
    expires: u64,
}

#[derive(Clone, Debug, Default)]
struct Address {
    names: Vec<Resolved>,
    /// Until when names were left out because there were too many.
    crowded_until: u64,
}

/// From (client, address) to names, and from (client, name) to whether it may hide.
#[derive(Debug)]
pub(crate) struct NameCache {
    addresses: Bounded<(IpAddr, IpAddr), Address>,
    hiding: Bounded<(IpAddr, u64), u64>,
}

impl NameCache {
    /// Remembers at most `capacity` pairs of client and address.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
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
        let entry = self.addresses.entry((client, address));
        entry
            .names
            .retain(|old| old.expires > now && old.hash != hash);
        if entry.names.len() >= MAX_NAMES_PER_ADDRESS {
            let first = entry.names.remove(0);
            entry.crowded_until = entry.crowded_until.max(first.expires);
        }
        // Mostly there is one name, and there are many addresses.
        entry.names.reserve_exact(1);
        entry.names.push(Resolved {
            hash,
            name: known.cloned(),
            expires,
        });
    }

    /// Notes that `client` was told that handshakes with this name may be hidden.
    pub(crate) fn may_hide(&mut self, client: IpAddr, hash: u64, expires: u64) {
        *self.hiding.entry((client, hash)) = expires;
    }

    /// What `client` lately resolved to `address`, leaving out the name with the hash `except`.
    pub(crate) fn recent(&self, client: IpAddr, address: IpAddr, except: u64, now: u64) -> Recent {
        let Some(entry) = self.addresses.get(&(client, address)) else {
            return Recent::Nothing;
        };
        if entry.crowded_until > now {
            return Recent::Several;
        }
        let mut live = entry
            .names
            .iter()
            .filter(|name| name.expires > now && name.hash != except);
        match (live.next(), live.next()) {
            (None, _) => Recent::Nothing,
            (Some(_), Some(_)) => Recent::Several,
            (Some(only), None) => only.name.clone().map_or(Recent::Unknown, Recent::Known),
        }
    }

    /// Whether `client` lately resolved the name with this hash to `address`.
    pub(crate) fn is_recent(&self, client: IpAddr, address: IpAddr, hash: u64, now: u64) -> bool {
        self.addresses.get(&(client, address)).is_some_and(|entry| {
            entry
                .names
                .iter()
                .any(|name| name.hash == hash && name.expires > now)
        })
    }

    /// Whether a name that `client` lately resolved to `address` may be hidden in handshakes.
    pub(crate) fn may_be_hidden(&self, client: IpAddr, address: IpAddr, now: u64) -> bool {
        self.addresses.get(&(client, address)).is_some_and(|entry| {
            entry.names.iter().any(|name| {
                let until = self
                    .hiding
                    .get(&(client, name.hash))
                    .copied()
                    .unwrap_or_default();
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

/// The hash under which a name (lower case, no trailing dot) is remembered: FNV-1a, 64 bits.
pub(crate) fn name_hash(name: &[u8]) -> u64 {
    name.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A map with a cap, which forgets what was put in first.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    map: HashMap<K, V>,
    order: VecDeque<K>,
    capacity: usize,
    /// How many were forgotten.
    pub(crate) dropped: u64,
}

impl<K: Hash + Eq + Copy, V: Default> Bounded<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            map: HashMap::default(),
            order: VecDeque::new(),
            capacity: capacity.max(1),
            dropped: 0,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    /// The value of `key`, which is put in when it is not there.
    pub(crate) fn entry(&mut self, key: K) -> &mut V {
        if self.map.len() >= self.capacity && !self.map.contains_key(&key) {
            self.forget_oldest();
        }
        match self.map.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                self.order.push_back(key);
                place.insert(V::default())
            }
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.map.remove(&oldest);
            self.dropped = self.dropped.saturating_add(1);
        }
    }
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
