//! How long the body of a request is (RFC 9112 section 6.3).

use crate::dissect::http::RequestHead;

/// What follows a request head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Framing {
    /// A body of so many bytes, perhaps none.
    Length(u64),
    /// A body in chunks.
    Chunked,
    /// A body whose end nobody can know, since its headers contradict each other.
    Unknown,
    /// Whatever the tunnel carries.
    Tunnel,
}

impl Framing {
    pub(super) fn of(head: &RequestHead<'_>) -> Self {
        if head.is_connect() {
            return Self::Tunnel;
        }
        let mut length = None;
        let mut coded = None;
        for (name, value) in head.headers() {
            if name.eq_ignore_ascii_case(b"transfer-encoding") {
                coded = Some(value);
            } else if name.eq_ignore_ascii_case(b"content-length") {
                let parsed = content_length(value);
                if parsed.is_none() || length.is_some_and(|known| Some(known) != parsed) {
                    length = Some(u64::MAX);
                } else {
                    length = parsed;
                }
            }
        }
        match (coded, length) {
            // Transfer-Encoding overrides Content-Length.
            (Some(coding), _) if ends_chunked(coding) => Self::Chunked,
            (Some(_), _) | (None, Some(u64::MAX)) => Self::Unknown,
            (None, Some(length)) => Self::Length(length),
            (None, None) => Self::Length(0),
        }
    }
}

/// One number, or the same one several times.
fn content_length(value: &[u8]) -> Option<u64> {
    let mut numbers = value
        .split(|byte| *byte == b',')
        .map(|item| number(item.trim_ascii()));
    let first = numbers.next()??;
    numbers.all(|other| other == Some(first)).then_some(first)
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn ends_chunked(codings: &[u8]) -> bool {
    let last = codings
        .rsplit(|byte| *byte == b',')
        .next()
        .unwrap_or_default();
    last.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::Progress;

    fn framing(headers: &str) -> Framing {
        let bytes = format!("POST / HTTP/1.1\r\n{headers}\r\n");
        let Progress::Done((head, _)) = RequestHead::parse(bytes.as_bytes()) else {
            panic!("not read: {headers}");
        };
        head.framing()
    }

    #[test]
    fn follows_section_6_3() {
        assert_eq!(framing(""), Framing::Length(0));
        assert_eq!(framing("Content-Length: 12\r\n"), Framing::Length(12));
        assert_eq!(
            framing("Content-Length: 12, 12\r\nContent-Length: 12\r\n"),
            Framing::Length(12)
        );
        assert_eq!(
            framing("Content-Length: 12\r\nContent-Length: 13\r\n"),
            Framing::Unknown
        );
        assert_eq!(framing("Content-Length: +1\r\n"), Framing::Unknown);
        assert_eq!(
            framing("Content-Length: 99999999999999999999\r\n"),
            Framing::Unknown
        );
        assert_eq!(
            framing("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 1\r\n"),
            Framing::Chunked
        );
        assert_eq!(
            framing("Transfer-Encoding: gzip\r\nContent-Length: 1\r\n"),
            Framing::Unknown
        );
    }
}
