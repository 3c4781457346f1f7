//! Payloads to messages.
//!
//! A message is recognised by its bytes, on any port. Messages are views: nothing is copied, and a
//! fingerprint is computed only when it is asked for.

pub mod datagram;
pub mod dns;
pub mod http;
mod name;
pub mod quic;
mod reject;
pub mod stream;
pub mod tls;

pub use datagram::DatagramDissector;
pub use name::{MAX_HOST_NAME, Name};
pub use reject::{Counters, Reject};
pub use stream::StreamDissector;

/// What a parser says about the bytes it was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress<T, E> {
    /// All of it was there.
    Done(T),
    /// What is there fits, but it is not all.
    NeedMore,
    /// It is not what the parser reads.
    Reject(E),
}

/// Which way a payload went in its flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// From the side that opened the flow.
    ToResponder,
    /// To the side that opened the flow.
    ToOriginator,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::ToResponder => Self::ToOriginator,
            Self::ToOriginator => Self::ToResponder,
        }
    }
}

/// Whether a dissector wants to see more of its flow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StreamState {
    /// More payload may bring another message.
    Wanting,
    /// Nothing more is to be had: the flow keeps its counters only.
    Done,
}

/// One message that was understood.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Message<'a> {
    /// A TLS ClientHello over TCP.
    Tls(&'a tls::ClientHello<'a>),
    /// A TLS ClientHello in QUIC Initial packets.
    Quic(&'a quic::QuicHello<'a>),
    /// A DTLS ClientHello.
    Dtls(&'a tls::ClientHello<'a>),
    /// A ClientHello in SSL 2.0 framing.
    SslV2(&'a tls::SslV2Hello<'a>),
    /// A Google QUIC client hello (before IETF QUIC).
    Gquic(&'a quic::GquicHello<'a>),
    /// A DNS, multicast DNS or LLMNR message.
    Dns(&'a dns::DnsMessage<'a>),
    /// The head of an HTTP/1 request.
    Http(&'a http::RequestHead<'a>),
    /// The first request of a cleartext HTTP/2 connection.
    Http2(&'a http::Http2Request<'a>),
}

/// Takes messages as they are completed.
pub trait MessageSink {
    /// Called once for each message, in the order of the packets that completed them.
    fn message(&mut self, direction: Direction, message: Message<'_>);

    /// Called for bytes that were refused; whoever counts them keeps a [`Counters`].
    fn rejected(&mut self, reject: Reject) {
        let _ = reject;
    }
}

impl<F: FnMut(Direction, Message<'_>)> MessageSink for F {
    fn message(&mut self, direction: Direction, message: Message<'_>) {
        self(direction, message);
    }
}
