//! JSON with comments and with commas before a closing bracket, as editors write their settings.

use serde_json::Value;

/// Reads a text. Nesting beyond the 128 levels of `serde_json` is refused; of a key that comes
/// twice the last one counts.
pub(super) fn tree(text: &str) -> Option<Value> {
    serde_json::from_str(text)
        .or_else(|_| serde_json::from_slice(&plain(text.as_bytes())))
        .ok()
}

/// Puts spaces in place of comments and of commas that close a list.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    // Where the last comma stands in `out`, while nothing but space came after it.
    let mut comma = None;
    while let Some((first, after)) = rest.split_first() {
        let length = match (first, after.first()) {
            (b'"', _) => string_length(rest),
            (b'/', Some(b'/')) => line_length(rest),
            (b'/', Some(b'*')) => comment_length(rest),
            _ => 1,
        };
        let (token, tail) = rest.split_at(length.min(rest.len()));
        rest = tail;
        match first {
            b'/' if length > 1 => {
                out.push(b' ');
                continue;
            }
            b',' => comma = Some(out.len()),
            b']' | b'}' => {
                if let Some(place) = comma.take().and_then(|place| out.get_mut(place)) {
                    *place = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        out.extend_from_slice(token);
    }
    out
}

fn string_length(text: &[u8]) -> usize {
    let mut is_escaped = true;
    for (place, byte) in text.iter().enumerate() {
        match byte {
            b'"' if !is_escaped => return place.saturating_add(1),
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
        // The quote that opens the string is no end of it.
        is_escaped = is_escaped && place > 0;
    }
    text.len()
}

fn line_length(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.unwrap_or(text.len())
}

fn comment_length(text: &[u8]) -> usize {
    let body = text.get(2..).unwrap_or_default();
    let end = body.windows(2).position(|two| two == b"*/");
    end.map_or(text.len(), |end| end.saturating_add(4))
}
