//! Walks a TOML document by the keys it may have, and notes every one that does not fit.
//!
//! Deserialising into a struct ends at the first mistake. This walk goes on: each key that is asked
//! for gives its value or a problem, and a section that is left reports the keys nobody asked for.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// Edits between a wrong key and the one it was meant to be, at most.
const MAX_TYPING_ERRORS: usize = 2;

/// A value and the line it is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct At<T> {
    /// What was written.
    pub(super) value: T,
    /// Line in the file, from 1.
    pub(super) line: usize,
}

/// The text and what was found wrong in it so far.
#[derive(Debug)]
pub(super) struct Document<'s> {
    text: &'s str,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Document<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self {
            text,
            problems: Vec::new(),
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    /// Parses the text; errors of syntax become problems and what could be read is still given.
    pub(super) fn parse(&mut self) -> Spanned<DeTable<'s>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = error.span().map_or(1, |span| self.line(span.start));
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            self.problems.push(Problem {
                line,
                message: format!("not TOML: {message}"),
            });
        }
        table
    }

    fn problem(&mut self, offset: usize, message: String) {
        let line = self.line(offset);
        self.problems.push(Problem { line, message });
    }
}

/// One table of the document while it is read.
#[derive(Debug)]
pub(super) struct Section<'d, 's> {
    document: &'d mut Document<'s>,
    prefix: String,
    table: Option<&'d DeTable<'s>>,
    known: Vec<&'static str>,
}

impl<'d, 's> Section<'d, 's> {
    pub(super) fn root(document: &'d mut Document<'s>, table: &'d DeTable<'s>) -> Self {
        Self {
            document,
            prefix: String::new(),
            table: Some(table),
            known: Vec::new(),
        }
    }

    /// Reads a table inside this one; `read` asks for its keys.
    pub(super) fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'_, 's>) -> T,
    ) -> T {
        let table = self.typed(key, "a table", |value| value.as_table());
        let mut inner = Section {
            document: &mut *self.document,
            prefix: format!("{}{key}.", self.prefix),
            table: table.map(|table| table.value),
            known: Vec::new(),
        };
        let result = read(&mut inner);
        inner.end();
        result
    }

    pub(super) fn string(&mut self, key: &'static str) -> Option<At<String>> {
        let found = self.typed(key, "a string", |value| value.as_str())?;
        Some(At {
            value: found.value.to_owned(),
            line: found.line,
        })
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<At<bool>> {
        self.typed(key, "true or false", |value| value.as_bool())
    }

    pub(super) fn integer(&mut self, key: &'static str) -> Option<At<i64>> {
        let found = self.typed(key, "a whole number", |value| {
            let integer = value.as_integer()?;
            i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
        })?;
        Some(found)
    }

    /// A number of units, or a string with the unit written out.
    pub(super) fn quantity(&mut self, key: &'static str) -> Option<At<String>> {
        self.typed(
            key,
            "a string such as \"64 MiB\" or a whole number",
            |value| {
                value.as_str().map(str::to_owned).or_else(|| {
                    value
                        .as_integer()
                        .map(|integer| integer.as_str().to_owned())
                })
            },
        )
    }

    pub(super) fn strings(&mut self, key: &'static str) -> Option<At<Vec<At<String>>>> {
        let array = self.typed(key, "a list of strings", |value| value.as_array())?;
        let mut strings = Vec::new();
        for item in array.value {
            let offset = item.span().start;
            match item.get_ref().as_str() {
                Some(text) => {
                    strings.push(At {
                        value: text.to_owned(),
                        line: self.document.line(offset),
                    });
                }
                None => self.document.problem(
                    offset,
                    format!(
                        "`{}{key}` must be a list of strings, but holds {}",
                        self.prefix,
                        article(item.get_ref().type_str())
                    ),
                ),
            }
        }
        Some(At {
            value: strings,
            line: array.line,
        })
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn end(self) {
        for key in self.table.into_iter().flat_map(|table| table.keys()) {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let hint = nearest(name, &self.known).map_or_else(
                || format!("known here: {}", self.known.join(", ")),
                |near| format!("did you mean `{}{near}`?", self.prefix),
            );
            self.document.problem(
                key.span().start,
                format!("unknown key `{}{name}` ({hint})", self.prefix),
            );
        }
    }

    fn typed<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&'d DeValue<'s>) -> Option<T>,
    ) -> Option<At<T>> {
        self.known.push(key);
        let value = self.table?.get(key)?;
        let offset = value.span().start;
        let Some(read) = read(value.get_ref()) else {
            let found = article(value.get_ref().type_str());
            self.document.problem(
                offset,
                format!("`{}{key}` must be {expected}, but is {found}", self.prefix),
            );
            return None;
        };
        Some(At {
            value: read,
            line: self.document.line(offset),
        })
    }
}

fn article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if an { "an" } else { "a" })
}

fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|candidate| (edits(name, candidate), *candidate))
        .filter(|(distance, _)| *distance <= MAX_TYPING_ERRORS)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, for the hint only.
fn edits(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right.chars()) {
            let substituted = diagonal + usize::from(a != b);
            diagonal = *cell;
            *cell = substituted.min(previous + 1).min(*cell + 1);
            previous = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
