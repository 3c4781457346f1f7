//! Texts of agents: what could steer a terminal is replaced, so that a program
//! or a host with a hostile name stays a row in a table.

/// Replaces control characters; the same text always gives the same result.
pub(crate) fn clean(text: String) -> String {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(steers) {
        text.replace(steers, "\u{fffd}")
    } else {
        text
    }
}

/// Empty means that there is none.
pub(super) fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then(|| clean(text))
}

/// Cleans and cuts to `max` bytes: for what only informs.
pub(crate) fn brief(text: String, max: usize) -> String {
    let mut text = clean(text);
    text.truncate(text.floor_char_boundary(max));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        assert_eq!(clean("a\u{1b}[31m\nb".to_owned()), "a\u{fffd}[31m\u{fffd}b");
        assert_eq!(clean("a\u{202e}b".to_owned()), "a\u{fffd}b");
        assert_eq!(clean("Grüße 日本".to_owned()), "Grüße 日本");
    }

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(brief("ééé".to_owned(), 3), "é");
        assert_eq!(brief("abc".to_owned(), 3), "abc");
        assert_eq!(optional(String::new()), None);
    }
}
