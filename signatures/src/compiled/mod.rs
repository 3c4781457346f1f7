//! A catalogue in the form in which it is used: one block of bytes that is looked into where it lies.
//!
//! The program carries its catalogue so, made by the build script, and every catalogue that is loaded from TOML is
//! brought into it as well. Nothing is read before it is asked for: a look-up touches the few places of its name, and a
//! service becomes a [`Service`] when it is met first. So a program starts without paying for the catalogue, and holds
//! little more of it in memory than these bytes.
//!
//! All numbers are little-endian. A catalogue always gives the same bytes.
//!
//! ```text
//! offset  bytes
//! 0       7     "GNOMTAB"
//! 7       1     number of the format, 2
//! 8       4*11  where each section ends, counted from the end of this table; the first starts there
//! 52      -     the sections
//!
//! section   what is in it
//! version   the version, a text
//! ends      for each text 4 bytes: where it ends in the next section
//! texts     the texts, UTF-8, each one once
//! lists     for each list of sources 4 bytes: where it starts in `records`
//! starts    for each service, in the order of ids, 4 bytes: where it starts in `records`
//! records   lists and services, see the page of `record`
//! slots     the hash table, see the page of `names`
//! nodes     every listed name and every name above one, see there
//! owners    for each exact name and suffix 2*4 bytes: number of the service, number of the indicator in it
//! patterns  for each pattern 3*4 bytes: number of its text, then as in `owners`; those of one anchor stand together
//! local     for each service with local requests 4 bytes: its number
//! ```
//!
//! Who reads these bytes trusts them no further than their length: a number that leads nowhere gives nothing.

mod cursor;
mod names;
mod record;
mod texts;
mod write;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use crate::model::Service;
use cursor::Cursor;
pub(crate) use names::Node;
pub(crate) use write::compile;

const NAME: &[u8; 7] = b"GNOMTAB";
const FORMAT: u8 = 2;
/// Bytes before the first section.
const HEAD: usize = 8 + 4 * SECTIONS;
const SECTIONS: usize = 11;

/// An indicator, by the numbers of its service and of itself there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) service: usize,
    pub(crate) indicator: usize,
}

/// A part of the bytes, in the order in which they stand.
#[derive(Clone, Copy, Debug)]
enum Section {
    Version,
    Ends,
    Texts,
    Lists,
    Starts,
    Records,
    Slots,
    Nodes,
    Owners,
    Patterns,
    Local,
}

/// The bytes, and where in them each section is.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    bytes: Cow<'static, [u8]>,
    sections: [Range<usize>; SECTIONS],
}

impl Compiled {
    /// Takes bytes that [`compile`] made; anything else than its form gives `None`.
    pub(crate) fn open(bytes: Cow<'static, [u8]>) -> Option<Self> {
        let head = bytes.get(..HEAD)?.strip_prefix(NAME)?;
        let (format, ends) = head.split_first()?;
        let mut sections: [Range<usize>; SECTIONS] = Default::default();
        let mut start = HEAD;
        for (section, end) in sections.iter_mut().zip(ends.as_chunks::<4>().0) {
            let end = HEAD.checked_add(size(u32::from_le_bytes(*end)))?;
            bytes.get(start..end)?;
            *section = start..end;
            start = end;
        }
        (*format == FORMAT && start == bytes.len()).then_some(Self { bytes, sections })
    }

    /// Returns the length of the bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn version(&self) -> &str {
        std::str::from_utf8(self.section(Section::Version)).unwrap_or_default()
    }

    /// Counts the services.
    pub(crate) fn services(&self) -> usize {
        self.section(Section::Starts).len() / 4
    }

    /// Reads service number `service`.
    pub(crate) fn service(&self, service: usize) -> Option<Service> {
        record::read_service(self.record(Section::Starts, service)?)
    }

    /// Reads nothing of service number `service` but its id.
    pub(crate) fn id(&self, service: usize) -> Option<&str> {
        self.record(Section::Starts, service)?.text()
    }

    /// Returns the number of the service with this id.
    pub(crate) fn number_of(&self, id: &str) -> Option<usize> {
        let mut range = 0..self.services();
        while !range.is_empty() {
            let middle = range.start.midpoint(range.end);
            match self.id(middle)?.cmp(id) {
                Ordering::Less => range.start = middle.saturating_add(1),
                Ordering::Greater => range.end = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// Lists all patterns: the text of each and whose it is.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = Option<(&str, Owner)>> {
        let (patterns, _) = self.section(Section::Patterns).as_chunks::<12>();
        patterns.iter().map(|bytes| {
            let (text, owner) = bytes.split_first_chunk()?;
            let text = self.text(size(u32::from_le_bytes(*text)))?;
            Some((text, owner_of(owner.first_chunk()?)))
        })
    }

    /// Lists the numbers of the services with local requests.
    pub(crate) fn local(&self) -> impl Iterator<Item = usize> {
        let (numbers, _) = self.section(Section::Local).as_chunks();
        numbers.iter().map(|bytes| size(u32::from_le_bytes(*bytes)))
    }

    fn section(&self, section: Section) -> &[u8] {
        let range = self.sections.get(section as usize);
        let part = range.and_then(|range| self.bytes.get(range.clone()));
        part.unwrap_or_default()
    }

    /// Returns number `index` of a section of numbers.
    fn number(&self, section: Section, index: usize) -> Option<usize> {
        let (numbers, _) = self.section(section).as_chunks();
        Some(size(u32::from_le_bytes(*numbers.get(index)?)))
    }

    fn text(&self, index: usize) -> Option<&str> {
        let start = match index.checked_sub(1) {
            Some(before) => self.number(Section::Ends, before)?,
            None => 0,
        };
        let end = self.number(Section::Ends, index)?;
        std::str::from_utf8(self.section(Section::Texts).get(start..end)?).ok()
    }

    /// Returns a reader of the record whose start is number `index` of `starts`.
    fn record(&self, starts: Section, index: usize) -> Option<Cursor<'_>> {
        let start = self.number(starts, index)?;
        let bytes = self.section(Section::Records).get(start..)?;
        Some(Cursor::new(self, bytes))
    }

    fn owner(&self, index: usize) -> Option<Owner> {
        let (owners, _) = self.section(Section::Owners).as_chunks();
        Some(owner_of(owners.get(index)?))
    }
}

fn owner_of(bytes: &[u8; 8]) -> Owner {
    let [a, b, c, d, e, f, g, h] = *bytes;
    Owner {
        service: size(u32::from_le_bytes([a, b, c, d])),
        indicator: size(u32::from_le_bytes([e, f, g, h])),
    }
}

/// Returns a stored number as an index; where that does not fit, none that leads anywhere.
fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
