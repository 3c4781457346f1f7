//! The first request of a cleartext HTTP/2 connection (RFC 9113).
//!
//! The client begins with a preface, SETTINGS and then its first HEADERS, whose field block can be read
//! without anything before it. Later blocks build on earlier ones; the first is enough to know whom the
//! connection is for, so reading ends there.

mod hpack;
mod huffman;
mod static_table;

use crate::dissect::http::HttpError;
use crate::dissect::name::Name;
use crate::dissect::stream::output::{Output, Step};
use crate::dissect::{Message, MessageSink, Reject};
use crate::reader::Reader;

/// What a client sends first (RFC 9113 section 3.4).
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FRAME_HEADER: usize = 9;
/// The largest frame before SETTINGS allow more (RFC 9113 section 4.2).
const MAX_FRAME: usize = 1 << 14;
/// The longest field block that is read, over all its frames.
const MAX_BLOCK: usize = 32 * 1024;
/// Frames that may come before the first block is complete.
const MAX_FRAMES: u8 = 64;

const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// The first request of a cleartext HTTP/2 connection.
#[derive(Clone, Copy, Debug)]
pub struct Http2Request<'a> {
    method: &'a [u8],
    path: &'a [u8],
    authority: &'a [u8],
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
        if self.authority.is_empty() {
            None
        } else {
            Some(Name::new(self.authority))
        }
    }
}

/// The frames of the client up to its first request.
#[derive(Debug, Default)]
pub(crate) struct Http2 {
    /// The field block, when it is spread over frames.
    block: Vec<u8>,
    stream: u32,
    frames: u8,
}

impl Http2 {
    /// Reads the frame that `bytes` start with.
    pub(crate) fn step(&mut self, bytes: &[u8], out: &mut Output<'_, impl MessageSink>) -> Step {
        let mut reader = Reader::new(bytes);
        let (Some(length), Some(kind), Some(flags), Some(stream)) =
            (reader.u24(), reader.u8(), reader.u8(), reader.u32())
        else {
            return Step::Need(FRAME_HEADER);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let total = length.saturating_add(FRAME_HEADER);
        self.frames = self.frames.saturating_add(1);
        if length > MAX_FRAME || self.frames > MAX_FRAMES {
            return Self::refuse(out);
        }
        let stream = stream & 0x7fff_ffff;
        match (kind, self.stream) {
            (HEADERS, 0) if stream != 0 => {}
            (CONTINUATION, open) if open != 0 && stream == open => {}
            (_, 0) if kind != CONTINUATION && kind != HEADERS => {
                return Step::Skip(u64::try_from(total).unwrap_or(u64::MAX));
            }
            _ => return Self::refuse(out),
        }
        let Some(payload) = reader.take(length) else {
            self.frames = self.frames.saturating_sub(1);
            return Step::Need(total);
        };
        let fragment = if kind == HEADERS {
            fragment(payload, flags)
        } else {
            Some(payload)
        };
        let Some(fragment) = fragment else {
            return Self::refuse(out);
        };
        if self.block.len().saturating_add(fragment.len()) > MAX_BLOCK {
            return Self::refuse(out);
        }
        if flags & END_HEADERS == 0 {
            self.stream = stream;
            self.block.extend_from_slice(fragment);
            return Step::Take(total);
        }
        if self.block.is_empty() {
            Self::request(fragment, out)
        } else {
            self.block.extend_from_slice(fragment);
            Self::request(&self.block, out)
        }
    }

    fn request(block: &[u8], out: &mut Output<'_, impl MessageSink>) -> Step {
        let Some(fields) = hpack::decode(block) else {
            return Self::refuse(out);
        };
        let authority = if fields.authority.is_empty() {
            &fields.host
        } else {
            &fields.authority
        };
        if fields.method.is_empty() {
            return Self::refuse(out);
        }
        let request = Http2Request {
            method: &fields.method,
            path: &fields.path,
            authority,
        };
        out.message(Message::Http2(&request));
        Step::Close
    }

    fn refuse(out: &mut Output<'_, impl MessageSink>) -> Step {
        out.reject(Reject::Http(HttpError::BadHttp2));
        Step::Close
    }

    /// Bytes on the heap.
    pub(crate) fn memory(&self) -> usize {
        self.block.capacity()
    }
}

/// The field block fragment of a HEADERS frame, without padding and priority (RFC 9113 section 6.2).
fn fragment(payload: &[u8], flags: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(payload);
    let padding = if flags & PADDED != 0 {
        usize::from(reader.u8()?)
    } else {
        0
    };
    if flags & PRIORITY != 0 {
        reader.take(5)?;
    }
    reader.take(reader.left().checked_sub(padding)?)
}

#[cfg(test)]
mod tests;
