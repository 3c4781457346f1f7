//! Collects the texts and the lists of sources of a catalogue, each one once.

use std::collections::BTreeMap;

use super::write::write_number;

/// Texts, known by their numbers.
#[derive(Debug, Default)]
pub(super) struct Texts<'s> {
    numbers: BTreeMap<&'s str, usize>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl<'s> Texts<'s> {
    /// Returns the number of a text.
    pub(super) fn number(&mut self, text: &'s str) -> usize {
        let next = self.ends.len();
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.bytes.extend_from_slice(text.as_bytes());
            self.ends.push(self.bytes.len());
        }
        number
    }

    /// Returns where a text starts that was given a number.
    pub(super) fn start(&self, number: usize) -> usize {
        let before = number.checked_sub(1).and_then(|one| self.ends.get(one));
        before.copied().unwrap_or(0)
    }

    pub(super) fn ends(&self) -> &[usize] {
        &self.ends
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Lists of sources, known by their numbers.
#[derive(Debug, Default)]
pub(super) struct Lists<'s> {
    numbers: BTreeMap<&'s [String], usize>,
    starts: Vec<usize>,
    records: Vec<u8>,
}

impl<'s> Lists<'s> {
    /// Returns the number of a list.
    pub(super) fn number(&mut self, list: &'s [String], texts: &mut Texts<'s>) -> usize {
        let next = self.starts.len();
        let number = *self.numbers.entry(list).or_insert(next);
        if number == next {
            self.starts.push(self.records.len());
            write_number(&mut self.records, list.len());
            for text in list {
                write_number(&mut self.records, texts.number(text));
            }
        }
        number
    }

    pub(super) fn starts(&self) -> &[usize] {
        &self.starts
    }

    pub(super) fn records(&self) -> &[u8] {
        &self.records
    }
}
