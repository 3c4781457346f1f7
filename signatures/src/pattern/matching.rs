//! Matches a name against a pattern, and tells whether two patterns can match the same name.

use super::{Class, Label, Part, Pattern};
use crate::name::is_name_byte;

/// What a pattern captured, as parts of the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Captures<'n> {
    pub(crate) tenant: Option<&'n [u8]>,
    pub(crate) region: Option<&'n [u8]>,
}

/// Longest text that a capture takes: one label.
const MAX_CAPTURE: usize = 63;

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

/// Matches the whole of `text`; captures stay set only when it succeeds.
fn match_parts<'n>(parts: &[Part], text: &'n [u8], captures: &mut Captures<'n>) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return text.is_empty();
    };
    match part {
        Part::Literal(literal) => text
            .strip_prefix(&**literal)
            .is_some_and(|text| match_parts(rest, text, captures)),
        Part::OneOf {
            alternatives,
            optional,
        } => {
            alternatives.iter().any(|literal| {
                text.strip_prefix(&**literal)
                    .is_some_and(|text| match_parts(rest, text, captures))
            }) || (*optional && match_parts(rest, text, captures))
        }
        Part::Capture { class, optional } => {
            match_capture(*class, rest, text, captures)
                || (*optional && match_parts(rest, text, captures))
        }
    }
}

fn match_capture<'n>(
    class: Class,
    rest: &[Part],
    text: &'n [u8],
    captures: &mut Captures<'n>,
) -> bool {
    for end in (1..=text.len().min(MAX_CAPTURE)).rev() {
        let Some((taken, after)) = text.split_at_checked(end) else {
            return false;
        };
        if !class.accepts(taken) || !match_parts(rest, after, captures) {
            continue;
        }
        match class {
            Class::Tenant => captures.tenant = Some(taken),
            Class::Region => captures.region = Some(taken),
            Class::Any | Class::Number => {}
        }
        return true;
    }
    false
}

impl Class {
    fn accepts(self, text: &[u8]) -> bool {
        match self {
            Self::Tenant => is_tenant(text),
            Self::Region => is_region(text),
            Self::Any => text.iter().all(|byte| is_name_byte(*byte)),
            Self::Number => text.iter().all(u8::is_ascii_digit),
        }
    }
}

fn is_tenant(text: &[u8]) -> bool {
    text.len() >= 2
        && text.first() != Some(&b'-')
        && text.last() != Some(&b'-')
        && text.iter().all(|byte| is_name_byte(*byte) && *byte != b'_')
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
