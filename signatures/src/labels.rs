//! Walks a host name from the right, label by label, and hashes it on the way: this is what every name on the wire costs,
//! so eight bytes are looked at at once, and nothing is copied.
//!
//! The hash takes the labels from the last to the first, and each label from its end in words of eight bytes,
//! little-endian; what a word has left over at the label's start is zero. Letters count as in lower case. There is no
//! secret in it, because names that come from outside are only looked up, never entered.

/// Bytes of a word.
const WORD: usize = 8;
/// Bits of a byte.
const BYTE: u32 = 8;

/// An odd number without a pattern in its bits, the fraction of the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A word with the same byte in each place.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; WORD])
}

/// A place in a name, and the hash of everything behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'n> {
    name: &'n [u8],
    /// The labels from here on were walked; a dot is before it, unless it is 0.
    start: usize,
    hash: u64,
}

impl<'n> Walk<'n> {
    /// Starts behind the end of a name, which has no trailing dot.
    pub(crate) const fn new(name: &'n [u8]) -> Self {
        Self {
            name,
            start: name.len().saturating_add(1),
            hash: 0,
        }
    }

    /// Walks over the next label; `None` when it is empty, or none is left.
    #[inline]
    pub(crate) fn step(&mut self) -> Option<()> {
        let last = self.start.checked_sub(1)?;
        let mut end = last;
        loop {
            let word = word_before(self.name, end);
            let dots = zeros(word ^ each(b'.'));
            if dots == 0 {
                self.fold(word);
                end = end.saturating_sub(WORD);
                if end == 0 {
                    self.start = 0;
                    return (last > 0).then_some(());
                }
                continue;
            }
            // The bytes behind the last dot are the upper ones; its own bit is the highest of its byte.
            let behind = dots.leading_zeros();
            if behind > 0 {
                self.fold(word & !(u64::MAX >> behind));
            }
            let bytes = usize::try_from(behind / BYTE).unwrap_or(WORD);
            self.start = end.saturating_sub(bytes);
            return (self.start < last).then_some(());
        }
    }

    #[inline]
    fn fold(&mut self, word: u64) {
        let mixed = (self.hash ^ in_lower_case(word)).wrapping_mul(FACTOR);
        self.hash = mixed ^ mixed >> 29;
    }

    /// Returns the labels that were walked.
    pub(crate) fn walked(&self) -> &'n [u8] {
        self.name.get(self.start..).unwrap_or_default()
    }

    /// Returns what is left, without the dot at its end; `None` when nothing is.
    pub(crate) fn left(&self) -> Option<&'n [u8]> {
        self.name.get(..self.start.checked_sub(1)?)
    }

    /// Returns the hash of the labels that were walked.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }
}

/// Hashes a name in lower case, without an empty label.
pub(crate) fn hash(name: &[u8]) -> u64 {
    let mut walk = Walk::new(name);
    while walk.left().is_some() && walk.step().is_some() {}
    walk.hash()
}

/// Tells whether a label of a name without a trailing dot holds nothing.
pub(crate) fn has_empty_label(name: &[u8]) -> bool {
    let (words, rest) = name.as_chunks();
    // Whether a dot, or the begin of the name, is right before the next byte.
    let mut before = true;
    for word in words {
        let dots = zeros(u64::from_le_bytes(*word) ^ each(b'.'));
        let behind_dots = dots << BYTE | u64::from(before) << (BYTE - 1);
        if dots & behind_dots != 0 {
            return true;
        }
        before = dots >> (u64::BITS - 1) != 0;
    }
    for byte in rest {
        let dot = *byte == b'.';
        if before && dot {
            return true;
        }
        before = dot;
    }
    before
}

/// Returns the place of the first dot, or the length of a name without one.
pub(crate) fn first_dot(name: &[u8]) -> usize {
    let (words, rest) = name.as_chunks();
    for (word, bytes) in words.iter().enumerate() {
        let dots = zeros(u64::from_le_bytes(*bytes) ^ each(b'.'));
        if dots != 0 {
            let bytes = usize::try_from(dots.trailing_zeros() / BYTE).unwrap_or(0);
            return word.saturating_mul(WORD).saturating_add(bytes);
        }
    }
    let before = name.len().saturating_sub(rest.len());
    let dot = rest.iter().position(|byte| *byte == b'.');
    before.saturating_add(dot.unwrap_or(rest.len()))
}

/// Tells whether a letter of a name is in upper case.
pub(crate) fn has_upper_case(name: &[u8]) -> bool {
    let changes = |word: u64| in_lower_case(word) != word;
    let (words, rest) = name.as_chunks();
    words.iter().any(|word| changes(u64::from_le_bytes(*word)))
        || rest.iter().any(u8::is_ascii_uppercase)
}

/// Returns the eight bytes before `end`, the last one highest; where the name has fewer, the low ones are zero.
#[inline]
fn word_before(name: &[u8], end: usize) -> u64 {
    let start = end.wrapping_sub(WORD);
    if let Some(bytes) = name.get(start..end).and_then(<[u8]>::first_chunk) {
        return u64::from_le_bytes(*bytes);
    }
    let missing = u32::try_from(WORD.saturating_sub(end)).unwrap_or(0) * BYTE;
    let word = match name.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => {
            let bytes = name.iter().rev();
            bytes.fold(0, |word, byte| word << BYTE | u64::from(*byte))
        }
    };
    word.checked_shl(missing).unwrap_or(0)
}

/// Returns a word with the highest bit set of each byte that is zero.
const fn zeros(word: u64) -> u64 {
    const LOW: u64 = each(0x7f);
    !(((word & LOW) + LOW) | word | LOW)
}

/// Returns a word with its ASCII letters in lower case.
const fn in_lower_case(word: u64) -> u64 {
    let low = word & each(0x7f);
    let from_a = low + each(0x80 - b'A');
    let past_z = low + each(0x7f - b'Z');
    let upper_case = from_a & !past_z & !word & each(0x80);
    word | upper_case >> 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The labels of a name from the last to the first, up to an empty one.
    fn labels(name: &[u8]) -> Vec<&[u8]> {
        let mut walk = Walk::new(name);
        let mut labels = Vec::new();
        while let Some(left) = walk.left() {
            let before = walk;
            if walk.step().is_none() {
                break;
            }
            assert!(walk.walked().ends_with(before.walked()));
            labels.push(&left[walk.start..]);
        }
        labels
    }

    #[test]
    fn labels_come_from_the_right() {
        assert_eq!(labels(b"a"), [b"a"]);
        assert_eq!(
            labels(b"www.example.com"),
            [&b"com"[..], b"example", b"www"]
        );
        assert_eq!(labels(b"12345678.1234567"), [&b"1234567"[..], b"12345678"]);
        for stop in ["", ".", "a.", "a..b", ".a"] {
            assert!(
                labels(stop.as_bytes()).len() < stop.split('.').count(),
                "{stop}"
            );
        }
    }

    #[test]
    fn every_byte_is_told_from_a_dot_and_brought_into_lower_case() {
        for byte in 0..=u8::MAX {
            for place in 0..WORD {
                let mut bytes = [b'x'; WORD];
                bytes[place] = byte;
                let dots = zeros(u64::from_le_bytes(bytes) ^ each(b'.'));
                let mut expected = [0; WORD];
                expected[place] = if byte == b'.' { 0x80 } else { 0 };
                assert_eq!(dots.to_le_bytes(), expected, "{byte} at {place}");
                let lower = in_lower_case(u64::from_le_bytes(bytes));
                bytes[place] = byte.to_ascii_lowercase();
                assert_eq!(lower.to_le_bytes(), bytes, "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_walk_is_a_split(name in prop::collection::vec(prop_oneof![Just(b'.'), any::<u8>(), b'a'..=b'z'], 0..80)) {
            let split: Vec<&[u8]> = name.rsplit(|byte| *byte == b'.').collect();
            let good: Vec<&[u8]> = split.iter().copied().take_while(|label| !label.is_empty()).collect();
            prop_assert_eq!(has_empty_label(&name), split.len() != good.len());
            prop_assert_eq!(labels(&name), good);
            prop_assert_eq!(first_dot(&name), split.last().unwrap().len());
            prop_assert_eq!(has_upper_case(&name), name.iter().any(u8::is_ascii_uppercase));
        }

        #[test]
        fn the_hash_is_that_of_the_name_alone_and_of_its_lower_case(name in "[a-zA-Z0-9-]{1,20}(\\.[a-zA-Z0-9-]{1,20}){0,4}", before in "[a-z.]{0,12}") {
            let longer = format!("{before}.{name}");
            let mut walk = Walk::new(longer.as_bytes());
            while walk.walked().len() < name.len() {
                walk.step().unwrap();
            }
            prop_assert_eq!(walk.hash(), hash(name.as_bytes()));
            prop_assert_eq!(walk.hash(), hash(name.to_ascii_lowercase().as_bytes()));
        }
    }
}
