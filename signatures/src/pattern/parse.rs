//! Reads a pattern from its text.

use super::{Class, Label, MAX_PARTS, Part, Pattern};
use crate::name;

/// Longest pattern text, in bytes.
const MAX_TEXT: usize = 512;
/// Most labels of a pattern, the anchor's included.
const MAX_LABELS: usize = 12;
/// Most captures of one label; they bound the backtracking.
const MAX_CAPTURES: usize = 2;
/// Most alternatives of one group.
const MAX_ALTERNATIVES: usize = 24;

/// Says why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The text is longer than 512 bytes or has more than 12 labels.
    #[error("is too long (512 bytes, 12 labels)")]
    TooLong,
    /// A label is empty.
    #[error("has an empty label")]
    EmptyLabel,
    /// A byte that names do not have, upper case included.
    #[error("holds something else than lower-case letters, digits, '-', '_', groups and captures")]
    BadByte,
    /// A group that is not closed, empty, has an empty or a non-literal alternative, or too many.
    #[error("has a bad group: write (a|b|c) with 1 to 24 literal alternatives, none empty")]
    BadGroup,
    /// A capture that is not closed or not known.
    #[error("has a bad capture: known are {{tenant}}, {{region}}, {{any}} and {{number}}")]
    BadCapture,
    /// A question mark after something else than a group or a capture.
    #[error("has a '?' that follows neither a group nor a capture")]
    BadOption,
    /// More than 2 captures or more than 8 parts in one label.
    #[error("has a label with more than 2 captures or more than 8 parts")]
    LabelTooComplex,
    /// A label of which every part is optional.
    #[error("has a label that can be empty")]
    LabelCanBeEmpty,
    /// Fewer than two literal labels at the end, or an anchor that is no host name.
    #[error("does not end in at least two literal labels")]
    NoAnchor,
    /// Nothing in it varies.
    #[error("has no variable part, so it belongs under exact")]
    NothingVaries,
    /// The same capture twice.
    #[error("captures the tenant or the region twice")]
    CapturedTwice,
}

pub(super) fn parse(text: &str) -> Result<Pattern, PatternError> {
    if text.len() > MAX_TEXT {
        return Err(PatternError::TooLong);
    }
    let mut labels = Vec::new();
    for label in text.split('.') {
        if labels.len() == MAX_LABELS {
            return Err(PatternError::TooLong);
        }
        labels.push((label, parse_label(label)?));
    }
    let literal = labels
        .iter()
        .rev()
        .take_while(|(_, parts)| is_literal(parts))
        .count();
    let split = labels.len() - literal;
    if literal < 2 {
        return Err(PatternError::NoAnchor);
    }
    if split == 0 {
        return Err(PatternError::NothingVaries);
    }
    let anchor = labels
        .split_off(split)
        .into_iter()
        .map(|(text, _)| text)
        .collect::<Vec<_>>();
    let anchor = anchor.join(".");
    name::check(&anchor).map_err(|_| PatternError::NoAnchor)?;
    let labels: Box<[Label]> = labels.into_iter().map(|(_, parts)| parts).collect();
    for class in [Class::Tenant, Class::Region] {
        if labels
            .iter()
            .flat_map(|label| label.iter())
            .filter(|part| captures(part, class))
            .count()
            > 1
        {
            return Err(PatternError::CapturedTwice);
        }
    }
    Ok(Pattern {
        labels,
        anchor: anchor.into(),
    })
}

fn is_literal(parts: &Label) -> bool {
    parts.iter().all(|part| matches!(part, Part::Literal(_)))
}

fn captures(part: &Part, wanted: Class) -> bool {
    matches!(part, Part::Capture { class, .. } if *class == wanted)
}

fn parse_label(label: &str) -> Result<Label, PatternError> {
    if label.is_empty() {
        return Err(PatternError::EmptyLabel);
    }
    let mut rest = label;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, after) = parse_part(rest)?;
        parts.push(part);
        rest = after;
    }
    let captures = parts
        .iter()
        .filter(|part| matches!(part, Part::Capture { .. }))
        .count();
    if parts.len() > MAX_PARTS || captures > MAX_CAPTURES {
        return Err(PatternError::LabelTooComplex);
    }
    if parts.iter().all(is_optional) {
        return Err(PatternError::LabelCanBeEmpty);
    }
    Ok(parts.into())
}

fn is_optional(part: &Part) -> bool {
    match part {
        Part::Literal(_) => false,
        Part::OneOf { optional, .. } | Part::Capture { optional, .. } => *optional,
    }
}

/// Reads one part and returns what follows it.
fn parse_part(text: &str) -> Result<(Part, &str), PatternError> {
    if let Some(inner) = text.strip_prefix('(') {
        let (inner, after) = inner.split_once(')').ok_or(PatternError::BadGroup)?;
        let alternatives = parse_group(inner)?;
        let (optional, after) = parse_option(after);
        return Ok((
            Part::OneOf {
                alternatives,
                optional,
            },
            after,
        ));
    }
    if let Some(inner) = text.strip_prefix('{') {
        let (inner, after) = inner.split_once('}').ok_or(PatternError::BadCapture)?;
        let class = match inner {
            "tenant" => Class::Tenant,
            "region" => Class::Region,
            "any" => Class::Any,
            "number" => Class::Number,
            _ => return Err(PatternError::BadCapture),
        };
        let (optional, after) = parse_option(after);
        return Ok((Part::Capture { class, optional }, after));
    }
    if text.starts_with('?') {
        return Err(PatternError::BadOption);
    }
    let end = text
        .bytes()
        .position(|byte| !name::is_name_byte(byte))
        .unwrap_or(text.len());
    let (literal, after) = text.split_at_checked(end).ok_or(PatternError::BadByte)?;
    if literal.is_empty() {
        return Err(PatternError::BadByte);
    }
    Ok((Part::Literal(literal.as_bytes().into()), after))
}

fn parse_group(inner: &str) -> Result<Box<[Box<[u8]>]>, PatternError> {
    let alternatives: Box<[Box<[u8]>]> = inner
        .split('|')
        .map(|alternative| alternative.as_bytes().into())
        .collect();
    let sound = alternatives.iter().all(|alternative| {
        !alternative.is_empty() && alternative.iter().all(|byte| name::is_name_byte(*byte))
    });
    if !sound || alternatives.len() > MAX_ALTERNATIVES {
        return Err(PatternError::BadGroup);
    }
    Ok(alternatives)
}

fn parse_option(text: &str) -> (bool, &str) {
    text.strip_prefix('?')
        .map_or((false, text), |after| (true, after))
}
