//! What one datagram does to a flow's dissector.

use super::dtls::{self, Heard, Wrapped};
use super::{DatagramDissector, PATIENCE, fnv};
use crate::dissect::dns::{self, DnsError, Ports};
use crate::dissect::quic::{
    self, Connection, GquicHello, LongPacket, Opened, PacketType, QuicError,
};
use crate::dissect::{Direction, Message, MessageSink, Progress, Reject};

/// What a datagram costs that is nothing the sensor reads: eight of them end the flow.
const COST_UNKNOWN: u8 = 8;
/// What a datagram costs that may lead to a hello (STUN, version negotiation, a part of a hello).
const COST_OPENING: u8 = 1;
/// What a datagram costs after a hello was given.
const COST_AFTER_HELLO: u8 = 4;

/// How many packets of a flow may fail to open before no more keys are derived for it.
const MAX_FAILURES: u8 = 4;

/// How many packets of one datagram are looked at (RFC 9000 section 12.2 has at most one of each
/// kind; a capture of merged datagrams has more).
const MAX_COALESCED: usize = 16;

impl DatagramDissector {
    /// Reads a datagram; gives how much patience it costs.
    pub(super) fn read(
        &mut self,
        direction: Direction,
        payload: &[u8],
        cut: bool,
        ports: Ports,
        sink: &mut impl MessageSink,
    ) -> u8 {
        if payload.is_empty() {
            0
        } else if ports.kind().is_some() {
            self.on_dns_port(direction, payload, cut, ports, sink)
        } else if let Some(cost) = self.handshake(direction, payload, cut, sink) {
            cost
        } else {
            self.elsewhere(direction, payload, cut, ports, sink)
        }
    }

    /// DNS first, and for ever; other protocols use these ports only to get through firewalls.
    fn on_dns_port(
        &mut self,
        direction: Direction,
        payload: &[u8],
        cut: bool,
        ports: Ports,
        sink: &mut impl MessageSink,
    ) -> u8 {
        match dns::parse_datagram(payload, cut, ports) {
            Ok(message) => sink.message(direction, Message::Dns(&message)),
            Err(error) => {
                if self.handshake(direction, payload, cut, sink).is_none() {
                    sink.rejected(Reject::Dns(error));
                }
            }
        }
        0
    }

    fn elsewhere(
        &mut self,
        direction: Direction,
        payload: &[u8],
        cut: bool,
        ports: Ports,
        sink: &mut impl MessageSink,
    ) -> u8 {
        match dns::parse_datagram(payload, cut, ports) {
            Ok(message) => {
                sink.message(direction, Message::Dns(&message));
                self.seen.patience = PATIENCE;
                0
            }
            Err(DnsError::NotDns) => COST_UNKNOWN,
            Err(error) => {
                sink.rejected(Reject::Dns(error));
                COST_UNKNOWN
            }
        }
    }

    /// QUIC, Google QUIC and DTLS: gives the cost, or `None` when it is none of them.
    fn handshake(
        &mut self,
        direction: Direction,
        payload: &[u8],
        cut: bool,
        sink: &mut impl MessageSink,
    ) -> Option<u8> {
        if let Some(cost) = self.quic(direction, payload, cut, sink) {
            return Some(cost);
        }
        match dtls::unwrap(payload) {
            Wrapped::Records(records) => return Some(self.dtls(direction, records, sink)),
            Wrapped::Stun => return Some(COST_OPENING),
            Wrapped::Nothing => {}
        }
        let hello = GquicHello::in_datagram(payload)?;
        Some(self.gquic(direction, hello, payload, sink))
    }

    fn gquic(
        &mut self,
        direction: Direction,
        hello: Progress<GquicHello<'_>, QuicError>,
        payload: &[u8],
        sink: &mut impl MessageSink,
    ) -> u8 {
        // One line for each connection: its id is among the first bytes of each of its hellos.
        let connection = fnv(0, payload.get(1..9).unwrap_or_default());
        if self.seen.given.contains(&connection) {
            return COST_AFTER_HELLO;
        }
        match hello {
            Progress::Done(hello) => {
                sink.message(direction, Message::Gquic(&hello));
                self.seen.remember(connection);
                COST_AFTER_HELLO
            }
            Progress::NeedMore => COST_OPENING,
            Progress::Reject(error) => {
                sink.rejected(Reject::Quic(error));
                COST_UNKNOWN
            }
        }
    }

    fn dtls(&mut self, direction: Direction, records: &[u8], sink: &mut impl MessageSink) -> u8 {
        let [last, _] = self.seen.given;
        let mut now = last;
        let heard = dtls::read_records(records, direction, &mut self.fragments, &mut now, sink);
        if now != last {
            self.seen.remember(now);
        }
        match heard {
            Heard::Protected if now != 0 => self.seen.patience,
            Heard::Protected => COST_UNKNOWN,
            Heard::Opening => COST_OPENING,
        }
    }

    /// Reads the packets of a QUIC datagram; `None` when it is not one with a long header.
    fn quic(
        &mut self,
        direction: Direction,
        payload: &[u8],
        cut: bool,
        sink: &mut impl MessageSink,
    ) -> Option<u8> {
        let mut rest = payload;
        let mut cost = None;
        for _ in 0..MAX_COALESCED {
            let Some(packet) = LongPacket::parse(rest, cut) else {
                break;
            };
            let this = self.long_packet(&packet, direction, sink);
            cost = cost.max(Some(this));
            rest = rest.get(packet.len()..).unwrap_or_default();
        }
        if cost.is_none() && quic::has_known_version(payload) {
            sink.rejected(Reject::Quic(QuicError::BadHeader));
            return Some(COST_UNKNOWN);
        }
        cost
    }

    fn long_packet(
        &mut self,
        packet: &LongPacket<'_>,
        direction: Direction,
        sink: &mut impl MessageSink,
    ) -> u8 {
        let client = self
            .connection
            .as_ref()
            .map(|c| c.direction())
            .or(self.seen.named);
        let from_server = client.is_some_and(|client| client != direction);
        match packet.packet_type {
            PacketType::VersionNegotiation => COST_OPENING,
            PacketType::Retry => {
                self.seen.after_retry |= from_server;
                COST_OPENING
            }
            PacketType::Initial | PacketType::Handshake if from_server => {
                self.seen.server = packet.scid_tag();
                // Answered, so no Retry will come.
                if self.seen.named.is_some() && self.connection.is_none() {
                    self.seen.patience
                } else {
                    COST_OPENING
                }
            }
            PacketType::Initial => self.initial(packet, direction, sink),
            PacketType::Handshake | PacketType::ZeroRtt => COST_OPENING,
        }
    }

    fn initial(
        &mut self,
        packet: &LongPacket<'_>,
        direction: Direction,
        sink: &mut impl MessageSink,
    ) -> u8 {
        if let Some(connection) = &mut self.connection {
            match connection.packet(packet, sink) {
                Opened::Finished => {
                    let number = connection.tag();
                    self.connection = None;
                    return self.finished(number, direction);
                }
                Opened::Incomplete => return COST_OPENING,
                Opened::No if connection.tag() == packet.dcid_tag() => return self.failed(sink),
                Opened::No => {}
            }
        }
        let number = packet.dcid_tag();
        let known = self.seen.given.contains(&number) || self.seen.server == number;
        if known || self.seen.failures >= MAX_FAILURES {
            return COST_AFTER_HELLO;
        }
        let Some(mut connection) = Connection::start(packet, direction, self.seen.after_retry)
        else {
            return COST_OPENING;
        };
        let opened = connection.packet(packet, sink);
        if matches!(opened, Opened::No) {
            return self.failed(sink);
        }
        if let Some(before) = self.connection.take() {
            before.finish(sink);
        }
        if matches!(opened, Opened::Finished) {
            return self.finished(number, direction);
        }
        self.connection = Some(Box::new(connection));
        self.seen.after_retry = false;
        self.seen.patience = PATIENCE;
        COST_OPENING
    }

    fn failed(&mut self, sink: &mut impl MessageSink) -> u8 {
        sink.rejected(Reject::Quic(QuicError::NotOpened));
        self.seen.failures = self.seen.failures.saturating_add(1);
        COST_UNKNOWN
    }

    /// The hello of the connection that was being put together has been given.
    fn finished(&mut self, number: u32, direction: Direction) -> u8 {
        self.seen.remember(number);
        self.seen.named = Some(direction);
        self.seen.after_retry = false;
        self.seen.patience = PATIENCE;
        COST_AFTER_HELLO
    }
}
