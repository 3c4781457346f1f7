//! The names of a catalogue: a hash table that is made once and looked up where it lies.
//!
//! ```text
//! slot  4  upper half of the hash of a name
//!       4  number of its node from 1; 0: the slot is empty
//! node  4  where the name starts among the texts
//!       4  its length
//!       4  number from 1 of the owner of the exact name, 0: none
//!       4  of the owner of the exclusive suffix
//!       4  of the owner of the suffix that is shared or a third-party dependency
//!       4  number of the first pattern anchored here
//!       4  how many of them
//! ```
//!
//! A name's first slot is the lower half of its hash, cut to the number of slots, which is a power of two; the slots
//! after it follow, until an empty one ends the search. The hash is that of [`labels`](crate::labels).

use std::ops::Range;

use super::{Compiled, Owner, Section, size};
use crate::labels::hash;

/// Bytes of a slot.
const SLOT: usize = 8;
/// Bytes of a node.
pub(super) const NODE: usize = 28;

/// What is known about one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Numbers from 1 in the list of owners; 0: none.
    pub(crate) exact: u32,
    pub(crate) exclusive: u32,
    pub(crate) silent: u32,
    /// Number of the first pattern.
    pub(crate) first_pattern: u32,
    pub(crate) patterns: u32,
}

impl Node {
    /// The numbers of the patterns that are anchored here.
    pub(crate) fn patterns(self) -> Range<usize> {
        let first = size(self.first_pattern);
        first..first.saturating_add(size(self.patterns))
    }
}

/// Splits a hash: the part that picks the slot, and the part that is kept in it.
fn parts(hash: u64) -> (u32, u32) {
    let hash = hash ^ hash >> 32;
    let [a, b, c, d, e, f, g, h] = hash.to_le_bytes();
    (
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    )
}

impl Compiled {
    /// Looks a name up, in any case; `hash` is its hash.
    pub(crate) fn node(&self, hash: u64, name: &[u8]) -> Option<Node> {
        let (slots, _) = self.section(Section::Slots).as_chunks::<SLOT>();
        let (nodes, _) = self.section(Section::Nodes).as_chunks::<NODE>();
        let (place, tag) = parts(hash);
        let mask = slots.len().checked_sub(1)?;
        for step in 0..slots.len() {
            let slot = slots.get(size(place).wrapping_add(step) & mask)?;
            let [a, b, c, d, number @ ..] = *slot;
            let node = size(u32::from_le_bytes(number)).checked_sub(1)?;
            if u32::from_le_bytes([a, b, c, d]) == tag {
                let (start, length, node) = read(nodes.get(node)?);
                let end = start.checked_add(length)?;
                let known = self.section(Section::Texts).get(start..end)?;
                if known == name || known.eq_ignore_ascii_case(name) {
                    return Some(node);
                }
            }
        }
        None
    }

    /// Returns an owner that a node names.
    pub(crate) fn owner_of(&self, number: u32) -> Option<Owner> {
        self.owner(size(number).checked_sub(1)?)
    }
}

fn read(bytes: &[u8; NODE]) -> (usize, usize, Node) {
    let (numbers, _) = bytes.as_chunks();
    let number = |index: usize| {
        numbers
            .get(index)
            .map_or(0, |bytes| u32::from_le_bytes(*bytes))
    };
    let node = Node {
        exact: number(2),
        exclusive: number(3),
        silent: number(4),
        first_pattern: number(5),
        patterns: number(6),
    };
    (size(number(0)), size(number(1)), node)
}

/// Writes a node; its name is where the texts have it.
pub(super) fn write(nodes: &mut Vec<u8>, start: u32, length: u32, node: Node) {
    let Node {
        exact,
        exclusive,
        silent,
        first_pattern,
        patterns,
    } = node;
    for number in [
        start,
        length,
        exact,
        exclusive,
        silent,
        first_pattern,
        patterns,
    ] {
        nodes.extend_from_slice(&number.to_le_bytes());
    }
}

/// Writes the slots for names in the order of their nodes; a quarter of them at least stays empty.
pub(super) fn slots<'n>(names: impl ExactSizeIterator<Item = &'n [u8]>) -> Vec<u8> {
    let count = names
        .len()
        .saturating_add(names.len() / 3)
        .saturating_add(1)
        .next_power_of_two();
    let mask = count.saturating_sub(1);
    let mut slots = vec![[0; SLOT]; count];
    for (node, name) in (1_u32..).zip(names) {
        let (place, tag) = parts(hash(name));
        let free = (0..count).map(|step| size(place).wrapping_add(step) & mask);
        let is_free = |place: &usize| slots.get(*place) == Some(&[0; SLOT]);
        if let Some(slot) = free
            .clone()
            .find(is_free)
            .and_then(|place| slots.get_mut(place))
        {
            let [a, b, c, d] = tag.to_le_bytes();
            let [e, f, g, h] = node.to_le_bytes();
            *slot = [a, b, c, d, e, f, g, h];
        }
    }
    slots.into_flattened()
}
