//! A map with a cap, which forgets what was put in first.
//!
//! Entries lie in the order in which they came, in chunks that never move, and an [`Index`] of 8-byte buckets finds
//! them: so an entry takes its own size and little more, growing copies nothing but the index, and at the cap the
//! newest takes the place of the oldest.

use std::hash::Hash;

use crate::table::{Hashing, Index};

/// Entries in a chunk.
const CHUNK: usize = 32_768;

/// A map with a cap, which forgets what was put in first.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    hashing: Hashing,
    index: Index,
    chunks: Vec<Vec<(K, V)>>,
    used: usize,
    /// At the cap: the place of what was put in first.
    oldest: usize,
    capacity: usize,
    /// How many were forgotten.
    pub(crate) dropped: u64,
}

impl<K: Hash + Eq + Copy, V: Default> Bounded<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            hashing: Hashing::new(),
            index: Index::new(),
            chunks: Vec::new(),
            used: 0,
            oldest: 0,
            capacity: capacity.max(1),
            dropped: 0,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let slot = self.find(key, self.hashing.any(key))?;
        let (_, value) = self.at(slot)?;
        Some(value)
    }

    /// The value of `key`, which is put in when it is not there; `None` only past 2^32 entries.
    pub(crate) fn entry(&mut self, key: K) -> Option<&mut V> {
        let hash = self.hashing.any(&key);
        let slot = match self.find(&key, hash) {
            Some(slot) => slot,
            None => self.insert(key, hash)?,
        };
        let (chunk, place) = split(slot);
        let (_, value) = self.chunks.get_mut(chunk)?.get_mut(place)?;
        Some(value)
    }

    fn at(&self, slot: u32) -> Option<&(K, V)> {
        let (chunk, place) = split(slot);
        self.chunks.get(chunk)?.get(place)
    }

    fn find(&self, key: &K, hash: u32) -> Option<u32> {
        self.index.find(hash, |slot| {
            self.at(slot).is_some_and(|(known, _)| known == key)
        })
    }

    fn insert(&mut self, key: K, hash: u32) -> Option<u32> {
        let fresh = (key, V::default());
        let slot = if self.used < self.capacity {
            let slot = u32::try_from(self.used).ok()?;
            if self.used.is_multiple_of(CHUNK) {
                let room = CHUNK.min(self.capacity.saturating_sub(self.used));
                self.chunks.push(Vec::with_capacity(room));
            }
            self.chunks.last_mut()?.push(fresh);
            self.used = self.used.saturating_add(1);
            slot
        } else {
            let slot = u32::try_from(self.oldest).ok()?;
            let (chunk, place) = split(slot);
            let oldest = self.chunks.get_mut(chunk)?.get_mut(place)?;
            let (forgotten, _) = std::mem::replace(oldest, fresh);
            self.index.remove(self.hashing.any(&forgotten), slot);
            self.dropped = self.dropped.saturating_add(1);
            self.oldest = self.oldest.saturating_add(1);
            if self.oldest == self.capacity {
                self.oldest = 0;
            }
            slot
        };
        self.index.insert(hash, slot);
        Some(slot)
    }
}

fn split(slot: u32) -> (usize, usize) {
    let slot = usize::try_from(slot).unwrap_or(usize::MAX);
    (slot / CHUNK, slot % CHUNK)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, VecDeque};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map_that_forgets_the_first(
            capacity in 1_usize..6,
            keys in proptest::collection::vec(0_u64..12, 0..200),
        ) {
            let mut bounded: Bounded<u64, u32> = Bounded::new(capacity);
            let (mut model, mut order) = (HashMap::new(), VecDeque::new());
            let mut dropped = 0;
            for key in keys {
                if !model.contains_key(&key) {
                    if model.len() == capacity {
                        model.remove(&order.pop_front().unwrap());
                        dropped += 1;
                    }
                    order.push_back(key);
                }
                *model.entry(key).or_default() += 1;
                *bounded.entry(key).unwrap() += 1;
                for key in 0..12 {
                    prop_assert_eq!(bounded.get(&key), model.get(&key));
                }
                prop_assert_eq!(bounded.dropped, dropped);
            }
        }
    }

    #[test]
    fn it_grows_past_a_chunk_and_wraps() {
        let capacity = CHUNK * 2 + 3;
        let mut bounded: Bounded<u64, u64> = Bounded::new(capacity);
        let last = 3 * capacity as u64;
        for key in 0..last {
            *bounded.entry(key).unwrap() = key;
        }
        let kept = last - capacity as u64;
        assert_eq!(bounded.dropped, kept);
        assert_eq!(bounded.get(&(kept - 1)), None);
        assert!((kept..last).all(|key| bounded.get(&key) == Some(&key)));
    }
}
