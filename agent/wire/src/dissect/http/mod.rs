//! HTTP requests in the clear: HTTP/1 (RFC 9112) and the first request of HTTP/2 (RFC 9113).

mod error;
mod framing;
pub(crate) mod head;
mod http2;
pub(crate) mod request_line;
pub(crate) mod requests;

pub use error::HttpError;
pub use head::{MAX_HEAD, RequestHead};
pub use http2::Http2Request;
pub(crate) use http2::{Http2, PREFACE};

#[cfg(test)]
mod tests;
