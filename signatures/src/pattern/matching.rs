//! Matches a name against a pattern, and tells whether two patterns can match the same name.

use super::{Class, Label, MAX_PARTS, Part, Pattern};
use crate::labels::first_dot;
use crate::name::{MAX_LABEL, is_name_byte};

/// What a byte of a name may be, a bit each: anything in a name, the same without `_`, a digit.
const NAME: u8 = 1;
const PLAIN: u8 = 2;
const DIGIT: u8 = 4;

/// What each byte is, because captures ask for many.
static KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let (mut rest, mut byte): (&mut [u8], u8) = (&mut kinds, 0);
    while let [first, others @ ..] = rest {
        if is_name_byte(byte) {
            *first |= NAME;
        }
        if is_name_byte(byte) && byte != b'_' {
            *first |= PLAIN;
        }
        if byte.is_ascii_digit() {
            *first |= DIGIT;
        }
        byte = byte.wrapping_add(1);
        rest = others;
    }
    kinds
}

/// What a pattern captured, as places in the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Captures {
    pub(crate) tenant: Place,
    pub(crate) region: Place,
}

/// A part of a name, which has no more than 253 bytes; an empty one is none. It is small because it is on the way of every
/// name that captures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    start: u8,
    end: u8,
}

impl Captures {
    fn set(&mut self, class: Class, start: usize, end: usize) {
        let (Ok(start), Ok(end)) = (start.try_into(), end.try_into()) else {
            return;
        };
        let place = Place { start, end };
        match class {
            Class::Tenant => self.tenant = place,
            Class::Region => self.region = place,
            Class::Any | Class::Number => {}
        }
    }
}

impl Place {
    /// Returns the part of `name` that is meant, if any.
    pub(crate) fn of(self, name: &[u8]) -> Option<&[u8]> {
        let part = name.get(self.start.into()..self.end.into())?;
        (!part.is_empty()).then_some(part)
    }
}

impl Pattern {
    /// Matches `head`, a normalised name without the anchor and the dot before it.
    pub(crate) fn captures(&self, head: &[u8]) -> Option<Captures> {
        // Of several patterns with one anchor all but one mostly end here, for the price of two bytes.
        let (first, last) = (self.labels.first()?, self.labels.last()?);
        let begins = first_literal(first).first();
        let ends = last_literal(last).last();
        if begins.is_some_and(|byte| head.first() != Some(byte))
            || ends.is_some_and(|byte| head.last() != Some(byte))
        {
            return None;
        }
        let mut captures = Captures::default();
        // Where the next label starts; behind the end of the name when none is left.
        let mut start = 0_usize;
        for label in &self.labels {
            let rest = head.get(start..)?;
            let text = rest.get(..first_dot(rest))?;
            if !match_parts(label, text, start, &mut captures) {
                return None;
            }
            start = start.saturating_add(text.len()).saturating_add(1);
        }
        (start > head.len()).then_some(captures)
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

/// Matches the whole of `text`, one label that starts at `start` of its name, and sets the captures when it succeeds.
fn match_parts(parts: &[Part], text: &[u8], start: usize, captures: &mut Captures) -> bool {
    if text.len() > MAX_LABEL || parts.len() > MAX_PARTS {
        return false;
    }
    if let [Part::Capture { class, .. }] = parts {
        let all = !text.is_empty() && text.iter().all(|byte| class.takes(*byte));
        let whole = all && class.accepts(text);
        if whole {
            captures.set(*class, start, start.saturating_add(text.len()));
        }
        return whole;
    }
    let mut walk = Walk {
        parts,
        text,
        start,
        failed: [0; MAX_PARTS],
        captures,
    };
    walk.from(0, 0)
}

/// Backtracking over one label that never tries the same part at the same place twice, so that its work is bounded by
/// parts times bytes times choices.
struct Walk<'p> {
    parts: &'p [Part],
    text: &'p [u8],
    /// Where the text starts in the name.
    start: usize,
    /// For each part a bit for each place where it and what follows it did not match.
    failed: [u64; MAX_PARTS],
    captures: &'p mut Captures,
}

impl Walk<'_> {
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
            let base = self.start;
            self.captures
                .set(class, base.saturating_add(at), base.saturating_add(end));
            return true;
        }
        false
    }
}

impl Class {
    /// Tells whether a byte may stand in a text of this class.
    fn takes(self, byte: u8) -> bool {
        let kind = match self {
            Self::Any => NAME,
            Self::Tenant | Self::Region => PLAIN,
            Self::Number => DIGIT,
        };
        KINDS
            .get(usize::from(byte))
            .is_some_and(|kinds| kinds & kind != 0)
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
            .any(|text| match_parts(two, text, 0, &mut Captures::default()));
    }
    if let Some(texts) = all_texts(two) {
        return texts
            .iter()
            .any(|text| match_parts(one, text, 0, &mut Captures::default()));
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
