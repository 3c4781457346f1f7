//! A map that never grows past a cap: the half that was not used for longest makes room.

use std::collections::HashMap;
use std::hash::Hash;

/// A cache with a cap.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    entries: HashMap<K, (u64, V)>,
    cap: usize,
    clock: u64,
    evicted: u64,
}

impl<K: Eq + Hash + Clone, V> Bounded<K, V> {
    /// An empty cache for at most `cap` entries.
    pub(crate) fn new(cap: usize) -> Self {
        Self {
            entries: HashMap::new(),
            cap: cap.max(1),
            clock: 0,
            evicted: 0,
        }
    }

    /// Finds an entry, which is then the last one used.
    pub(crate) fn find(&mut self, key: &K) -> Option<&mut V> {
        self.clock = self.clock.wrapping_add(1);
        let (used, value) = self.entries.get_mut(key)?;
        *used = self.clock;
        Some(value)
    }

    /// Puts an entry in place of what was there.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.entries.len() >= self.cap && !self.entries.contains_key(&key) {
            self.make_room();
        }
        self.clock = self.clock.wrapping_add(1);
        self.entries.insert(key, (self.clock, value));
    }

    /// Entries that had to make room so far.
    pub(crate) const fn evicted(&self) -> u64 {
        self.evicted
    }

    fn make_room(&mut self) {
        let mut used: Vec<_> = self.entries.values().map(|(used, _)| *used).collect();
        used.sort_unstable();
        let Some(middle) = used.get(used.len() / 2).copied() else {
            return;
        };
        let before = self.entries.len();
        self.entries.retain(|_, (used, _)| *used > middle);
        let gone = before.saturating_sub(self.entries.len());
        self.evicted = self
            .evicted
            .saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_below_its_cap_and_keeps_what_is_used() {
        let mut cache = Bounded::new(8);
        cache.insert(1000, 1);
        for key in 0..100 {
            cache.insert(key, key);
            assert!(cache.find(&1000).is_some());
            assert!(cache.entries.len() <= 8);
        }
        assert!(cache.evicted() > 80);
        assert_eq!(cache.find(&0), None);
    }
}
