//! The first payload of a connection: most are answered at once, and then nothing is allocated.

use crate::decode::Segment;
use crate::dissect::stream::output::{Answer, Output};
use crate::dissect::stream::phase::{MAX_FOREIGN, Phase};
use crate::dissect::stream::side::{Side, first_byte};
use crate::dissect::stream::start::{Start, recognise};
use crate::dissect::stream::{StreamDissector, ports_of};
use crate::dissect::tls::record::{RECORD_HEADER, Records};
use crate::dissect::tls::shape::{Shape, shape};
use crate::dissect::tls::{Carrier, ClientHello};
use crate::dissect::{Direction, Message, MessageSink, Progress, StreamState};
use crate::frame::Timestamp;

/// The sequence number of the first payload byte of each direction, where a SYN told it: the SYN's own number
/// plus one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Heads {
    /// Of the side that opened the connection.
    pub to_responder: Option<u32>,
    /// Of the side that answered.
    pub to_originator: Option<u32>,
}

impl Heads {
    /// The number of the first payload byte in this direction.
    pub const fn of(self, direction: Direction) -> Option<u32> {
        match direction {
            Direction::ToResponder => self.to_responder,
            Direction::ToOriginator => self.to_originator,
        }
    }

    fn set(&mut self, direction: Direction, head: u32) {
        match direction {
            Direction::ToResponder => self.to_responder = Some(head),
            Direction::ToOriginator => self.to_originator = Some(head),
        }
    }
}

/// What the first payload of a connection says.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved once, into the place that the caller has for it"
)]
pub enum First {
    /// Nothing more is to be had from this connection.
    Done,
    /// One side has said what there is to say, and nothing is held; the next payload shows whether another
    /// message can come. Give it to [`Answered::segment`].
    Answered(Answered),
    /// A message may come: this dissector wants the payload from here on, the segment is in it already.
    Need(StreamDissector),
}

/// Stands for a connection of which one side needs no dissector any more: small, so that a flow table can keep
/// it inside its entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Answered {
    direction: Direction,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Kind {
    /// A ClientHello was given; its side goes on at `next`.
    Hello {
        next: u32,
        early_data: bool,
        retry: bool,
    },
    /// The side says nothing that is read here. So many segments are still looked at for a turn to TLS.
    Foreign { other_spoke: bool, left: u16 },
}

impl Answered {
    /// Takes a further segment that carries payload.
    pub fn segment(
        self,
        direction: Direction,
        segment: &Segment<'_>,
        heads: Heads,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        if segment.payload_len == 0 && segment.payload.is_empty() {
            return First::Answered(self);
        }
        match self.kind {
            Kind::Foreign { other_spoke, left } => {
                let other_spoke = (other_spoke, left);
                self.behind_foreign(direction, segment, heads, ts, sink, other_spoke)
            }
            Kind::Hello { .. } => self.behind_hello(direction, segment, heads, ts, sink),
        }
    }

    fn behind_foreign(
        self,
        direction: Direction,
        segment: &Segment<'_>,
        mut heads: Heads,
        ts: Timestamp,
        sink: &mut impl MessageSink,
        (other_spoke, left): (bool, u16),
    ) -> First {
        if left > 0 && shape(segment.payload) == Shape::Hello {
            heads.set(direction, first_byte(segment));
            return first(direction, segment, heads, ts, sink);
        }
        let left = left.saturating_sub(1);
        let speaks = direction != self.direction;
        if speaks && !other_spoke {
            match first(direction, segment, heads, ts, sink) {
                First::Answered(Self {
                    kind: Kind::Foreign { .. },
                    ..
                }) => {}
                First::Need(mut dissector) => {
                    dissector.close(self.direction);
                    return First::Need(dissector);
                }
                First::Answered(answered) => return First::Answered(answered),
                First::Done => return First::Done,
            }
        }
        let other_spoke = other_spoke || speaks;
        if other_spoke && left == 0 {
            return First::Done;
        }
        First::Answered(Self {
            kind: Kind::Foreign { other_spoke, left },
            ..self
        })
    }

    fn behind_hello(
        self,
        direction: Direction,
        segment: &Segment<'_>,
        heads: Heads,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> First {
        let Kind::Hello {
            next,
            early_data,
            retry,
        } = self.kind
        else {
            return First::Answered(self);
        };
        let seq = first_byte(segment);
        if direction == self.direction {
            let length = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
            let repeated = next.wrapping_sub(seq.wrapping_add(length)).cast_signed() >= 0;
            if repeated && segment.payload_len <= length {
                return First::Answered(self);
            }
            let ends = matches!(shape(segment.payload), Shape::Protected | Shape::Foreign);
            if seq == next && ends && !early_data {
                return First::Done;
            }
        } else if retry {
            return First::Answered(self);
        } else {
            let at_head = heads.of(direction).is_none_or(|head| head == seq);
            match shape(segment.payload) {
                Shape::Server(Answer::Retry) if at_head => {
                    let kind = Kind::Hello {
                        next,
                        early_data,
                        retry: true,
                    };
                    return First::Answered(Self { kind, ..self });
                }
                Shape::Server(Answer::Other) if at_head => return First::Done,
                // An alert, or no TLS at all: the hello was refused.
                Shape::Hello | Shape::Client | Shape::Foreign
                    if heads.of(direction) == Some(seq) =>
                {
                    return First::Done;
                }
                Shape::Need(_) if at_head => {}
                Shape::Hello
                | Shape::Client
                | Shape::Server(_)
                | Shape::Protected
                | Shape::Need(_)
                | Shape::Foreign => return First::Answered(self),
            }
        }
        let records = Phase::Tls(Records::after_hello(early_data));
        let mut dissector = StreamDissector::with_heads(heads);
        dissector.replace(self.direction, Side::continuing(next, records));
        need(dissector, direction, segment, ts, sink)
    }
}

/// Looks at the first segment of a connection that carries payload, whichever side sent it.
pub(super) fn first(
    direction: Direction,
    segment: &Segment<'_>,
    heads: Heads,
    ts: Timestamp,
    sink: &mut impl MessageSink,
) -> First {
    let seq = first_byte(segment);
    let head = heads.of(direction);
    if head.is_none_or(|head| head == seq) {
        let payload = segment.payload;
        let whole = u32::try_from(payload.len()).is_ok_and(|length| length >= segment.payload_len);
        if whole && let Some(hello) = lone_hello(payload) {
            let mut out = Output::new(direction, ports_of(segment), sink);
            out.message(Message::Tls(&hello));
            let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
            let kind = Kind::Hello {
                next: seq.wrapping_add(length),
                early_data: hello.has_early_data(),
                retry: false,
            };
            return First::Answered(Answered { direction, kind });
        }
        let start = recognise(payload, ports_of(segment), false);
        if start == Start::Protected {
            // Without a SYN the hello may have been sent before and be captured after it.
            let kind = Kind::Foreign {
                other_spoke: true,
                left: MAX_FOREIGN,
            };
            return match head {
                Some(_) => First::Done,
                None => First::Answered(Answered { direction, kind }),
            };
        }
        if start == Start::Response || (start == Start::Foreign && head.is_some()) {
            let kind = Kind::Foreign {
                other_spoke: false,
                left: MAX_FOREIGN,
            };
            return First::Answered(Answered { direction, kind });
        }
    }
    need(
        StreamDissector::with_heads(heads),
        direction,
        segment,
        ts,
        sink,
    )
}

fn need(
    mut dissector: StreamDissector,
    direction: Direction,
    segment: &Segment<'_>,
    ts: Timestamp,
    sink: &mut impl MessageSink,
) -> First {
    match dissector.segment(direction, segment, ts, sink) {
        StreamState::Wanting => First::Need(dissector),
        StreamState::Done => First::Done,
    }
}

/// The ClientHello that is alone in `payload`, in one record.
fn lone_hello(payload: &[u8]) -> Option<ClientHello<'_>> {
    let (header, message) = payload.split_first_chunk::<RECORD_HEADER>()?;
    let [22, 3, 0..=4, high, low] = *header else {
        return None;
    };
    if usize::from(u16::from_be_bytes([high, low])) != message.len()
        || ClientHello::message_length(message) != Some(message.len())
        || shape(payload) != Shape::Hello
    {
        return None;
    }
    match ClientHello::parse(message, Carrier::Tcp) {
        Progress::Done(hello) => Some(hello),
        Progress::NeedMore | Progress::Reject(_) => None,
    }
}
