//! Where the parsers of a stream put what they find.

use crate::dissect::dns::Ports;
use crate::dissect::{Direction, Message, MessageSink, Reject};

/// What a server said to a ClientHello.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// HelloRetryRequest (RFC 8446 section 4.1.4): the client will send another hello.
    Retry,
    /// Anything else: there will be no other hello.
    Other,
}

/// The sink with what the parsers of one direction need to know and to say.
#[derive(Debug)]
pub(crate) struct Output<'s, S> {
    pub(crate) direction: Direction,
    pub(crate) ports: Ports,
    /// Nothing more will come.
    pub(crate) last: bool,
    pub(crate) answer: Option<Answer>,
    /// A request was given: the other side answers.
    pub(crate) requested: bool,
    /// A ClientHello was given.
    pub(crate) greeted: bool,
    sink: &'s mut S,
}

impl<'s, S: MessageSink> Output<'s, S> {
    pub(crate) fn new(direction: Direction, ports: Ports, sink: &'s mut S) -> Self {
        Self {
            direction,
            ports,
            last: false,
            answer: None,
            requested: false,
            greeted: false,
            sink,
        }
    }

    pub(crate) fn message(&mut self, message: Message<'_>) {
        if matches!(
            message,
            Message::Http(_) | Message::Http2(_) | Message::SslV2(_)
        ) {
            self.requested = true;
        }
        self.greeted |= matches!(message, Message::Tls(_));
        self.sink.message(self.direction, message);
    }

    pub(crate) fn reject(&mut self, reject: Reject) {
        self.sink.rejected(reject);
    }
}

/// What a parser wants done with the bytes it was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// These many are read; show the rest.
    Take(usize),
    /// These many are of no interest, whether they have come yet or not.
    Skip(u64),
    /// Nothing can be said before there are this many.
    Need(usize),
    /// The next request head must be searched for.
    Lost,
    /// Nothing more is to be had in this direction.
    Close,
}
