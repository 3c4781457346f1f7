//! The plain part of YAML that settings of AI tools are written in: block mappings and lists,
//! scalars, and lists and mappings on one line. Anchors, tags and texts over several lines are
//! read as plain texts or passed over; so no document can expand.

use serde_json::{Map, Value};

/// Lines that are read of a document.
const MAX_LINES: usize = 20_000;
/// Levels of nesting; what is deeper is passed over.
const MAX_DEPTH: usize = 16;

/// A line that says something.
#[derive(Clone, Copy, Debug)]
struct Line<'t> {
    indent: usize,
    text: &'t str,
}

/// Reads a document; what cannot be understood is left out.
pub(super) fn tree(text: &str) -> Value {
    let lines: Vec<Line<'_>> = text.lines().take(MAX_LINES).filter_map(line_of).collect();
    let mut rest = lines.as_slice();
    let indent = rest.first().map_or(0, |line| line.indent);
    block(&mut rest, indent, 0)
}

fn line_of(line: &str) -> Option<Line<'_>> {
    let text = line.trim_start_matches(' ');
    let indent = line.len().saturating_sub(text.len());
    let text = without_comment(text).trim_end();
    let says = !text.is_empty() && text != "---" && text != "..." && !text.starts_with('%');
    says.then_some(Line { indent, text })
}

/// Cuts a comment, which starts with `#` at the start or after a space, outside of quotes.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (place, c) in text.char_indices() {
        match (quote, c) {
            (None, '#') if before == ' ' || before == '\t' => {
                return text.get(..place).unwrap_or_default();
            }
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (Some(open), c) if c == open && before != '\\' => quote = None,
            _ => {}
        }
        before = c;
    }
    text
}

/// Reads the lines of one level.
fn block(rest: &mut &[Line<'_>], indent: usize, depth: usize) -> Value {
    let is_list = rest
        .first()
        .is_some_and(|line| item_of(line.text).is_some());
    if depth > MAX_DEPTH {
        skip_deeper(rest, indent);
        return Value::Null;
    }
    if is_list {
        list(rest, indent, depth)
    } else {
        mapping(rest, indent, depth)
    }
}

fn skip_deeper(rest: &mut &[Line<'_>], indent: usize) {
    while let Some((line, after)) = rest.split_first() {
        if line.indent < indent {
            break;
        }
        *rest = after;
    }
}

fn list(rest: &mut &[Line<'_>], indent: usize, depth: usize) -> Value {
    let mut items = Vec::new();
    while let Some((line, after)) = rest.split_first() {
        let Some(item) = item_of(line.text).filter(|_| line.indent == indent) else {
            break;
        };
        *rest = after;
        let inner = line
            .indent
            .saturating_add(line.text.len().saturating_sub(item.len()));
        if item.is_empty() {
            items.push(nested(rest, indent, depth));
        } else if pair_of(item).is_some() {
            // A mapping that starts on the line of its dash: its other lines stand under its first key.
            let mut own = vec![Line {
                indent: inner,
                text: item,
            }];
            while let Some((line, after)) = rest.split_first() {
                if line.indent < inner {
                    break;
                }
                own.push(*line);
                *rest = after;
            }
            items.push(block(&mut own.as_slice(), inner, depth.saturating_add(1)));
        } else {
            items.push(scalar(item));
        }
    }
    Value::Array(items)
}

fn mapping(rest: &mut &[Line<'_>], indent: usize, depth: usize) -> Value {
    let mut map = Map::new();
    while let Some((line, after)) = rest.split_first() {
        if line.indent < indent {
            break;
        }
        *rest = after;
        let Some((key, value)) = pair_of(line.text).filter(|_| line.indent == indent) else {
            continue;
        };
        let value = match value {
            "" => nested(rest, indent, depth),
            "|" | ">" | "|-" | ">-" | "|+" | ">+" => {
                skip_deeper(rest, indent.saturating_add(1));
                Value::Null
            }
            value => scalar(value),
        };
        map.insert(unquoted(key), value);
    }
    Value::Object(map)
}

/// What stands below a line without a value of its own.
fn nested(rest: &mut &[Line<'_>], indent: usize, depth: usize) -> Value {
    let Some(next) = rest.first() else {
        return Value::Null;
    };
    let is_list_of_key = next.indent == indent && item_of(next.text).is_some();
    if next.indent > indent || is_list_of_key {
        let inner = next.indent;
        return block(rest, inner, depth.saturating_add(1));
    }
    Value::Null
}

/// What an item of a list holds on its first line.
fn item_of(text: &str) -> Option<&str> {
    let item = text.strip_prefix('-')?;
    (item.is_empty() || item.starts_with(' ')).then(|| item.trim_start())
}

/// Key and value of a line.
fn pair_of(text: &str) -> Option<(&str, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = text.get(1..)?.find(quote)?.saturating_add(1);
        let key = text.get(..=end)?;
        let value = text
            .get(end.saturating_add(1)..)?
            .trim_start()
            .strip_prefix(':')?;
        return Some((key, value.trim()));
    }
    if text.starts_with(['[', '{', '&', '*', '!', '?']) {
        return None;
    }
    if let Some(key) = text.strip_suffix(':') {
        return Some((key, ""));
    }
    let (key, value) = text.split_once(": ")?;
    Some((key.trim_end(), value.trim()))
}

fn scalar(text: &str) -> Value {
    match text {
        "true" | "True" | "yes" | "on" => return Value::Bool(true),
        "false" | "False" | "no" | "off" => return Value::Bool(false),
        "null" | "~" => return Value::Null,
        _ => {}
    }
    if let Some(items) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        return Value::Array(
            parts(items)
                .map(|item| Value::String(unquoted(item)))
                .collect(),
        );
    }
    if let Some(pairs) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        let pairs = parts(pairs).filter_map(|pair| {
            let (key, value) = pair.split_once(':')?;
            Some((unquoted(key.trim()), Value::String(unquoted(value.trim()))))
        });
        return Value::Object(pairs.collect());
    }
    Value::String(unquoted(text))
}

/// The parts of a list on one line; a comma in quotes parts nothing.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    let parted = text.split(move |c: char| {
        match quote {
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        quote.is_none() && c == ','
    });
    parted.map(str::trim).filter(|part| !part.is_empty())
}

fn unquoted(text: &str) -> String {
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or(text).to_owned()
}
