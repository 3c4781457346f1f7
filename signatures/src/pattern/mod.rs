//! The pattern language for names that carry a tenant or a region.
//!
//! A pattern is written label by label, like the names it stands for, and always ends in at least two literal labels,
//! its **anchor**:
//!
//! ```text
//! {tenant}.openai.azure.com
//! bedrock(-runtime|-agent)?(-fips)?.{region}.amazonaws.com
//! {region}-aiplatform.googleapis.com
//! ```
//!
//! | part | stands for |
//! |---|---|
//! | letters, digits, `-`, `_` | themselves |
//! | `(a\|b\|c)` | one of these literals |
//! | `{tenant}` | 2 to 63 letters, digits and hyphens, no hyphen at the ends; captured as the tenant |
//! | `{region}` | a cloud region: two or more words joined by hyphens and a number of one or two digits, with or without a hyphen before it (`eu-central-1`, `europe-west4`, `us-gov-west-1`); captured as the region |
//! | `{any}` | 1 to 63 letters, digits, hyphens and underscores; not captured |
//! | `{number}` | 1 to 63 digits; not captured |
//! | `?` after a group or a capture | the same or nothing |
//!
//! A label has at most two captures, a group at most 24 alternatives, so the work for one name is bounded; no part
//! reaches over a dot. Where a capture can end at several places, the longest wins. There are no regular expressions.

mod matching;
mod parse;

pub(crate) use matching::{Captures, Place};
pub use parse::PatternError;

/// Most parts of one label.
const MAX_PARTS: usize = 8;

/// A name with variable parts, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Labels left of the anchor, in reading order; at least one.
    labels: Box<[Label]>,
    /// Literal labels at the end, without a leading dot.
    anchor: Box<str>,
}

/// The parts of one label, in reading order.
type Label = Box<[Part]>;

/// One part of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<[u8]>),
    OneOf {
        alternatives: Box<[Box<[u8]>]>,
        optional: bool,
    },
    Capture {
        class: Class,
        optional: bool,
    },
}

/// What a capture stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Tenant,
    Region,
    Any,
    Number,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it breaks the rules of this page; the error says which.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        parse::parse(text)
    }

    /// Returns the literal labels at the end, for example `openai.azure.com`.
    #[must_use]
    pub fn anchor(&self) -> &str {
        &self.anchor
    }

    /// Counts the literal bytes left of the anchor that every match holds.
    #[must_use]
    pub fn literal_bytes(&self) -> usize {
        self.labels
            .iter()
            .flat_map(|label| label.iter())
            .map(Part::least_literal)
            .sum()
    }
}

impl Part {
    fn least_literal(&self) -> usize {
        match self {
            Self::Literal(bytes) => bytes.len(),
            Self::OneOf {
                alternatives,
                optional: false,
            } => alternatives
                .iter()
                .map(|bytes| bytes.len())
                .min()
                .unwrap_or(0),
            Self::OneOf { optional: true, .. } | Self::Capture { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests;
