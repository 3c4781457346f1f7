//! The head of an HTTP/1 request (RFC 9112 sections 2, 3 and 5).
//!
//! Read as servers read it, a little wider than the grammar: a bare LF ends a line, empty lines before the
//! request line are passed over, a target may hold spaces or bytes past ASCII. What makes it HTTP is the
//! method, which must be a token, and the version at the end of the line.

use crate::dissect::Progress;
use crate::dissect::http::HttpError;
use crate::dissect::http::framing::Framing;
use crate::dissect::http::request_line::RequestLine;
use crate::dissect::name::Name;

/// Longest head that is read.
pub const MAX_HEAD: usize = 64 * 1024;

/// The head of an HTTP/1 request, as a view into the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    method: &'a [u8],
    target: &'a [u8],
    fields: &'a [u8],
    complete: bool,
}

impl<'a> RequestHead<'a> {
    /// Reads the head that `bytes` start with; gives it with the number of bytes it takes.
    pub fn parse(bytes: &'a [u8]) -> Progress<(Self, usize), HttpError> {
        match end_of_head(bytes, 0) {
            Some(end) => match Self::read(bytes.get(..end).unwrap_or_default(), true) {
                Ok(head) => Progress::Done((head, end)),
                Err(error) => Progress::Reject(error),
            },
            None if bytes.len() >= MAX_HEAD => Progress::Reject(HttpError::HeadTooLong),
            None => match first_line(skip_empty_lines(bytes)) {
                Some(line) if RequestLine::parse(line).is_none() => {
                    Progress::Reject(HttpError::BadRequestLine)
                }
                _ => Progress::NeedMore,
            },
        }
    }

    /// Reads what is there of a head that was cut off: `None` unless the name is in it whole.
    pub fn prefix(bytes: &'a [u8]) -> Option<Self> {
        // A line that was cut might go on: only whole ones count.
        let end = memchr::memrchr(b'\n', bytes)?.saturating_add(1);
        let head = Self::read(bytes.get(..end)?, false).ok()?;
        head.name().map(|_| head)
    }

    /// Reads a head that ends with `bytes`.
    pub(super) fn read(bytes: &'a [u8], complete: bool) -> Result<Self, HttpError> {
        let bytes = skip_empty_lines(bytes);
        let line = first_line(bytes).ok_or(HttpError::BadRequestLine)?;
        let RequestLine { method, target } =
            RequestLine::parse(line).ok_or(HttpError::BadRequestLine)?;
        let fields = memchr::memchr(b'\n', bytes).and_then(|at| bytes.get(at.saturating_add(1)..));
        Ok(Self {
            method,
            target,
            fields: fields.unwrap_or_default(),
            complete,
        })
    }

    /// The method as sent.
    pub const fn method(&self) -> &'a [u8] {
        self.method
    }

    /// The request target as sent.
    pub const fn target(&self) -> &'a [u8] {
        self.target
    }

    /// Whom the request is for: the target of CONNECT, the authority of a target in absolute form (without a
    /// user in front of it), else the Host header as sent; `None` without any.
    pub fn name(&self) -> Option<Name<'a>> {
        let name = if self.is_connect() {
            self.target
        } else {
            match self.authority() {
                Some((authority, _)) if !authority.is_empty() => authority,
                _ => self.header("host")?,
            }
        };
        (!name.is_empty()).then(|| Name::new(name))
    }

    /// Whether the method is CONNECT.
    pub fn is_connect(&self) -> bool {
        self.method == b"CONNECT"
    }

    /// The path of the target, without query; empty for CONNECT.
    pub fn path(&self) -> &'a [u8] {
        if self.is_connect() {
            return &[];
        }
        let path = self.authority().map_or(self.target, |(_, path)| path);
        let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
        path.get(..end).unwrap_or_default()
    }

    /// The value of the first header called `name` (any case), without white space around it.
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers()
            .find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, v)| v)
    }

    /// Every header in its order: name and value.
    pub fn headers(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut rest = self.fields;
        std::iter::from_fn(move || {
            loop {
                let at = memchr::memchr(b'\n', rest)?;
                let (line, after) = rest.split_at_checked(at)?;
                rest = after.get(1..).unwrap_or_default();
                let Some(colon) = memchr::memchr(b':', line) else {
                    continue;
                };
                let (name, value) = line.split_at_checked(colon)?;
                let value = value.get(1..).unwrap_or_default();
                return Some((name.trim_ascii_end(), value.trim_ascii()));
            }
        })
    }

    /// Whether the whole head was there.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// What follows the head on the connection.
    pub(super) fn framing(&self) -> Framing {
        Framing::of(self)
    }

    /// Authority and what follows it of a target in absolute form (RFC 9112 section 3.2.2).
    fn authority(&self) -> Option<(&'a [u8], &'a [u8])> {
        let colon = memchr::memchr(b':', self.target)?;
        let (scheme, rest) = self.target.split_at_checked(colon)?;
        let rest = rest.strip_prefix(b"://")?;
        let first = scheme.first()?;
        let scheme_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        if !first.is_ascii_alphabetic() || !scheme.iter().all(scheme_byte) {
            return None;
        }
        let end = memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let host = match memchr::memrchr(b'@', authority) {
            Some(at) => authority.get(at.saturating_add(1)..)?,
            None => authority,
        };
        Some((host, path))
    }
}

/// Where the head that starts at the first byte ends: behind the empty line. The search begins at `from`,
/// which was searched before; empty lines in front of the request line do not end it.
pub(crate) fn end_of_head(bytes: &[u8], from: usize) -> Option<usize> {
    let lead = bytes.len().saturating_sub(skip_empty_lines(bytes).len());
    let from = from.max(lead);
    for at in memchr::memchr_iter(b'\n', bytes.get(from..)?) {
        let after = from.saturating_add(at).saturating_add(1);
        match bytes.get(after..)? {
            [b'\n', ..] => return Some(after.saturating_add(1)),
            [b'\r', b'\n', ..] => return Some(after.saturating_add(2)),
            _ => {}
        }
    }
    None
}

/// The bytes behind empty lines, which a server passes over before a request line (RFC 9112 section 2.2).
pub(crate) fn skip_empty_lines(bytes: &[u8]) -> &[u8] {
    let count = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    bytes.get(count..).unwrap_or_default()
}

/// The first line without its line end; `None` when its end is not there.
pub(crate) fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    let line = bytes.get(..memchr::memchr(b'\n', bytes)?)?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}
