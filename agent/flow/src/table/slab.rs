//! Storage of entries in chunks: they never move, and growing never copies.

use super::entry::{Entry, Flags, NONE};

/// Entries in a chunk, as a power of two: 2 MiB each, the size of a large page.
const CHUNK_BITS: u32 = 14;
const CHUNK: usize = 1 << CHUNK_BITS;

/// Entries by slot; freed slots are used again, the last freed first.
#[derive(Debug)]
pub(super) struct Slab {
    chunks: Vec<Vec<Entry>>,
    free: u32,
    used: usize,
}

const fn split(slot: u32) -> (usize, usize) {
    ((slot >> CHUNK_BITS) as usize, (slot as usize) & (CHUNK - 1))
}

impl Slab {
    pub(super) const fn new() -> Self {
        Self {
            chunks: Vec::new(),
            free: NONE,
            used: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.used
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Entry> {
        let (chunk, place) = split(slot);
        self.chunks.get(chunk)?.get(place)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Entry> {
        let (chunk, place) = split(slot);
        self.chunks.get_mut(chunk)?.get_mut(place)
    }

    /// The entries that are not free, in the order of their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Entry)> {
        (0..)
            .zip(self.chunks.iter().flatten())
            .filter(|(_, entry)| !entry.flags.has(Flags::FREE))
    }

    pub(super) fn insert(&mut self, mut entry: Entry) -> u32 {
        self.used = self.used.saturating_add(1);
        let slot = self.free;
        if let Some(old) = self.get_mut(slot) {
            let next = old.next;
            entry.generation = old.generation;
            *old = entry;
            self.free = next;
            return slot;
        }
        self.append(entry)
    }

    fn append(&mut self, entry: Entry) -> u32 {
        if self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = self.chunks.len().saturating_sub(1).saturating_mul(CHUNK);
        let Some(chunk) = self.chunks.last_mut() else {
            return NONE;
        };
        let slot = u32::try_from(before.saturating_add(chunk.len())).unwrap_or(NONE);
        chunk.push(entry);
        slot
    }

    /// Frees a slot; its generation changes, so that an old name of the flow no longer fits.
    pub(super) fn remove(&mut self, slot: u32) {
        let next = self.free;
        if let Some(entry) = self.get_mut(slot) {
            entry.generation = entry.generation.wrapping_add(1);
            entry.next = next;
            entry.flags.set(Flags::FREE);
            self.free = slot;
            self.used = self.used.saturating_sub(1);
        }
    }
}
