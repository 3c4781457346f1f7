//! Host names: how an observed one is brought into the form that is compared, and what a catalogue may write.

/// Longest host name in text form without the trailing dot, in bytes (RFC 1035, section 2.3.4).
pub const MAX_NAME: usize = 253;

/// Longest label, in bytes (RFC 1035, section 2.3.4).
pub(crate) const MAX_LABEL: usize = 63;

/// Room for one host name in lower case, on the stack.
pub(crate) type NameBuffer = [u8; MAX_NAME];

/// Copies `name` to `buffer` in lower case without one trailing dot.
///
/// Returns `None` for an empty name and for one that is too long. Bytes above ASCII stay as they are: names of the
/// catalogue are ASCII, an internationalised one stands there in its punycode form.
pub(crate) fn normalise<'b>(name: &[u8], buffer: &'b mut NameBuffer) -> Option<&'b [u8]> {
    let name = name.strip_suffix(b".").unwrap_or(name);
    let target = buffer
        .get_mut(..name.len())
        .filter(|target| !target.is_empty())?;
    target.copy_from_slice(name);
    target.make_ascii_lowercase();
    Some(target)
}

/// Checks a name that a catalogue file writes: lower-case ASCII letters, digits, hyphens, underscores.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn check(name: &str) -> Result<(), &'static str> {
    if name.len() > MAX_NAME {
        return Err("is longer than 253 bytes");
    }
    for label in name.split('.') {
        check_label(label)?;
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("ends in a number, so it is an address and no name");
    }
    Ok(())
}

fn check_label(label: &str) -> Result<(), &'static str> {
    if label.is_empty() {
        return Err("has an empty label (no leading, trailing or double dots)");
    }
    if label.len() > MAX_LABEL {
        return Err("has a label longer than 63 bytes");
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err("has a label that starts or ends with a hyphen");
    }
    if label.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("is not in lower case");
    }
    if !label.bytes().all(is_name_byte) {
        return Err(
            "holds something else than letters, digits, hyphens and underscores \
                    (write internationalised names in punycode)",
        );
    }
    Ok(())
}

/// Tells whether a byte may stand in a name of the catalogue.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_case_and_one_trailing_dot() {
        let mut buffer = [0; MAX_NAME];
        assert_eq!(
            normalise(b"API.OpenAI.com.", &mut buffer),
            Some(&b"api.openai.com"[..])
        );
        assert_eq!(normalise(b"a..", &mut buffer), Some(&b"a."[..]));
        assert_eq!(normalise(b"", &mut buffer), None);
        assert_eq!(normalise(b".", &mut buffer), None);
        assert_eq!(normalise(&[b'a'; 254], &mut buffer), None);
        assert!(normalise(&[b'a'; 253], &mut buffer).is_some());
    }

    #[test]
    fn refuses_what_is_no_name() {
        for name in ["a_b.openai.com", "xn--bcher-kva.example"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        for name in [
            "OpenAI.com",
            "*.openai.com",
            "openai.com.",
            "-a.com",
            "10.0.0.1",
            "ä.com",
            "a b.com",
        ] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
