//! Between a dissector and the observer: adds where a message comes from, and counts.

use wire::dissect::Reject;
use wire::dissect::dns::DnsKind;
use wire::{Direction, Message, MessageSink};

use super::counters::{Counts, MessageKind};
use super::held::Origin;
use super::observer::{MessageContext, Observer};
use crate::table::{Entry, Flags};

/// What came out of a flow in one go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Told {
    /// Any message.
    pub(super) any: bool,
    /// A DNS message.
    pub(super) dns: bool,
    /// Another message, now or before.
    pub(super) settled: bool,
}

/// Takes the messages of one packet, or of the end of one flow.
pub(super) struct Sink<'a, O> {
    observer: &'a mut O,
    counts: &'a mut Counts,
    entry: &'a Entry,
    slot: u32,
    /// The packets that messages to the responder and to the originator came in; at least one.
    origins: [Option<Origin>; 2],
    repeated: bool,
    pub(super) told: Told,
}

impl<'a, O: Observer> Sink<'a, O> {
    pub(super) const fn new(
        (observer, counts): (&'a mut O, &'a mut Counts),
        (entry, slot): (&'a Entry, u32),
        origins: [Option<Origin>; 2],
        repeated: bool,
    ) -> Self {
        let told = Told {
            any: false,
            dns: false,
            settled: entry.flags.has(Flags::SETTLED),
        };
        Self {
            observer,
            counts,
            entry,
            slot,
            origins,
            repeated,
            told,
        }
    }

    /// Where a message in `direction` comes from; one that a packet of the other side brought to
    /// light has that packet's time, but its own sender.
    fn context(&self, direction: Direction) -> Option<MessageContext> {
        let [to_responder, to_originator] = self.origins;
        let (own, other) = match direction {
            Direction::ToResponder => (to_responder, to_originator),
            Direction::ToOriginator => (to_originator, to_responder),
        };
        let origin = own.or_else(|| other.map(Origin::reversed))?;
        let flow = self.entry.view(self.slot);
        let (src, dst) = match direction {
            Direction::ToResponder => (flow.tuple.orig, flow.tuple.resp),
            Direction::ToOriginator => (flow.tuple.resp, flow.tuple.orig),
        };
        Some(MessageContext {
            ts: origin.ts,
            frame_number: origin.frame_number,
            src,
            dst,
            direction,
            src_mac: origin.src_mac,
            dst_mac: origin.dst_mac,
            vlan: origin.vlan,
            in_tunnel: origin.in_tunnel,
            repeated: self.repeated,
            settled: self.told.settled,
            flow,
        })
    }
}

impl<O: Observer> MessageSink for Sink<'_, O> {
    fn message(&mut self, direction: Direction, message: Message<'_>) {
        let kind = kind_of(&message);
        self.counts.count_message(kind);
        if let Some(context) = self.context(direction) {
            self.observer.message(&context, message);
        }
        self.told.any = true;
        if kind.is_dns() {
            self.told.dns = true;
        } else {
            self.told.settled = true;
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
