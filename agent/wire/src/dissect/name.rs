//! Host names as they travel: bytes that nobody has checked.

use std::fmt::{self, Display, Write};

/// Longest host name in its text form (RFC 1035 section 2.3.4).
pub const MAX_HOST_NAME: usize = 255;

/// A host name as it was sent.
///
/// `Display` writes it in lower case, without one trailing dot, with every byte that is not plain ASCII
/// (and the backslash, so that the text has one meaning only) as `\DDD`, three decimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a>(&'a [u8]);

impl<'a> Name<'a> {
    /// Wraps the bytes of a name.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The name exactly as it was sent.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The host of an authority: without a port, and without the brackets of an IPv6 literal (RFC 3986
    /// section 3.2). A name that carries neither is given back as it is.
    #[must_use]
    pub fn host(&self) -> Self {
        let bytes = self.0;
        if let Some(inner) = bytes.strip_prefix(b"[") {
            let end = memchr::memchr(b']', inner).unwrap_or(inner.len());
            return Self(inner.get(..end).unwrap_or_default());
        }
        let mut colons = memchr::memchr_iter(b':', bytes);
        match (colons.next(), colons.next()) {
            (Some(at), None) => Self(bytes.get(..at).unwrap_or_default()),
            _ => *self,
        }
    }

    /// The port of an authority such as `host:443` or `[::1]:443`.
    pub fn port(&self) -> Option<u16> {
        let tail = match memchr::memrchr(b']', self.0) {
            Some(at) => self.0.get(at..)?.strip_prefix(b"]")?.strip_prefix(b":")?,
            None => {
                let mut colons = memchr::memchr_iter(b':', self.0);
                let (Some(at), None) = (colons.next(), colons.next()) else {
                    return None;
                };
                self.0.get(at..)?.strip_prefix(b":")?
            }
        };
        std::str::from_utf8(tail).ok()?.parse().ok()
    }

    /// Copies the name into `buffer` in lower case and without one trailing dot, ready to be looked up.
    /// `None` when it is longer than a host name can be.
    pub fn write_lower<'b>(&self, buffer: &'b mut [u8; MAX_HOST_NAME]) -> Option<&'b [u8]> {
        let name = self.without_dot();
        let target = buffer.get_mut(..name.len())?;
        target.copy_from_slice(name);
        target.make_ascii_lowercase();
        Some(target)
    }

    fn without_dot(&self) -> &'a [u8] {
        self.0.strip_suffix(b".").unwrap_or(self.0)
    }
}

impl Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, self.without_dot())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name(\"{self}\")")
    }
}

/// Writes `bytes` in lower case, what is not plain ASCII (and the backslash) as `\DDD`.
pub(crate) fn write_escaped(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    for &byte in bytes {
        match byte {
            b'\\' | 0..=b' ' | 0x7f..=0xff => write!(out, "\\{byte:03}")?,
            _ => out.write_char(char::from(byte.to_ascii_lowercase()))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_lower_case_without_trailing_dot_and_escapes_the_rest() {
        assert_eq!(Name::new(b"API.OpenAI.com.").to_string(), "api.openai.com");
        assert_eq!(
            Name::new(b"a\\b c\x00\xc3").to_string(),
            "a\\092b\\032c\\000\\195"
        );
    }

    #[test]
    fn cuts_the_port_of_an_authority() {
        let host = |text: &'static [u8]| Name::new(text).host().to_string();
        assert_eq!(host(b"127.0.0.1:11434"), "127.0.0.1");
        assert_eq!(host(b"[::1]:443"), "::1");
        assert_eq!(host(b"2001:db8::1"), "2001:db8::1");
        assert_eq!(host(b"example.org"), "example.org");
        assert_eq!(Name::new(b"127.0.0.1:11434").port(), Some(11434));
        assert_eq!(Name::new(b"[::1]:443").port(), Some(443));
        assert_eq!(Name::new(b"::1").port(), None);
        assert_eq!(Name::new(b"host").port(), None);
    }

    #[test]
    fn writes_a_name_to_look_up() {
        let mut buffer = [0; MAX_HOST_NAME];
        let lower = Name::new(b"ChatGPT.com.").write_lower(&mut buffer);
        assert_eq!(lower, Some(b"chatgpt.com".as_slice()));
        assert_eq!(
            Name::new(&[b'a'; 256]).write_lower(&mut [0; MAX_HOST_NAME]),
            None
        );
    }
}
