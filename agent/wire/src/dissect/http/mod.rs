//! HTTP request heads in the clear (RFC 9112).

mod error;

pub use error::HttpError;

use crate::dissect::name::Name;

/// The head of an HTTP/1 request.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    method: &'a [u8],
    target: &'a [u8],
    name: Option<Name<'a>>,
    complete: bool,
    fields: &'a [u8],
}

impl<'a> RequestHead<'a> {
    /// The method as sent.
    pub const fn method(&self) -> &'a [u8] {
        self.method
    }

    /// The request target as sent.
    pub const fn target(&self) -> &'a [u8] {
        self.target
    }

    /// Whom the request is for: the target of CONNECT, the authority of a target in absolute form, else the
    /// Host header as sent; `None` without any.
    pub const fn name(&self) -> Option<Name<'a>> {
        self.name
    }

    /// Whether the method is CONNECT.
    pub fn is_connect(&self) -> bool {
        self.method == b"CONNECT"
    }

    /// The path of the target, without query; empty for CONNECT.
    pub fn path(&self) -> &'a [u8] {
        &[]
    }

    /// The value of the first header called `name` (any case), without white space around it.
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        let _ = (name, self.fields);
        None
    }

    /// Whether the whole head was there.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }
}

/// The first request of a cleartext HTTP/2 connection (RFC 9113).
#[derive(Clone, Copy, Debug)]
pub struct Http2Request<'a> {
    method: &'a [u8],
    path: &'a [u8],
    name: Option<Name<'a>>,
}

impl<'a> Http2Request<'a> {
    /// The `:method` pseudo-header.
    pub const fn method(&self) -> &'a [u8] {
        self.method
    }

    /// The `:path` pseudo-header, query included; empty for CONNECT.
    pub const fn path(&self) -> &'a [u8] {
        self.path
    }

    /// The `:authority` pseudo-header, or the `host` header without it.
    pub const fn name(&self) -> Option<Name<'a>> {
        self.name
    }
}
