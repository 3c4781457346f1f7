//! One UDP flow that still may carry a message.
//!
//! A flow's dissector is a few words, so that a flow table can keep it inside its entry; memory is
//! taken only while a hello is incomplete. What datagrams are is seen from their bytes, each time
//! anew: a flow may begin with STUN and go on with DTLS, or carry several QUIC connections.
//!
//! # When nothing more is wanted
//!
//! A flow has patience for so many datagrams that bring nothing. DNS never uses it up. After a
//! hello it lasts until the server has answered with anything but a request to say hello again.
//! Then [`DatagramDissector::may_restart`] tells which datagrams are still worth a look, because they could
//! begin another connection on the same ports.

pub(crate) mod assembly;
mod dtls;
#[cfg(test)]
mod tests;

use crate::decode::Datagram;
use crate::dissect::dns::{self, DnsError, Ports};
use crate::dissect::quic::{
    self, Connection, GquicHello, LongPacket, Opened, PacketType, QuicError,
};
use crate::dissect::{Direction, Message, MessageSink, Progress, Reject, StreamState};
use crate::frame::Timestamp;
use dtls::{Fragments, Heard, Wrapped};

/// How many points of patience a flow starts with.
const PATIENCE: u8 = 64;
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

/// Reads the messages in the datagrams of one flow.
#[derive(Debug)]
pub struct DatagramDissector {
    connection: Option<Box<Connection>>,
    fragments: Option<Box<Fragments>>,
    /// Which hellos were given last, so that a retransmission gives none.
    given: [u32; 2],
    /// The connection id that the server chose, in the same form.
    server: u32,
    /// The direction of the QUIC client whose hello was given.
    named: Option<Direction>,
    after_retry: bool,
    patience: u8,
    failures: u8,
}

impl Default for DatagramDissector {
    fn default() -> Self {
        Self {
            connection: None,
            fragments: None,
            given: [0; 2],
            server: 0,
            named: None,
            after_retry: false,
            patience: PATIENCE,
            failures: 0,
        }
    }
}

impl DatagramDissector {
    /// Starts with nothing seen and nothing allocated.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a datagram of a flow from which nothing more was wanted may begin another QUIC
    /// connection; a few compares.
    pub fn may_restart(payload: &[u8]) -> bool {
        quic::has_known_version(payload)
    }

    /// Takes one datagram; messages it completes go to `sink`, and so do the reasons why bytes
    /// were refused.
    ///
    /// A QUIC Initial packet costs at most one derivation of keys and one decryption, a second one
    /// when it first has to be tried with keys that are there. `ts` is not used yet.
    pub fn datagram(
        &mut self,
        direction: Direction,
        datagram: &Datagram<'_>,
        ts: Timestamp,
        sink: &mut impl MessageSink,
    ) -> StreamState {
        let _ = ts;
        let ports = Ports {
            src: datagram.src_port,
            dst: datagram.dst_port,
        };
        let cut = is_cut(datagram);
        let cost = if datagram.payload.is_empty() {
            0
        } else if ports.kind().is_some() {
            self.on_dns_port(direction, datagram.payload, cut, ports, sink)
        } else if let Some(cost) = self.handshake(direction, datagram.payload, cut, sink) {
            cost
        } else {
            self.elsewhere(direction, datagram.payload, cut, ports, sink)
        };
        self.patience = self.patience.saturating_sub(cost);
        self.state()
    }

    fn state(&self) -> StreamState {
        if self.patience == 0 {
            StreamState::Done
        } else {
            StreamState::Wanting
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
                self.patience = PATIENCE;
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
        if self.given.contains(&connection) {
            return COST_AFTER_HELLO;
        }
        match hello {
            Progress::Done(hello) => {
                sink.message(direction, Message::Gquic(&hello));
                self.remember(connection);
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
        let [last, _] = self.given;
        let mut now = last;
        let heard = dtls::read_records(records, direction, &mut self.fragments, &mut now, sink);
        if now != last {
            self.remember(now);
        }
        match heard {
            Heard::Protected if now != 0 => self.patience,
            Heard::Protected => COST_UNKNOWN,
            Heard::Opening => COST_OPENING,
        }
    }

    fn remember(&mut self, number: u32) {
        let [last, _] = self.given;
        self.given = [number, last];
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
            .or(self.named);
        let from_server = client.is_some_and(|client| client != direction);
        match packet.packet_type {
            PacketType::VersionNegotiation => COST_OPENING,
            PacketType::Retry => {
                self.after_retry |= from_server;
                COST_OPENING
            }
            PacketType::Initial | PacketType::Handshake if from_server => {
                self.server = packet.scid_tag();
                // Answered, so no Retry will come.
                if self.named.is_some() && self.connection.is_none() {
                    self.patience
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
        let known = self.given.contains(&number) || self.server == number;
        if known || self.failures >= MAX_FAILURES {
            return COST_AFTER_HELLO;
        }
        let Some(mut connection) = Connection::start(packet, direction, self.after_retry) else {
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
        self.after_retry = false;
        self.patience = PATIENCE;
        COST_OPENING
    }

    fn failed(&mut self, sink: &mut impl MessageSink) -> u8 {
        sink.rejected(Reject::Quic(QuicError::NotOpened));
        self.failures = self.failures.saturating_add(1);
        COST_UNKNOWN
    }

    /// The hello of the connection that was being put together has been given.
    fn finished(&mut self, number: u32, direction: Direction) -> u8 {
        self.remember(number);
        self.named = Some(direction);
        self.after_retry = false;
        self.patience = PATIENCE;
        COST_AFTER_HELLO
    }

    /// The flow ends: gives what has a name but was never completed.
    pub fn finish(&mut self, sink: &mut impl MessageSink) {
        if let Some(connection) = self.connection.take() {
            connection.finish(sink);
        }
        if let Some(fragments) = self.fragments.take() {
            fragments.finish(sink);
        }
    }

    /// Bytes that are held for this flow beside the dissector itself.
    pub fn memory(&self) -> usize {
        let connection = self
            .connection
            .as_ref()
            .map_or(0, |connection| connection.memory());
        let fragments = self
            .fragments
            .as_ref()
            .map_or(0, |fragments| fragments.memory());
        connection.saturating_add(fragments)
    }
}

fn is_cut(datagram: &Datagram<'_>) -> bool {
    usize::try_from(datagram.payload_len).is_ok_and(|wire| wire > datagram.payload.len())
}

/// A number that stands for some bytes, to know them again: FNV-1a, never zero.
pub(crate) fn fnv(seed: u32, bytes: &[u8]) -> u32 {
    let hash = bytes.iter().fold(0x811c_9dc5 ^ seed, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    hash.max(1)
}
