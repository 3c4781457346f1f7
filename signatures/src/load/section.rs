//! A TOML table whose values are taken key by key, each with its line; what nobody takes is an unknown key.

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Problems;

/// Longest text that a problem repeats, in characters.
const MAX_SHOWN: usize = 80;

/// A file while it is read: its name, where its lines start, and the place for problems.
#[derive(Debug)]
pub(super) struct File<'p> {
    pub(super) name: Arc<str>,
    line_starts: Vec<usize>,
    problems: &'p mut Problems,
}

/// A text with its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) line: u32,
}

/// One table of a file.
#[derive(Debug)]
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    taken: Vec<&'static str>,
    /// Line on which the table starts, from 1.
    pub(super) line: u32,
    /// What the table is, for problems: `service`, `service.names`, ...
    what: &'static str,
}

impl<'p> File<'p> {
    pub(super) fn new(name: Arc<str>, text: &str, problems: &'p mut Problems) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = newlines.map(|(index, _)| index.saturating_add(1)).collect();
        Self {
            name,
            line_starts,
            problems,
        }
    }

    pub(super) fn problem(&mut self, line: u32, message: impl Into<String>) {
        self.problems.add(&self.name, line, message);
    }

    pub(super) fn line_of(&self, span: &Range<usize>) -> u32 {
        let before = self
            .line_starts
            .partition_point(|start| *start <= span.start);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

impl<'t> Section<'t> {
    pub(super) fn new(
        file: &File<'_>,
        table: &'t DeTable<'t>,
        span: &Range<usize>,
        what: &'static str,
    ) -> Self {
        Self {
            table,
            taken: Vec::new(),
            line: file.line_of(span),
            what,
        }
    }

    fn take(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.taken.push(key);
        self.table.get(key)
    }

    /// Takes a text that may be missing; an empty one is a problem.
    pub(super) fn text(&mut self, file: &mut File<'_>, key: &'static str) -> Option<Text<'t>> {
        let value = self.take(key)?;
        as_text(file, key, value)
    }

    /// Takes a text that must be there.
    pub(super) fn required(&mut self, file: &mut File<'_>, key: &'static str) -> Option<Text<'t>> {
        if !self.table.contains_key(key) {
            file.problem(self.line, format!("{} lacks the key `{key}`", self.what));
        }
        self.text(file, key)
    }

    /// Takes a word of a closed list that may be missing.
    pub(super) fn word<T: FromStr<Err: ToString>>(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
    ) -> Option<T> {
        let text = self.text(file, key)?;
        parse_word(file, key, text)
    }

    /// Takes a word of a closed list that must be there.
    pub(super) fn required_word<T: FromStr<Err: ToString>>(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
    ) -> Option<T> {
        let text = self.required(file, key)?;
        parse_word(file, key, text)
    }

    /// Takes a truth value; a missing one is false.
    pub(super) fn flag(&mut self, file: &mut File<'_>, key: &'static str) -> bool {
        let Some(value) = self.take(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            wrong_type(file, key, "true or false", value);
            false
        })
    }

    /// Takes a list of texts; a missing one is empty.
    pub(super) fn texts(&mut self, file: &mut File<'_>, key: &'static str) -> Vec<Text<'t>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            wrong_type(file, key, "a list of texts", value);
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| as_text(file, key, item))
            .collect()
    }

    /// Takes a list of texts that must not be empty.
    pub(super) fn required_texts(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
    ) -> Vec<Text<'t>> {
        let missing = match self.table.get(key).map(Spanned::get_ref) {
            None => true,
            Some(value) => value.as_array().is_some_and(|items| items.is_empty()),
        };
        if missing {
            file.problem(
                self.line,
                format!("{} needs at least one text under `{key}`", self.what),
            );
        }
        self.texts(file, key)
    }

    /// Takes a list of ports; a missing one is empty.
    pub(super) fn ports(&mut self, file: &mut File<'_>, key: &'static str) -> Vec<u16> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            wrong_type(file, key, "a list of ports", value);
            return Vec::new();
        };
        let mut ports = Vec::new();
        for item in items {
            match as_port(item.get_ref()) {
                Some(port) => ports.push(port),
                None => wrong_type(file, key, "ports from 1 to 65535", item),
            }
        }
        ports
    }

    /// Takes a table that may be missing.
    pub(super) fn section(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
        what: &'static str,
    ) -> Option<Self> {
        let value = self.take(key)?;
        let Some(table) = value.get_ref().as_table() else {
            wrong_type(file, key, "a table", value);
            return None;
        };
        Some(Section::new(file, table, &value.span(), what))
    }

    /// Takes a list of tables, `[[key]]`; a missing one is empty.
    pub(super) fn sections(
        &mut self,
        file: &mut File<'_>,
        key: &'static str,
        what: &'static str,
    ) -> Vec<Self> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            wrong_type(file, key, "a list of tables", value);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => sections.push(Section::new(file, table, &item.span(), what)),
                None => wrong_type(file, key, "a table", item),
            }
        }
        sections
    }

    /// Reports every key that nobody took.
    pub(super) fn finish(self, file: &mut File<'_>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.taken.contains(&name) {
                let line = file.line_of(&key.span());
                let expected = self.taken.join(", ");
                file.problem(
                    line,
                    format!(
                        "{} has an unknown key `{}`, expected one of {expected}",
                        self.what,
                        shown(name)
                    ),
                );
            }
        }
    }
}

fn parse_word<T: FromStr<Err: ToString>>(
    file: &mut File<'_>,
    key: &str,
    text: Text<'_>,
) -> Option<T> {
    match text.text.parse() {
        Ok(word) => Some(word),
        Err(error) => {
            file.problem(text.line, format!("`{key}`: {}", error.to_string()));
            None
        }
    }
}

fn as_text<'t>(
    file: &mut File<'_>,
    key: &str,
    value: &'t Spanned<DeValue<'t>>,
) -> Option<Text<'t>> {
    let Some(text) = value.get_ref().as_str() else {
        wrong_type(file, key, "a text", value);
        return None;
    };
    let line = file.line_of(&value.span());
    if text.trim().is_empty() || text.trim() != text {
        file.problem(
            line,
            format!("`{key}` is empty or starts or ends with a space"),
        );
        return None;
    }
    Some(Text { text, line })
}

fn as_port(value: &DeValue<'_>) -> Option<u16> {
    let number = value.as_integer()?;
    u16::from_str_radix(number.as_str(), number.radix())
        .ok()
        .filter(|port| *port > 0)
}

fn wrong_type(file: &mut File<'_>, key: &str, expected: &str, value: &Spanned<DeValue<'_>>) {
    let line = file.line_of(&value.span());
    let found = value.get_ref().type_str();
    file.problem(line, format!("`{key}` must be {expected}, found {found}"));
}

/// Cuts a text of the file for a problem.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}
