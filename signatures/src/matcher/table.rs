//! The hash table of every listed name and every name above one.

use std::cmp::Reverse;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::model::{Indicator, IndicatorKind, Service};
use crate::pattern::{Captures, Pattern};
use crate::vocabulary::Specificity;

/// Seed of the hash. Fixed, so that a run is repeatable; observed names are only looked up, never inserted.
const SEED: u64 = 0x676e_6f6d_6f6e;

/// An indicator, by the numbers of its service and of itself there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) service: usize,
    pub(super) indicator: usize,
}

/// What a look-up found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'n> {
    pub(super) owner: Owner,
    pub(super) captures: Captures<'n>,
}

/// A place in a list, counted from 1, so that a node is small: the table should stay in the processor's cache.
type Slot = Option<NonZeroU32>;

/// What is known about one name.
#[derive(Debug, Default)]
struct Node {
    name: Box<[u8]>,
    exact: Slot,
    exclusive: Slot,
    silent: Slot,
    patterns: Slot,
}

/// The patterns under one anchor, those with more fixed letters first.
type Patterns = Vec<(Pattern, Owner)>;

/// All names.
#[derive(Debug, Default)]
pub(super) struct Table {
    nodes: HashTable<Node>,
    owners: Vec<Owner>,
    patterns: Vec<Patterns>,
}

fn hash(name: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(name);
    hasher.finish()
}

impl Table {
    pub(super) fn new(services: &[Service]) -> Self {
        let mut table = Self::default();
        for (service, known) in services.iter().enumerate() {
            for (indicator, one) in known.indicators.iter().enumerate() {
                table.add(one, Owner { service, indicator });
            }
        }
        for patterns in &mut table.patterns {
            patterns.sort_by_key(|(pattern, _)| Reverse(pattern.literal_bytes()));
        }
        table
    }

    fn add(&mut self, indicator: &Indicator, owner: Owner) {
        let kind = indicator.kind;
        if kind == IndicatorKind::Local {
            return;
        }
        if kind == IndicatorKind::Pattern {
            self.add_pattern(&indicator.value, owner);
            return;
        }
        self.owners.push(owner);
        let slot = slot(self.owners.len());
        let node = self.insert(&indicator.value);
        if kind == IndicatorKind::Exact {
            node.exact = slot;
        } else if indicator.specificity == Specificity::Exclusive {
            node.exclusive = slot;
        } else {
            node.silent = slot;
        }
    }

    fn add_pattern(&mut self, text: &str, owner: Owner) {
        let Ok(pattern) = Pattern::parse(text) else {
            debug_assert!(false, "patterns are checked at load");
            return;
        };
        let new = slot(self.patterns.len().saturating_add(1));
        let node = self.insert(pattern.anchor());
        let place = node.patterns.or(new);
        node.patterns = place;
        if place == new {
            self.patterns.push(Patterns::new());
        }
        if let Some(patterns) = entry_mut(&mut self.patterns, place) {
            patterns.push((pattern, owner));
        }
    }

    /// Returns the node of a name, made together with the nodes above it when it is new.
    fn insert(&mut self, name: &str) -> &mut Node {
        if let Some((_, above)) = name
            .split_once('.')
            .filter(|(_, above)| above.contains('.'))
        {
            self.insert(above);
        }
        let name = name.as_bytes();
        let entry = self.nodes.entry(
            hash(name),
            |node| *node.name == *name,
            |node| hash(&node.name),
        );
        entry
            .or_insert_with(|| Node {
                name: name.into(),
                ..Node::default()
            })
            .into_mut()
    }

    /// Looks a normalised name up in the order that the [parent](super) describes.
    pub(super) fn find<'n>(&self, name: &'n [u8]) -> Option<Found<'n>> {
        let mut start = label_start(name, name.len())?;
        let mut exclusive = None;
        let mut captured = None;
        let mut silent = None;
        while start > 0 {
            start = label_start(name, start.saturating_sub(1)).unwrap_or(0);
            let suffix = name.get(start..)?;
            let Some(node) = self.nodes.find(hash(suffix), |node| *node.name == *suffix) else {
                break;
            };
            if start == 0 && node.exact.is_some() {
                return self.plain(node.exact);
            }
            exclusive = node.exclusive.or(exclusive);
            silent = node.silent.or(silent);
            if let Some(patterns) = entry(&self.patterns, node.patterns)
                && let Some(head) = start.checked_sub(1).and_then(|dot| name.get(..dot))
            {
                captured = capture(patterns, head).or(captured);
            }
        }
        self.plain(exclusive)
            .or(captured)
            .or_else(|| self.plain(silent))
    }

    fn plain<'n>(&self, slot: Slot) -> Option<Found<'n>> {
        let owner = *entry(&self.owners, slot)?;
        Some(Found {
            owner,
            captures: Captures::default(),
        })
    }
}

fn capture<'n>(patterns: &Patterns, head: &'n [u8]) -> Option<Found<'n>> {
    patterns.iter().find_map(|(pattern, owner)| {
        pattern.captures(head).map(|captures| Found {
            owner: *owner,
            captures,
        })
    })
}

/// Returns the slot of the last entry of a list with this length.
fn slot(length: usize) -> Slot {
    u32::try_from(length).ok().and_then(NonZeroU32::new)
}

/// Returns the index that a slot stands for.
fn index(slot: Slot) -> Option<usize> {
    usize::try_from(slot?.get()).ok()?.checked_sub(1)
}

fn entry<T>(list: &[T], slot: Slot) -> Option<&T> {
    list.get(index(slot)?)
}

fn entry_mut<T>(list: &mut [T], slot: Slot) -> Option<&mut T> {
    list.get_mut(index(slot)?)
}

/// Returns where the last label of `name[..end]` starts, if a dot stands before it.
fn label_start(name: &[u8], end: usize) -> Option<usize> {
    let dot = name.get(..end)?.iter().rposition(|byte| *byte == b'.')?;
    dot.checked_add(1)
}
