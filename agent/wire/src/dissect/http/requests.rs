//! The requests of one direction of a connection: heads are read, bodies are passed over by counting.
//!
//! A body holds no memory: its length, or that of each chunk, is skipped whether its bytes were captured or
//! not. Where the length cannot be known the next head is searched for at the start of a segment.

use crate::dissect::http::framing::Framing;
use crate::dissect::http::head::{self, MAX_HEAD};
use crate::dissect::http::request_line::{RequestLine, has_usual_method, is_method};
use crate::dissect::http::{HttpError, RequestHead};
use crate::dissect::stream::output::{Output, Step};
use crate::dissect::{Message, MessageSink, Reject};

/// Longest line with a chunk size, extensions included.
const MAX_CHUNK_LINE: usize = 4096;
/// How much is looked at to tell a body from a request line.
const MAX_ASKED: usize = 2048;
/// Longest trailer section.
const MAX_TRAILERS: usize = 16 * 1024;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// A head follows; so many of its bytes were searched for its end.
    Head { searched: usize },
    /// The client waits for `100 Continue`: a body of this framing follows, or another head.
    Asked(Framing),
    /// A chunk size follows.
    ChunkSize,
    /// Trailers follow; so many bytes of them were seen.
    Trailers { seen: usize },
}

/// What the bytes behind the present request are, once they are no request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum After {
    Request,
    /// What CONNECT opened.
    Tunnel,
    /// What the client asked to change to.
    Upgrade,
}

/// What became of the bytes that were shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HttpStep {
    Plain(Step),
    /// A tunnel begins here: anything may follow.
    Tunnel,
    /// Another protocol may begin here, or the next request.
    Upgrade,
}

/// The requests of one direction.
#[derive(Debug)]
pub(crate) struct Requests {
    state: State,
    after: After,
}

impl Requests {
    /// Expects a head.
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Head { searched: 0 },
            after: After::Request,
        }
    }

    /// Looks at what comes next.
    pub(crate) fn step(
        &mut self,
        bytes: &[u8],
        out: &mut Output<'_, impl MessageSink>,
    ) -> HttpStep {
        if matches!(self.state, State::Head { searched: 0 }) {
            match self.after {
                After::Request => {}
                After::Tunnel => return HttpStep::Tunnel,
                After::Upgrade => return HttpStep::Upgrade,
            }
        }
        HttpStep::Plain(match self.state {
            State::Head { searched } => self.head(bytes, searched, out),
            State::Asked(framing) => self.asked(bytes, framing),
            State::ChunkSize => self.chunk_size(bytes, out),
            State::Trailers { seen } => self.trailers(bytes, seen, out),
        })
    }

    fn head(
        &mut self,
        bytes: &[u8],
        searched: usize,
        out: &mut Output<'_, impl MessageSink>,
    ) -> Step {
        let lead = bytes
            .len()
            .saturating_sub(head::skip_empty_lines(bytes).len());
        if lead > 0 {
            return Step::Take(lead);
        }
        let Some(end) = head::end_of_head(bytes, searched) else {
            if bytes.len() >= MAX_HEAD {
                return Self::too_long(bytes, out);
            }
            if searched == 0 && is_no_request(bytes) {
                return lost(HttpError::BadRequestLine, out);
            }
            // The end may lie across what was searched: up to three bytes of it.
            self.state = State::Head {
                searched: bytes.len().saturating_sub(3),
            };
            return Step::Need(bytes.len().saturating_add(1));
        };
        self.state = State::Head { searched: 0 };
        let head = match RequestHead::read(bytes.get(..end).unwrap_or_default(), true) {
            Ok(head) => head,
            Err(error) => return lost(error, out),
        };
        out.message(Message::Http(&head));
        let framing = head.framing();
        if head.header("upgrade").is_some() {
            self.after = After::Upgrade;
        }
        if head.header("expect").is_some() && !matches!(framing, Framing::Length(0)) {
            self.state = State::Asked(framing);
            return Step::Take(end);
        }
        match framing {
            Framing::Tunnel => self.after = After::Tunnel,
            Framing::Length(length) => return Step::Skip(widen(end).saturating_add(length)),
            Framing::Chunked => self.state = State::ChunkSize,
            Framing::Unknown => return lost(HttpError::UnknownBodyLength, out),
        }
        Step::Take(end)
    }

    fn too_long(bytes: &[u8], out: &mut Output<'_, impl MessageSink>) -> Step {
        if let Some(head) = RequestHead::prefix(bytes) {
            out.message(Message::Http(&head));
        }
        lost(HttpError::HeadTooLong, out)
    }

    /// A server that says no to `Expect` gets no body, but the next request.
    fn asked(&mut self, bytes: &[u8], framing: Framing) -> Step {
        let line = head::first_line(bytes);
        // A body can look like a request line, but hardly like one with a usual method.
        let request =
            line.is_some_and(|line| RequestLine::parse(line).is_some()) && has_usual_method(bytes);
        if request && !is_body(bytes, framing) {
            *self = Self::new();
            return Step::Take(0);
        }
        let short = !matches!(framing, Framing::Length(length) if widen(bytes.len()) >= length);
        if line.is_none() && short && bytes.len() < MAX_ASKED && !is_no_request(bytes) {
            return Step::Need(bytes.len().saturating_add(1));
        }
        self.state = State::Head { searched: 0 };
        match framing {
            Framing::Length(length) => Step::Skip(length),
            Framing::Chunked => {
                self.state = State::ChunkSize;
                Step::Take(0)
            }
            Framing::Unknown | Framing::Tunnel => Step::Lost,
        }
    }

    fn chunk_size(&mut self, bytes: &[u8], out: &mut Output<'_, impl MessageSink>) -> Step {
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            let known = bytes
                .iter()
                .take(16)
                .all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\t'));
            if bytes.len() > MAX_CHUNK_LINE || !known {
                return lost(HttpError::BadChunk, out);
            }
            return Step::Need(bytes.len().saturating_add(1));
        };
        let line = bytes.get(..end).unwrap_or_default();
        let line_length = widen(end).saturating_add(1);
        match chunk_length(line) {
            Some(0) => {
                self.state = State::Trailers { seen: 0 };
                Step::Skip(line_length)
            }
            // The line end behind the data belongs to the chunk.
            Some(length) => Step::Skip(line_length.saturating_add(length).saturating_add(2)),
            None => lost(HttpError::BadChunk, out),
        }
    }

    fn trailers(
        &mut self,
        bytes: &[u8],
        seen: usize,
        out: &mut Output<'_, impl MessageSink>,
    ) -> Step {
        let Some(end) = memchr::memchr(b'\n', bytes).map(|at| at.saturating_add(1)) else {
            if seen.saturating_add(bytes.len()) > MAX_TRAILERS {
                return lost(HttpError::BadChunk, out);
            }
            return Step::Need(bytes.len().saturating_add(1));
        };
        let seen = seen.saturating_add(end);
        if matches!(bytes.get(..end), Some(b"\r\n" | b"\n")) {
            self.state = State::Head { searched: 0 };
        } else if seen > MAX_TRAILERS {
            return lost(HttpError::BadChunk, out);
        } else {
            self.state = State::Trailers { seen };
        }
        Step::Take(end)
    }

    /// Nothing more comes behind `pending`: gives the head when its name is there.
    pub(crate) fn cut(&mut self, pending: &[u8], out: &mut Output<'_, impl MessageSink>) {
        if !matches!(self.state, State::Head { .. }) || pending.is_empty() {
            return;
        }
        match RequestHead::prefix(pending) {
            Some(head) => out.message(Message::Http(&head)),
            None => out.reject(Reject::Http(HttpError::Incomplete)),
        }
    }
}

fn lost(error: HttpError, out: &mut Output<'_, impl MessageSink>) -> Step {
    out.reject(Reject::Http(error));
    Step::Lost
}

/// Whether a whole body lies in front of a request, with a line end in neither.
fn is_body(bytes: &[u8], framing: Framing) -> bool {
    let Framing::Length(length) = framing else {
        return false;
    };
    let behind = usize::try_from(length)
        .ok()
        .and_then(|length| bytes.get(length..));
    let line = behind.and_then(head::first_line);
    line.is_some_and(|line| RequestLine::parse(line).is_some())
}

/// Whether what is there of a head already shows that it is none.
fn is_no_request(bytes: &[u8]) -> bool {
    let bytes = head::skip_empty_lines(bytes);
    match head::first_line(bytes) {
        Some(line) => RequestLine::parse(line).is_none(),
        None => {
            let method =
                memchr::memchr(b' ', bytes).map_or(bytes, |at| bytes.get(..at).unwrap_or(bytes));
            !bytes.is_empty() && !is_method(method)
        }
    }
}

/// The number in front of chunk extensions.
fn chunk_length(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    if digits.is_empty() || digits.len() > 16 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn widen(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
