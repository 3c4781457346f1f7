//! Walks a name from the right, label by label, through the names of the catalogue.

use std::sync::OnceLock;

use crate::compiled::{Compiled, Node, Owner};
use crate::pattern::{Captures, Pattern};

/// What a look-up found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'n> {
    pub(super) owner: Owner,
    pub(super) captures: Captures<'n>,
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
    fn capture<'n>(&self, compiled: &Compiled, node: Node, head: &'n [u8]) -> Option<Found<'n>> {
        let patterns = self.all(compiled).get(node.patterns())?;
        patterns.iter().find_map(|(pattern, owner)| {
            let captures = pattern.captures(head)?;
            Some(Found {
                owner: *owner,
                captures,
            })
        })
    }
}

/// Looks a normalised name up in the order that the [parent](super) describes.
pub(super) fn find<'n>(
    compiled: &Compiled,
    patterns: &Patterns,
    name: &'n [u8],
) -> Option<Found<'n>> {
    let mut start = label_start(name, name.len())?;
    let mut exclusive = 0;
    let mut captured = None;
    let mut silent = 0;
    while start > 0 {
        start = label_start(name, start.saturating_sub(1)).unwrap_or(0);
        let Some(node) = compiled.node(name.get(start..)?) else {
            break;
        };
        if start == 0 && node.exact != 0 {
            return plain(compiled, node.exact);
        }
        exclusive = either(node.exclusive, exclusive);
        silent = either(node.silent, silent);
        if node.patterns != 0
            && let Some(head) = start.checked_sub(1).and_then(|dot| name.get(..dot))
        {
            captured = patterns.capture(compiled, node, head).or(captured);
        }
    }
    plain(compiled, exclusive)
        .or(captured)
        .or_else(|| plain(compiled, silent))
}

const fn either(new: u32, old: u32) -> u32 {
    if new == 0 { old } else { new }
}

fn plain<'n>(compiled: &Compiled, owner: u32) -> Option<Found<'n>> {
    Some(Found {
        owner: compiled.owner_of(owner)?,
        captures: Captures::default(),
    })
}

/// Returns where the last label of `name[..end]` starts, if a dot stands before it.
fn label_start(name: &[u8], end: usize) -> Option<usize> {
    let dot = name.get(..end)?.iter().rposition(|byte| *byte == b'.')?;
    dot.checked_add(1)
}
