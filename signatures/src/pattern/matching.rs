//! Matches a name against a pattern, and tells whether two patterns can match the same name.

use super::{Class, Label, MAX_PARTS, Part, Pattern};
use crate::name::{MAX_LABEL, is_name_byte};

/// What a pattern captured, as parts of the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Captures<'n> {
    pub(crate) tenant: Option<&'n [u8]>,
    pub(crate) region: Option<&'n [u8]>,
}

impl Pattern {
    /// Matches `head`, a normalised name without the anchor and the dot before it.
    pub(crate) fn captures<'n>(&self, head: &'n [u8]) -> Option<Captures<'n>> {
        let mut texts = head.split(|byte| *byte == b'.');
        let mut captures = Captures::default();
        for label in &self.labels {
            if !match_parts(label, texts.next()?, &mut captures) {
                return None;
            }
        }
        texts.next().is_none().then_some(captures)
    }

    /// Tells whether some name may match both; says so when in doubt.
    pub(crate) fn may_overlap(&self, other: &Self) -> bool {
        self.anchor == other.anchor
            && self.labels.len() == other.labels.len()
            && self
                .labels
                .iter()
                .zip(&other.labels)
                .all(|(one, two)| labels_may_overlap(one, two))
    }
}

/// Matches the whole of `text`, one label, and sets the captures when it succeeds.
fn match_parts<'n>(parts: &[Part], text: &'n [u8], captures: &mut Captures<'n>) -> bool {
    if text.len() > MAX_LABEL || parts.len() > MAX_PARTS {
        return false;
    }
    let mut walk = Walk {
        parts,
        text,
        failed: [0; MAX_PARTS],
        captures,
    };
    walk.from(0, 0)
}

/// Backtracking over one label that never tries the same part at the same place twice, so that its work is bounded by
/// parts times bytes times choices.
struct Walk<'p, 'n> {
    parts: &'p [Part],
    text: &'n [u8],
    /// For each part a bit for each place where it and what follows it did not match.
    failed: [u64; MAX_PARTS],
    captures: &'p mut Captures<'n>,
}

impl Walk<'_, '_> {
    /// Matches the parts from number `part` on with the text from byte `at` on.
    fn from(&mut self, part: usize, at: usize) -> bool {
        let Some(current) = self.parts.get(part) else {
            return at == self.text.len();
        };
        let bit = 1_u64
            .checked_shl(u32::try_from(at).unwrap_or(u32::MAX))
            .unwrap_or(0);
        if self
            .failed
            .get(part)
            .is_some_and(|failed| failed & bit != 0)
        {
            return false;
        }
        let next = part.saturating_add(1);
        let found = match current {
            Part::Literal(literal) => self.literal(literal, next, at),
            Part::OneOf {
                alternatives,
                optional,
            } => {
                alternatives
                    .iter()
                    .any(|literal| self.literal(literal, next, at))
                    || (*optional && self.from(next, at))
            }
            Part::Capture { class, optional } => {
                self.capture(*class, next, at) || (*optional && self.from(next, at))
            }
        };
        if !found && let Some(failed) = self.failed.get_mut(part) {
            *failed |= bit;
        }
        found
    }

    fn literal(&mut self, literal: &[u8], next: usize, at: usize) -> bool {
        self.text
            .get(at..)
            .is_some_and(|text| text.starts_with(literal))
            && self.from(next, at.saturating_add(literal.len()))
    }

    fn capture(&mut self, class: Class, next: usize, at: usize) -> bool {
        let text = self.text;
        let longest = text
            .iter()
            .skip(at)
            .take_while(|byte| class.takes(**byte))
            .count();
        for length in (1..=longest).rev() {
            let end = at.saturating_add(length);
            let Some(taken) = text.get(at..end) else {
                return false;
            };
            if !class.accepts(taken) || !self.from(next, end) {
                continue;
            }
            match class {
                Class::Tenant => self.captures.tenant = Some(taken),
                Class::Region => self.captures.region = Some(taken),
                Class::Any | Class::Number => {}
            }
            return true;
        }
        false
    }
}

impl Class {
    /// Tells whether a byte may stand in a text of this class.
    const fn takes(self, byte: u8) -> bool {
        match self {
            Self::Any => is_name_byte(byte),
            Self::Tenant | Self::Region => is_name_byte(byte) && byte != b'_',
            Self::Number => byte.is_ascii_digit(),
        }
    }

    /// Tells whether bytes that may stand in it make a text of this class.
    fn accepts(self, text: &[u8]) -> bool {
        match self {
            Self::Tenant => is_tenant(text),
            Self::Region => is_region(text),
            Self::Any | Self::Number => true,
        }
    }
}

fn is_tenant(text: &[u8]) -> bool {
    text.len() >= 2 && text.first() != Some(&b'-') && text.last() != Some(&b'-')
}

/// Two or more words of letters joined by hyphens, then a number of one or two digits with or without a hyphen.
fn is_region(text: &[u8]) -> bool {
    let digits = text
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let Some(words) = text
        .len()
        .checked_sub(digits)
        .and_then(|end| text.get(..end))
    else {
        return false;
    };
    let words = words.strip_suffix(b"-").unwrap_or(words);
    let mut count = 0_usize;
    for word in words.split(|byte| *byte == b'-') {
        if word.is_empty() || !word.iter().all(u8::is_ascii_lowercase) {
            return false;
        }
        count = count.saturating_add(1);
    }
    (1..=2).contains(&digits) && count >= 2
}

fn labels_may_overlap(one: &Label, two: &Label) -> bool {
    if let Some(texts) = all_texts(one) {
        return texts
            .iter()
            .any(|text| match_parts(two, text, &mut Captures::default()));
    }
    if let Some(texts) = all_texts(two) {
        return texts
            .iter()
            .any(|text| match_parts(one, text, &mut Captures::default()));
    }
    agree(first_literal(one), first_literal(two), <[u8]>::starts_with)
        && agree(last_literal(one), last_literal(two), <[u8]>::ends_with)
}

/// Lists every text of a label without captures.
fn all_texts(label: &Label) -> Option<Vec<Vec<u8>>> {
    const MAX_TEXTS: usize = 4_096;
    let mut texts = vec![Vec::new()];
    for part in label {
        let (choices, optional): (Vec<&[u8]>, bool) = match part {
            Part::Literal(literal) => (vec![literal], false),
            Part::OneOf {
                alternatives,
                optional,
            } => (
                alternatives.iter().map(|literal| &**literal).collect(),
                *optional,
            ),
            Part::Capture { .. } => return None,
        };
        let mut longer = if optional { texts.clone() } else { Vec::new() };
        for text in &texts {
            longer.extend(
                choices
                    .iter()
                    .map(|choice| [text.as_slice(), *choice].concat()),
            );
        }
        if longer.len() > MAX_TEXTS {
            return None;
        }
        texts = longer;
    }
    Some(texts)
}

fn first_literal(label: &Label) -> &[u8] {
    match label.first() {
        Some(Part::Literal(literal)) => literal,
        _ => &[],
    }
}

fn last_literal(label: &Label) -> &[u8] {
    match label.last() {
        Some(Part::Literal(literal)) => literal,
        _ => &[],
    }
}

fn agree(one: &[u8], two: &[u8], fits: fn(&[u8], &[u8]) -> bool) -> bool {
    fits(one, two) || fits(two, one)
}
