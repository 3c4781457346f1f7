//! Hash index of the table: open addressing with linear probing and deletion by shifting back.
//!
//! A bucket holds 32 bits of the hash and the slot of the entry. So a look-up touches one cache
//! line of the index and, but for one in thousands, only the entry it is after; growing needs no
//! entry; and there are no tombstones to clean up under churn, as hashbrown has.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::fast::{RandomState, SeedableRandomState};

use crate::key::FlowKey;

/// Buckets at the start; always a power of two.
const FIRST_BUCKETS: usize = 1024;

/// Random for each process, so that nobody can make keys that collide; no result depends on it.
static SEED: LazyLock<SharedSeed> =
    LazyLock::new(|| SharedSeed::from_u64(RandomState::default().hash_one(0_u64)));

/// From keys to the hashes under which an index keeps them.
#[derive(Clone, Debug)]
pub(crate) struct Hashing(SeedableRandomState);

impl Hashing {
    pub(crate) fn new() -> Self {
        Self(SeedableRandomState::with_seed(0, &SEED))
    }

    /// The hash of a flow.
    #[inline(always)]
    pub(crate) fn flow(&self, key: &FlowKey) -> u32 {
        let mut hasher = self.0.build_hasher();
        let [low, low_rest, high, high_rest, rest] = key.words();
        // IPv4 in its mapped form has zeros there.
        if low | high != 0 {
            hasher.write_u128(pair(low, high));
        }
        hasher.write_u128(pair(low_rest, high_rest));
        hasher.write_u64(rest);
        narrow(hasher.finish())
    }

    /// The hash of another kind of key.
    #[inline]
    pub(crate) fn any(&self, key: &impl Hash) -> u32 {
        narrow(self.0.hash_one(key))
    }
}

const fn pair(low: u64, high: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the index keeps 32 bits of the hash"
)]
const fn narrow(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

/// From hashes to slots.
#[derive(Debug)]
pub(crate) struct Index {
    /// The hash in the upper half, the slot plus one in the lower; zero is empty.
    buckets: Vec<u64>,
    used: usize,
}

const fn pack(hash: u32, slot: u32) -> u64 {
    ((hash as u64) << 32) | (slot as u64 + 1)
}

const fn hash_in(bucket: u64) -> u32 {
    (bucket >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "takes the lower half")]
const fn slot_in(bucket: u64) -> u32 {
    (bucket as u32).wrapping_sub(1)
}

impl Index {
    pub(crate) fn new() -> Self {
        Self {
            buckets: vec![0; FIRST_BUCKETS],
            used: 0,
        }
    }

    fn home(&self, hash: u32) -> usize {
        usize::try_from(hash).unwrap_or_default() & self.mask()
    }

    const fn mask(&self) -> usize {
        self.buckets.len().wrapping_sub(1)
    }

    fn at(&self, place: usize) -> u64 {
        self.buckets.get(place).copied().unwrap_or_default()
    }

    fn set(&mut self, place: usize, bucket: u64) {
        if let Some(to) = self.buckets.get_mut(place) {
            *to = bucket;
        }
    }

    /// The slot with this hash that `is_it` accepts. At most half of the buckets are used, so an
    /// empty one ends every search.
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut place = self.home(hash);
        loop {
            let bucket = self.at(place);
            if bucket == 0 {
                return None;
            }
            if hash_in(bucket) == hash && is_it(slot_in(bucket)) {
                return Some(slot_in(bucket));
            }
            place = place.wrapping_add(1) & self.mask();
        }
    }

    /// Loads the bucket at which a search begins.
    #[inline(always)]
    pub(super) fn touch(&self, hash: u32) -> u32 {
        slot_in(self.at(self.home(hash)))
    }

    /// The first slot with this hash; nearly always the right one.
    #[inline(always)]
    pub(super) fn likely(&self, hash: u32) -> Option<u32> {
        self.find(hash, |_| true)
    }

    pub(crate) fn insert(&mut self, hash: u32, slot: u32) {
        if self.used.saturating_mul(2) >= self.buckets.len() {
            self.grow();
        }
        self.place(pack(hash, slot));
        self.used = self.used.saturating_add(1);
    }

    fn place(&mut self, bucket: u64) {
        let mut place = self.home(hash_in(bucket));
        while self.at(place) != 0 {
            place = place.wrapping_add(1) & self.mask();
        }
        self.set(place, bucket);
    }

    fn grow(&mut self) {
        let doubled = vec![0; self.buckets.len().saturating_mul(2)];
        let old = std::mem::replace(&mut self.buckets, doubled);
        for bucket in old.into_iter().filter(|bucket| *bucket != 0) {
            self.place(bucket);
        }
    }

    /// Empties the bucket of `slot` and moves those behind it that may come closer to their home.
    pub(crate) fn remove(&mut self, hash: u32, slot: u32) {
        let wanted = pack(hash, slot);
        let mut hole = self.home(hash);
        while self.at(hole) != wanted {
            if self.at(hole) == 0 {
                debug_assert!(false, "a flow in the table is in the index");
                return;
            }
            hole = hole.wrapping_add(1) & self.mask();
        }
        let mut place = hole;
        loop {
            place = place.wrapping_add(1) & self.mask();
            let bucket = self.at(place);
            if bucket == 0 {
                break;
            }
            let from_home = place.wrapping_sub(self.home(hash_in(bucket))) & self.mask();
            let from_hole = place.wrapping_sub(hole) & self.mask();
            if from_home >= from_hole {
                self.set(hole, bucket);
                hole = place;
            }
        }
        self.set(hole, 0);
        self.used = self.used.saturating_sub(1);
    }
}
