//! Reads the parts of a record one after the other.

use std::str::FromStr;
use std::sync::Arc;

use super::{Compiled, Section};

/// Bits of a number that one byte carries; the eighth says that another byte follows.
const BITS: u32 = 7;
const MORE: u8 = 0x80;
/// Most items that room is made for before they are read.
const MAX_ROOM: usize = 64;

/// The rest of a record.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'c> {
    compiled: &'c Compiled,
    rest: &'c [u8],
    /// The list that was read last, with its number: neighbours share it.
    last: Option<(usize, Arc<[String]>)>,
}

impl<'c> Cursor<'c> {
    pub(super) const fn new(compiled: &'c Compiled, rest: &'c [u8]) -> Self {
        Self {
            compiled,
            rest,
            last: None,
        }
    }

    /// Reads a number of up to 32 bits, seven bits a byte, the low ones first.
    pub(super) fn number(&mut self) -> Option<u32> {
        let mut number = 0_u64;
        for shift in [0, BITS, 2 * BITS, 3 * BITS, 4 * BITS] {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & !MORE) << shift;
            if byte & MORE == 0 {
                return u32::try_from(number).ok();
            }
        }
        None
    }

    pub(super) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        Some(self.number()? != 0)
    }

    /// Reads the number of a text.
    pub(super) fn text(&mut self) -> Option<&'c str> {
        let index = self.size()?;
        self.compiled.text(index)
    }

    /// Reads the number of a text counted from 1; 0 stands for none.
    pub(super) fn optional(&mut self) -> Option<Option<&'c str>> {
        match self.size()?.checked_sub(1) {
            Some(index) => self.compiled.text(index).map(Some),
            None => Some(None),
        }
    }

    /// Reads a word of a closed list, which is a text like any other.
    pub(super) fn word<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// Reads as many items as the number before them says.
    pub(super) fn many<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.size()?;
        // A wrong number must not ask for room: what it announces has to be there.
        let mut items = Vec::with_capacity(count.min(MAX_ROOM));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Some(items)
    }

    /// Reads texts into a list of their own.
    pub(super) fn texts<T: From<&'c str>>(&mut self) -> Option<Vec<T>> {
        self.many(|cursor| cursor.text().map(T::from))
    }

    /// Reads the number of a list of sources.
    pub(super) fn list(&mut self) -> Option<Arc<[String]>> {
        let index = self.size()?;
        if let Some((_, list)) = self.last.as_ref().filter(|(last, _)| *last == index) {
            return Some(Arc::clone(list));
        }
        let texts: Vec<String> = self.compiled.record(Section::Lists, index)?.texts()?;
        let list = Arc::from(texts);
        self.last = Some((index, Arc::clone(&list)));
        Some(list)
    }
}
