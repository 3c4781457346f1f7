//! What the next byte of a direction belongs to.

mod dns;
mod sought;

pub(in crate::dissect::stream) use sought::Sought;

use crate::dissect::http::requests::{HttpStep, Requests};
use crate::dissect::http::{Http2, PREFACE};
use crate::dissect::stream::output::{Output, Step};
use crate::dissect::stream::start::{self, MAX_FIRST_LINE, Start, recognise, recognise_anywhere};
use crate::dissect::stream::wrapper::{self, Socks5};
use crate::dissect::tls::SslV2Hello;
use crate::dissect::tls::record::Records;
use crate::dissect::{Message, MessageSink, Progress};

/// How much text may come before TLS starts in it.
const MAX_TEXT: usize = 32 * 1024;
/// Segments of an unknown protocol that are looked at for a turn to TLS.
pub(in crate::dissect::stream) const MAX_FOREIGN: u16 = 8;
/// Segments whose start is looked at in a connection of which nothing is known.
const MAX_SEARCHED: u16 = 48;

/// What the next byte of a direction belongs to.
#[derive(Debug)]
pub(in crate::dissect::stream) enum Phase {
    /// Anything may start here. `searched` bytes were seen to be text without a line end; behind an
    /// upgrade only requests and TLS count.
    Start { searched: usize, upgrade: bool },
    /// Text, which may lead to TLS; so many bytes of it are still looked at.
    Text { left: usize },
    /// Behind the greeting of SOCKS 5.
    Socks5,
    /// TLS records.
    Tls(Records),
    /// HTTP/1 requests.
    Http(Requests),
    /// HTTP/2 frames.
    Http2(Http2),
    /// DNS messages with their lengths; so many in a row were none.
    Dns { bad: u8 },
    /// The starts of segments are looked at, so many of them.
    Search { sought: Sought, left: u16 },
    /// Nothing more is to be had.
    Closed,
}

impl Phase {
    pub(in crate::dissect::stream) const START: Self = Self::Start {
        searched: 0,
        upgrade: false,
    };
    /// Looks at the start of each segment of a connection of which nothing is known.
    pub(in crate::dissect::stream) const SEARCH: Self = Self::Search {
        sought: Sought::Anything,
        left: MAX_SEARCHED,
    };
    const SEARCH_REQUEST: Self = Self::Search {
        sought: Sought::Request,
        left: u16::MAX,
    };

    pub(in crate::dissect::stream) const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Whether a ClientHello was given and another one may come.
    pub(in crate::dissect::stream) const fn has_hello(&self) -> bool {
        matches!(self, Self::Tls(records) if records.has_hello())
    }

    /// Looks at the bytes that come next.
    pub(in crate::dissect::stream) fn step(
        &mut self,
        bytes: &[u8],
        out: &mut Output<'_, impl MessageSink>,
    ) -> Step {
        let step = match self {
            Self::Start { searched, upgrade } => {
                if let Some(step) = still_text(bytes, searched) {
                    return step;
                }
                let upgrade = *upgrade;
                self.start(bytes, upgrade, out)
            }
            Self::Text { left } => {
                let end = bytes.iter().position(|byte| !start::is_text(*byte));
                let count = end.unwrap_or(bytes.len());
                *left = left.saturating_sub(count);
                if *left == 0 {
                    Step::Close
                } else if end.is_some() {
                    *self = Self::Start {
                        searched: 0,
                        upgrade: true,
                    };
                    Step::Take(count)
                } else {
                    Step::Take(count)
                }
            }
            Self::Socks5 => match wrapper::socks5(bytes) {
                Socks5::Login(count) => Step::Take(count),
                Socks5::Request(count) => {
                    *self = Self::START;
                    Step::Take(count)
                }
                Socks5::Need(count) => Step::Need(count),
                Socks5::Foreign => Step::Close,
            },
            Self::Tls(records) => records.step(bytes, out),
            Self::Http(requests) => match requests.step(bytes, out) {
                HttpStep::Plain(step) => step,
                HttpStep::Tunnel => self.turn(Self::START),
                HttpStep::Upgrade => self.turn(Self::Start {
                    searched: 0,
                    upgrade: true,
                }),
            },
            Self::Http2(frames) => frames.step(bytes, out),
            Self::Dns { bad } => dns::read(bad, bytes, out),
            Self::Search { sought, left } => {
                let found = recognise_anywhere(bytes, out.ports, out.last);
                if sought.is_met(found) {
                    self.begin(found, out)
                } else if let Start::Need(count) = found
                    && sought.may_be_met(bytes)
                {
                    Step::Need(count)
                } else {
                    if *sought != Sought::Request {
                        *left = left.saturating_sub(1);
                    }
                    if *left == 0 {
                        Step::Close
                    } else {
                        Step::Take(bytes.len())
                    }
                }
            }
            Self::Closed => Step::Close,
        };
        match step {
            Step::Close => {
                *self = Self::Closed;
                Step::Close
            }
            Step::Lost => {
                *self = Self::SEARCH_REQUEST;
                Step::Take(bytes.len())
            }
            Step::Take(_) | Step::Skip(_) | Step::Need(_) => step,
        }
    }

    fn start(
        &mut self,
        bytes: &[u8],
        upgrade: bool,
        out: &mut Output<'_, impl MessageSink>,
    ) -> Step {
        let found = recognise(bytes, out.ports, out.last);
        match found {
            Start::Need(count) => {
                if count == bytes.len().saturating_add(1)
                    && let Self::Start { searched, .. } = self
                {
                    *searched = bytes.len();
                }
                Step::Need(count)
            }
            Start::Tls | Start::Records | Start::ServerHello(_) | Start::Http | Start::Http2 => {
                self.begin(found, out)
            }
            Start::SslV2 if !upgrade => {
                if let Progress::Done(hello) = SslV2Hello::parse(bytes) {
                    out.message(Message::SslV2(&hello));
                }
                Step::Close
            }
            Start::Dns
            | Start::BadDns
            | Start::Proxy(_)
            | Start::Wrapper(_)
            | Start::Socks5(_)
            | Start::Text
                if !upgrade =>
            {
                self.begin(found, out)
            }
            Start::SslV2
            | Start::Dns
            | Start::BadDns
            | Start::Proxy(_)
            | Start::Wrapper(_)
            | Start::Socks5(_)
            | Start::Text
            | Start::Protected
            | Start::Response => Step::Close,
            Start::Foreign if upgrade => Step::Close,
            Start::Foreign => {
                *self = Self::Search {
                    sought: Sought::Hello,
                    left: MAX_FOREIGN,
                };
                Step::Take(bytes.len())
            }
        }
    }

    /// Goes on with what was recognised.
    fn begin(&mut self, found: Start, out: &mut Output<'_, impl MessageSink>) -> Step {
        match found {
            Start::Tls | Start::Records => self.turn(Self::Tls(Records::default())),
            Start::Http => self.turn(Self::Http(Requests::new())),
            Start::Http2 => {
                *self = Self::Http2(Http2::default());
                Step::Take(PREFACE.len())
            }
            Start::Dns | Start::BadDns => self.turn(Self::Dns { bad: 0 }),
            Start::Proxy(count) | Start::Wrapper(count) => {
                *self = Self::START;
                Step::Take(count)
            }
            Start::Socks5(count) => {
                *self = Self::Socks5;
                Step::Take(count)
            }
            Start::Text => self.turn(Self::Text { left: MAX_TEXT }),
            Start::SslV2 => self.turn(Self::START),
            Start::ServerHello(answer) => {
                out.answer = Some(answer);
                Step::Close
            }
            Start::Need(count) => Step::Need(count),
            Start::Protected | Start::Response | Start::Foreign => Step::Close,
        }
    }

    fn turn(&mut self, next: Self) -> Step {
        *self = next;
        Step::Take(0)
    }

    /// Nothing more comes behind `pending`, or not for now: gives what is named but incomplete. What comes
    /// later is searched for where another message can come.
    pub(in crate::dissect::stream) fn cut(
        &mut self,
        pending: &[u8],
        out: &mut Output<'_, impl MessageSink>,
    ) {
        out.last = true;
        match self {
            Self::Start { .. } | Self::Dns { .. } | Self::Search { .. } if !pending.is_empty() => {
                self.last_look(pending, out);
            }
            Self::Tls(records) => records.cut(pending, out),
            Self::Http(requests) => requests.cut(pending, out),
            Self::Start { .. }
            | Self::Text { .. }
            | Self::Socks5
            | Self::Http2(_)
            | Self::Dns { .. }
            | Self::Search { .. }
            | Self::Closed => {}
        }
        out.last = false;
        *self = match self {
            Self::Tls(_) | Self::Http2(_) | Self::Closed => Self::Closed,
            Self::Http(_) => Self::SEARCH_REQUEST,
            Self::Search { sought, left } => Self::Search {
                sought: *sought,
                left: *left,
            },
            Self::Start { .. } | Self::Text { .. } | Self::Socks5 | Self::Dns { .. } => {
                Self::SEARCH
            }
        };
    }

    /// A DNS message is given as far as it goes.
    fn last_look(&mut self, pending: &[u8], out: &mut Output<'_, impl MessageSink>) {
        let known = matches!(self, Self::Dns { .. });
        if known || recognise(pending, out.ports, true) == Start::Dns {
            dns::read(&mut 0, pending, out);
        }
    }

    /// Bytes on the heap.
    pub(in crate::dissect::stream) fn memory(&self) -> usize {
        match self {
            Self::Tls(records) => records.memory(),
            Self::Http2(frames) => frames.memory(),
            Self::Start { .. }
            | Self::Text { .. }
            | Self::Socks5
            | Self::Http(_)
            | Self::Dns { .. }
            | Self::Search { .. }
            | Self::Closed => 0,
        }
    }
}

/// A line of text that goes on needs no other look: what is new of it is searched for its end.
fn still_text(bytes: &[u8], searched: &mut usize) -> Option<Step> {
    let new = bytes.get(*searched..).filter(|_| *searched > 0)?;
    let text = new
        .iter()
        .all(|byte| *byte != b'\n' && start::is_text(*byte));
    if !text || bytes.len() >= MAX_FIRST_LINE {
        return None;
    }
    *searched = bytes.len();
    Some(Step::Need(bytes.len().saturating_add(1)))
}
