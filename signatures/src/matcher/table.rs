//! The hash table of every listed name and every name above one.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::model::{IndicatorKind, Service};
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

/// What is known about one name.
#[derive(Debug, Default)]
struct Node {
    name: Box<[u8]>,
    exact: Option<Owner>,
    exclusive: Option<Owner>,
    silent: Option<Owner>,
    patterns: Box<[(Pattern, Owner)]>,
}

/// All names.
#[derive(Debug, Default)]
pub(super) struct Table {
    nodes: HashTable<Node>,
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
                let owner = Owner { service, indicator };
                match (one.kind, one.specificity) {
                    (IndicatorKind::Exact, _) => table.insert(&one.value).exact = Some(owner),
                    (IndicatorKind::Suffix, Specificity::Exclusive) => {
                        table.insert(&one.value).exclusive = Some(owner);
                    }
                    (IndicatorKind::Suffix, _) => table.insert(&one.value).silent = Some(owner),
                    (IndicatorKind::Pattern, _) => table.insert_pattern(&one.value, owner),
                    (IndicatorKind::Local, _) => {}
                }
            }
        }
        table
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

    fn insert_pattern(&mut self, text: &str, owner: Owner) {
        let Ok(pattern) = Pattern::parse(text) else {
            debug_assert!(false, "patterns are checked at load");
            return;
        };
        let node = self.insert(pattern.anchor());
        let mut patterns = std::mem::take(&mut node.patterns).into_vec();
        patterns.push((pattern, owner));
        patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.literal_bytes()));
        node.patterns = patterns.into();
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
            if start == 0
                && let Some(owner) = node.exact
            {
                return Some(Found::plain(owner));
            }
            exclusive = node.exclusive.or(exclusive);
            silent = node.silent.or(silent);
            if !node.patterns.is_empty()
                && let Some(head) = start.checked_sub(1).and_then(|dot| name.get(..dot))
            {
                captured = node.capture(head).or(captured);
            }
        }
        exclusive
            .map(Found::plain)
            .or(captured)
            .or_else(|| silent.map(Found::plain))
    }
}

impl Node {
    fn capture<'n>(&self, head: &'n [u8]) -> Option<Found<'n>> {
        self.patterns.iter().find_map(|(pattern, owner)| {
            pattern.captures(head).map(|captures| Found {
                owner: *owner,
                captures,
            })
        })
    }
}

/// Returns where the last label of `name[..end]` starts, if a dot stands before it.
fn label_start(name: &[u8], end: usize) -> Option<usize> {
    let dot = name.get(..end)?.iter().rposition(|byte| *byte == b'.')?;
    dot.checked_add(1)
}
