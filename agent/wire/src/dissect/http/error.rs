//! Why bytes that look like an HTTP request are none.

use crate::dissect::reject::reasons;

reasons! {
    /// What was wrong with a request head.
    pub enum HttpError {
        /// The request line is not `method target HTTP/1.x` (RFC 9112 section 3).
        BadRequestLine = "http_bad_request_line",
        /// The head is longer than the sensor keeps; its name is given when it was in the part that is kept.
        HeadTooLong = "http_head_too_long",
        /// The body has a length that nobody can know (RFC 9112 section 6.3), so the next head is searched for.
        UnknownBodyLength = "http_unknown_body_length",
        /// A chunk size is no number (RFC 9112 section 7.1).
        BadChunk = "http_bad_chunk",
        /// A frame or header block of HTTP/2 cannot be read (RFC 9113, RFC 7541).
        BadHttp2 = "http2_bad_frame",
        /// The head did not arrive in full, and its name was not in the part that did.
        Incomplete = "http_incomplete",
    }
}
