//! HTTP request heads in the clear (RFC 9112).

/// The head of an HTTP/1 request.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    body: &'a [u8],
}

/// The first request of a cleartext HTTP/2 connection (RFC 9113).
#[derive(Clone, Copy, Debug)]
pub struct Http2Request<'a> {
    body: &'a [u8],
}
