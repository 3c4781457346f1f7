//! Page markers: where a page ended, opaque to clients, and good for the same question only.

use data_encoding::BASE64URL_NOPAD;
use inventory::Cursor;
use store::SecretHash;

use super::problem::Problem;

/// Longest marker that is read.
const MAX_MARKER: usize = 16 << 10;
/// Characters of the fingerprint.
const FINGERPRINT: usize = 12;

/// What a marker is good for: the path and the filters.
pub(super) fn fingerprint(question: &str) -> String {
    let hash = SecretHash::of(question.as_bytes());
    let text = BASE64URL_NOPAD.encode(&hash.0);
    text.chars().take(FINGERPRINT).collect()
}

pub(super) fn encode(fingerprint: &str, cursor: &Cursor) -> String {
    let parts: Vec<&str> = std::iter::once(fingerprint)
        .chain(cursor.0.iter().map(String::as_str))
        .collect();
    // A list of texts always serialises.
    let json = serde_json::to_vec(&parts).unwrap_or_default();
    BASE64URL_NOPAD.encode(&json)
}

pub(super) fn decode(fingerprint: &str, marker: &str) -> Result<Cursor, Problem> {
    let wrong = || {
        let message = "is no page marker of this question; take it from `next` of an answer to \
                       the same path and parameters, or leave it out for the first page";
        Problem::invalid_one("next", message)
    };
    if marker.len() > MAX_MARKER {
        return Err(wrong());
    }
    let json = BASE64URL_NOPAD
        .decode(marker.as_bytes())
        .map_err(|_| wrong())?;
    let mut parts: Vec<String> = serde_json::from_slice(&json).map_err(|_| wrong())?;
    if parts.first().is_none_or(|first| first != fingerprint) {
        return Err(wrong());
    }
    parts.remove(0);
    Ok(Cursor(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_good_for_its_question_only() {
        let cursor = Cursor(vec!["a".to_owned(), "\u{1f}é".to_owned(), String::new()]);
        let one = fingerprint("/usage?service=a");
        let marker = encode(&one, &cursor);
        assert_eq!(decode(&one, &marker), Ok(cursor));
        assert!(decode(&fingerprint("/usage?service=b"), &marker).is_err());
        for wrong in ["", "AAAA", "not base64!", "W10"] {
            assert!(decode(&one, wrong).is_err(), "{wrong}");
        }
    }
}
