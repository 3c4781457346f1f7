//! Between a dissector and the observer: adds where a message comes from, and counts.

use wire::dissect::Reject;
use wire::dissect::dns::DnsKind;
use wire::{Direction, Message, MessageSink};

use super::counters::{Counts, MessageKind};
use super::held::Origin;
use super::observer::{MessageContext, Observer};

/// Takes the messages of one packet, or of the end of one flow.
pub(super) struct Sink<'a, O> {
    pub(super) observer: &'a mut O,
    pub(super) counts: &'a mut Counts,
    pub(super) context: MessageContext,
    /// At the end of a flow: the last packets with payload, to the responder and back.
    pub(super) origins: [Option<Origin>; 2],
    /// Whether a DNS message came.
    pub(super) dns: bool,
    /// Whether any message came.
    pub(super) any: bool,
}

impl<'a, O: Observer> Sink<'a, O> {
    pub(super) const fn new(
        observer: &'a mut O,
        counts: &'a mut Counts,
        context: MessageContext,
    ) -> Self {
        Self {
            observer,
            counts,
            context,
            origins: [None; 2],
            dns: false,
            any: false,
        }
    }
}

impl<O> Sink<'_, O> {
    /// Makes the context that of a message in `direction`.
    fn point(&mut self, direction: Direction) {
        let context = &mut self.context;
        if context.direction != direction {
            context.direction = direction;
            std::mem::swap(&mut context.src, &mut context.dst);
            std::mem::swap(&mut context.src_mac, &mut context.dst_mac);
        }
        let [to_responder, to_originator] = self.origins;
        let origin = match direction {
            Direction::ToResponder => to_responder,
            Direction::ToOriginator => to_originator,
        };
        if let Some(origin) = origin {
            origin.write_to(context);
        }
    }
}

impl<O: Observer> MessageSink for Sink<'_, O> {
    fn message(&mut self, direction: Direction, message: Message<'_>) {
        let kind = kind_of(&message);
        self.counts.count_message(kind);
        self.any = true;
        self.point(direction);
        self.observer.message(&self.context, message);
        if kind.is_dns() {
            self.dns = true;
        } else {
            self.context.settled = true;
        }
    }

    fn rejected(&mut self, reject: Reject) {
        self.counts.rejects.count(reject);
    }
}

fn kind_of(message: &Message<'_>) -> MessageKind {
    match message {
        Message::Tls(_) => MessageKind::Tls,
        Message::Quic(_) => MessageKind::Quic,
        Message::Dtls(_) => MessageKind::Dtls,
        Message::SslV2(_) => MessageKind::SslV2,
        Message::Gquic(_) => MessageKind::Gquic,
        Message::Http(_) => MessageKind::Http,
        Message::Http2(_) => MessageKind::Http2,
        Message::Dns(dns) => match dns.kind() {
            DnsKind::Dns => MessageKind::Dns,
            DnsKind::Mdns => MessageKind::Mdns,
            DnsKind::Llmnr => MessageKind::Llmnr,
        },
        _ => MessageKind::Other,
    }
}
