//! Lists whose hash is known already.

use super::ja4::{HASH_DIGITS, hash};

/// Hashes that are remembered; a new one takes the place of another.
const ROOM: usize = 128;
/// Longer lists are not remembered.
const MAX_VALUES: usize = 128;

/// Two lists and the hash of both.
#[derive(Clone, Debug, Default)]
struct Entry {
    values: Vec<u16>,
    after: Vec<u16>,
    digits: [u8; HASH_DIGITS],
}

/// Hashes by their lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    entries: Vec<Entry>,
}

impl Known {
    /// Without it nothing is remembered.
    pub(super) fn with_room() -> Self {
        Self {
            entries: vec![Entry::default(); ROOM],
        }
    }

    /// The hash of `values`, sorted, and of `after`, as it is.
    pub(super) fn hash(&mut self, values: &[u16], after: &[u16]) -> [u8; HASH_DIGITS] {
        let fits = values.len().saturating_add(after.len()) <= MAX_VALUES && !values.is_empty();
        let entry = place(values, after)
            .checked_rem(self.entries.len())
            .and_then(|place| self.entries.get_mut(place))
            .filter(|_| fits);
        let Some(entry) = entry else {
            return hash_sorted(values, after);
        };
        if entry.values != values || entry.after != after {
            entry.digits = hash_sorted(values, after);
            entry.values.clear();
            entry.values.extend_from_slice(values);
            entry.after.clear();
            entry.after.extend_from_slice(after);
        }
        entry.digits
    }
}

fn hash_sorted(values: &[u16], after: &[u16]) -> [u8; HASH_DIGITS] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    hash(&sorted, after)
}

/// Where two lists may be: the same in every run, and who makes them meet only costs a hash.
fn place(values: &[u16], after: &[u16]) -> usize {
    let folded = values
        .iter()
        .chain(after)
        .fold(values.len(), |folded, value| {
            (folded.rotate_left(5) ^ usize::from(*value)).wrapping_mul(0x9e37_79b1)
        });
    folded.rotate_right(16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_known_hash_is_the_hash(
            lists in proptest::collection::vec(
                (proptest::collection::vec(0_u16..6, 0..4), proptest::collection::vec(0_u16..3, 0..3)),
                0..200,
            ),
        ) {
            let mut known = Known { entries: vec![Entry::default(); 3] };
            for (values, after) in lists {
                prop_assert_eq!(known.hash(&values, &after), hash_sorted(&values, &after));
            }
        }
    }
}
