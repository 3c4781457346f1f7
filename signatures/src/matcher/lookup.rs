//! Walks a name from the right, label by label, through the names of the catalogue.

use std::sync::OnceLock;

use crate::compiled::{Compiled, Node, Owner};
use crate::labels::{Walk, has_empty_label, has_upper_case};
use crate::name::{MAX_NAME, normalise};
use crate::pattern::{Captures, Pattern};

/// What a look-up found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) owner: Owner,
    pub(super) captures: Captures,
}

/// The patterns of a catalogue, read when a name reaches an anchor first.
#[derive(Debug, Default)]
pub(super) struct Patterns(OnceLock<Box<[(Pattern, Owner)]>>);

impl Patterns {
    fn all(&self, compiled: &Compiled) -> &[(Pattern, Owner)] {
        let read = |one: Option<(&str, Owner)>| {
            let (text, owner) = one?;
            Some((Pattern::parse(text).ok()?, owner))
        };
        self.0
            .get_or_init(|| compiled.patterns().map_while(read).collect())
    }

    /// Tries the patterns of a node, those with more fixed letters first, on what stands before the anchor.
    fn capture(&self, compiled: &Compiled, node: Node, head: &[u8]) -> Option<Found> {
        let patterns = self.all(compiled).get(node.patterns())?;
        if has_upper_case(head) {
            let mut buffer = [0; MAX_NAME];
            return capture(patterns, normalise(head, &mut buffer)?);
        }
        capture(patterns, head)
    }
}

fn capture(patterns: &[(Pattern, Owner)], head: &[u8]) -> Option<Found> {
    patterns.iter().find_map(|(pattern, owner)| {
        let captures = pattern.captures(head)?;
        Some(Found {
            owner: *owner,
            captures,
        })
    })
}

/// Looks a name without a trailing dot up in the order that the [parent](super) describes.
pub(super) fn find(compiled: &Compiled, patterns: &Patterns, name: &[u8]) -> Option<Found> {
    let mut walk = Walk::new(name);
    walk.step()?;
    let mut exclusive = 0;
    let mut captured = None;
    let mut silent = 0;
    while walk.left().is_some() {
        walk.step()?;
        let Some(node) = compiled.node(walk.hash(), walk.walked()) else {
            break;
        };
        exclusive = either(node.exclusive, exclusive);
        silent = either(node.silent, silent);
        let Some(head) = walk.left() else {
            exclusive = either(node.exact, exclusive);
            break;
        };
        if node.patterns != 0 {
            captured = patterns.capture(compiled, node, head).or(captured);
        }
    }
    // Nearly every name ends here.
    if exclusive == 0 && silent == 0 && captured.is_none() {
        return None;
    }
    if walk.left().is_some_and(has_empty_label) {
        return None;
    }
    plain(compiled, exclusive)
        .or(captured)
        .or_else(|| plain(compiled, silent))
}

const fn either(new: u32, old: u32) -> u32 {
    if new == 0 { old } else { new }
}

fn plain(compiled: &Compiled, owner: u32) -> Option<Found> {
    Some(Found {
        owner: compiled.owner_of(owner)?,
        captures: Captures::default(),
    })
}
