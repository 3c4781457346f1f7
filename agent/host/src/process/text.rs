//! Cleaning of names that a program may choose for itself.

/// Longest path or name that is kept, in bytes.
const MAX_TEXT: usize = 1024;

/// The text without what could break a line, deceive a reader or is no UTF-8; cut to [`MAX_TEXT`] bytes.
pub(super) fn clean(bytes: &[u8]) -> String {
    let bytes = bytes.get(..MAX_TEXT).unwrap_or(bytes);
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if deceives(c) { '?' } else { c })
        .collect()
}

/// Control characters, and those that change the direction of text or have no width.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn odd_bytes_become_question_marks() {
        assert_eq!(clean(b"a\nb\x1b[31m\xff"), "a?b?[31m?");
        assert_eq!(clean("ab\u{202e}gpj.exe".as_bytes()), "ab?gpj.exe");
        assert_eq!(clean("größe".as_bytes()), "größe");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_one_short_line(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let text = clean(&bytes);
            prop_assert!(text.len() <= 3 * MAX_TEXT);
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
