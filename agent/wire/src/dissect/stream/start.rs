//! What the first bytes of a direction are.
//!
//! The same look serves at the head of a connection, behind every wrapper (CONNECT, SOCKS, the PROXY protocol,
//! a request to start TLS), and at the start of a segment after bytes were lost.

use crate::dissect::Progress;
use crate::dissect::dns::{DnsError, Ports, TcpDns, parse_stream};
use crate::dissect::http::PREFACE;
use crate::dissect::http::head;
use crate::dissect::http::request_line::{RequestLine, has_usual_method, is_method};
use crate::dissect::stream::output::Answer;
use crate::dissect::stream::wrapper::{self, Wrapper};
use crate::dissect::tls::SslV2Hello;
use crate::dissect::tls::record::HANDSHAKE;
use crate::dissect::tls::shape::{Shape, shape};

/// The longest first line that is waited for.
pub(super) const MAX_FIRST_LINE: usize = 16 * 1024;
/// Fewer bytes that look like text may be the start of something binary.
const LEAST_TEXT: usize = 8;
/// So many bytes of text are text.
const TEXT_DECIDES: usize = 128;
/// Length and header of a DNS message: enough to tell it from most other things.
const DNS_DECIDES: usize = 14;

/// What a direction starts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Start {
    /// A ClientHello in TLS records.
    Tls,
    /// TLS records in which a ClientHello may come.
    Records,
    /// A ServerHello, and what it says.
    ServerHello(Answer),
    /// TLS or another protocol that hides the rest, both ways.
    Protected,
    /// The answer to an HTTP request.
    Response,
    /// A whole hello in SSL 2.0 framing.
    SslV2,
    /// A whole HTTP/1 request line.
    Http,
    /// The preface of HTTP/2.
    Http2,
    /// A DNS message with its length.
    Dns,
    /// On a port of DNS, a length and something wrong behind it.
    BadDns,
    /// A header of the PROXY protocol in so many bytes.
    Proxy(usize),
    /// Something in so many bytes, and behind it something new starts.
    Wrapper(usize),
    /// The greeting of SOCKS 5, in so many bytes.
    Socks5(usize),
    /// Lines of text, which may lead to TLS.
    Text,
    /// Cannot be told before there are this many bytes.
    Need(usize),
    /// Nothing that is read here.
    Foreign,
}

impl Start {
    /// Whether the bytes say what they are.
    const fn is_found(self) -> bool {
        !matches!(self, Self::Need(_) | Self::Foreign)
    }

    const fn needs(self) -> Option<usize> {
        if let Self::Need(count) = self {
            Some(count)
        } else {
            None
        }
    }

    /// Whether the bytes say so by themselves, wherever they are met: enough to begin in the middle.
    pub(crate) const fn is_sure(self) -> bool {
        matches!(
            self,
            Self::Tls
                | Self::SslV2
                | Self::Http
                | Self::Http2
                | Self::Dns
                | Self::Proxy(_)
                | Self::Protected
                | Self::Response
                | Self::ServerHello(_)
        )
    }
}

/// Looks at `bytes` that may be the middle of something: a line of text can look like a request, but hardly like
/// one with a usual method.
pub(crate) fn recognise_anywhere(bytes: &[u8], ports: Ports, last: bool) -> Start {
    let start = recognise(bytes, ports, last);
    if start == Start::Http && !has_usual_method(bytes) {
        Start::Foreign
    } else {
        start
    }
}

/// Looks at `bytes`; `last` says that no more will come.
pub(crate) fn recognise(bytes: &[u8], ports: Ports, last: bool) -> Start {
    let Some(first) = bytes.first() else {
        return Start::Need(1);
    };
    match shape(bytes) {
        Shape::Hello => return Start::Tls,
        Shape::Client => return Start::Records,
        Shape::Server(answer) => return Start::ServerHello(answer),
        Shape::Protected => return Start::Protected,
        Shape::Need(count) => return Start::Need(count),
        Shape::Foreign => {}
    }
    if let Wrapper::Proxy(count) = wrapper::proxy(bytes) {
        return Start::Proxy(count);
    }
    // A byte past ASCII starts no text that is read here, but SSL 2.0.
    let start = if first.is_ascii() {
        text(bytes)
    } else {
        sslv2(bytes)
    };
    if start.is_found() {
        return start;
    }
    // A length of DNS can look like a wrapper; on its ports it is one.
    let dns = dns(bytes, ports, last);
    if dns.is_found() && ports.kind().is_some() {
        return dns;
    }
    let wrapper = match wrapper::read(bytes) {
        Wrapper::Proxy(count) => return Start::Proxy(count),
        Wrapper::Whole(count) => return Start::Wrapper(count),
        Wrapper::Socks5(count) => return Start::Socks5(count),
        Wrapper::Need(count) => Start::Need(count),
        Wrapper::None => Start::Foreign,
    };
    if dns.is_found() {
        return dns;
    }
    let needs = [start, dns, wrapper].into_iter().filter_map(Start::needs);
    needs.min().map_or(Start::Foreign, Start::Need)
}

/// A request line, the preface of HTTP/2, or a line of another protocol.
fn text(bytes: &[u8]) -> Start {
    if !bytes.first().is_some_and(|byte| is_text(*byte)) {
        return Start::Foreign;
    }
    if bytes.starts_with(b"HTTP/") {
        return Start::Response;
    }
    if bytes.starts_with(b"SSH-") {
        return Start::Protected;
    }
    if let Some(known) = PREFACE.get(..bytes.len().min(PREFACE.len()))
        && bytes.starts_with(known)
    {
        return if bytes.len() < PREFACE.len() {
            Start::Need(PREFACE.len())
        } else {
            Start::Http2
        };
    }
    let body = head::skip_empty_lines(bytes);
    let line = head::first_line(body);
    if let Some(line) = line
        && RequestLine::parse(line).is_some()
    {
        return Start::Http;
    }
    let seen = line.unwrap_or(body);
    match seen.iter().take(TEXT_DECIDES).find(|byte| !is_text(**byte)) {
        // Text without line ends, and behind it a TLS record.
        Some(&HANDSHAKE) => return Start::Text,
        Some(_) => return Start::Foreign,
        None => {}
    }
    if bytes.len() < LEAST_TEXT {
        return Start::Need(LEAST_TEXT);
    }
    let method = memchr::memchr(b' ', seen).map_or(seen, |at| seen.get(..at).unwrap_or(seen));
    let may_be_request =
        line.is_none() && bytes.len() < MAX_FIRST_LINE && (method.is_empty() || is_method(method));
    if may_be_request {
        Start::Need(bytes.len().saturating_add(1))
    } else {
        Start::Text
    }
}

/// Whether a byte is part of text: printable, white space, or past ASCII.
pub(crate) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~' | 0x80..=0xff)
}

fn sslv2(bytes: &[u8]) -> Start {
    match SslV2Hello::parse(bytes) {
        Progress::Done(_) => Start::SslV2,
        Progress::NeedMore => Start::Need(bytes.len().saturating_add(1)),
        Progress::Reject(_) => Start::Foreign,
    }
}

fn dns(bytes: &[u8], ports: Ports, last: bool) -> Start {
    match parse_stream(bytes, last, ports) {
        TcpDns::Message(..) => Start::Dns,
        TcpDns::NeedMore(count) if bytes.len() < DNS_DECIDES => Start::Need(count.min(DNS_DECIDES)),
        TcpDns::NeedMore(count) if count > bytes.len() => Start::Need(count),
        TcpDns::NeedMore(_) | TcpDns::Reject(DnsError::NotDns) => Start::Foreign,
        // On a port of DNS the framing holds even where a message does not.
        TcpDns::Reject(_) => Start::BadDns,
    }
}
