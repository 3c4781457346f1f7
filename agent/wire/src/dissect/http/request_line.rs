//! The request line (RFC 9112 section 3): a method, a target and a version.

use crate::dissect::http::head;

/// Longest method: the longest registered one has 17 letters.
const MAX_METHOD: usize = 32;
/// Longest version behind its first digit.
const MAX_MINOR: usize = 4;
/// Methods of the IANA registry, and those of UPnP.
const METHODS: [&str; 42] = [
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "SEARCH",
    "REPORT",
    "ACL",
    "BIND",
    "REBIND",
    "UNBIND",
    "CHECKIN",
    "CHECKOUT",
    "UNCHECKOUT",
    "LABEL",
    "LINK",
    "UNLINK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "ORDERPATCH",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
    "BASELINE-CONTROL",
    "NOTIFY",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
];

/// Method and target of a request line.
pub(crate) struct RequestLine<'a> {
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
}

impl<'a> RequestLine<'a> {
    /// Reads a line without its line end: `method SP target SP version`.
    pub(crate) fn parse(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        let (rest, version) = line.split_at_checked(memchr::memrchr(b' ', line)?)?;
        if !is_version(version.strip_prefix(b" ")?) {
            return None;
        }
        let space = memchr::memchr(b' ', rest)?;
        let (method, target) = rest.split_at_checked(space)?;
        let target = target.trim_ascii();
        let control = |byte: &u8| byte.is_ascii_control();
        if !is_method(method) || target.is_empty() || target.iter().any(control) {
            return None;
        }
        Some(Self { method, target })
    }
}

/// Whether `bytes` are a version; some old clients leave its minor number out.
fn is_version(bytes: &[u8]) -> bool {
    let Some([major, minor @ ..]) = bytes.strip_prefix(b"HTTP/") else {
        return false;
    };
    let numeric = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    major.is_ascii_digit() && minor.len() <= MAX_MINOR && minor.iter().all(numeric)
}

/// Whether `bytes` can be a method: a token (RFC 9110 section 5.6.2) of some length.
pub(crate) fn is_method(bytes: &[u8]) -> bool {
    (1..=MAX_METHOD).contains(&bytes.len()) && bytes.iter().all(|byte| is_token(*byte))
}

/// Whether the line that `bytes` start with has a method that is in use.
pub(crate) fn has_usual_method(bytes: &[u8]) -> bool {
    let line = head::skip_empty_lines(bytes);
    let method = memchr::memchr(b' ', line).and_then(|at| line.get(..at));
    method.is_some_and(|method| METHODS.iter().any(|known| known.as_bytes() == method))
}

/// Whether `byte` may be in a token.
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}
