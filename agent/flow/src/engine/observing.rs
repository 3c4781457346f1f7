//! Messages and flows, as the tracker tells them, to matches and coverage.

use std::net::IpAddr;

use signatures::LocalRequest;
use wire::dissect::http::RequestHead;
use wire::dissect::tls::{ClientHello, Ech};
use wire::dissect::{MAX_HOST_NAME, Name};
use wire::{Direction, Message, Packet};

use super::account::Naming;
use super::blind_spots;
use super::counters::bump;
use super::dhcp;
use super::found::{Found, is_near};
use super::hidden::is_hidden;
use super::ladder::Opening;
use super::state::State;
use super::watched::Advance;
use crate::finding::EvidenceKind;
use crate::names::{Recent, name_hash};
use crate::tracker::{EndReason, FlowId, FlowView, MessageContext, Observer};

/// Methods that send content.
const SENDING: [&[u8]; 3] = [b"POST", b"PUT", b"PATCH"];

/// Headers that only the Model Context Protocol has, by its specification of 2025-06-18, "Transports".
const MCP_HEADERS: [&str; 2] = ["mcp-session-id", "mcp-protocol-version"];

/// A request in the clear, of either version of HTTP.
#[derive(Clone, Copy, Debug)]
struct Request<'a> {
    name: Option<Name<'a>>,
    method: &'a [u8],
    target: &'a [u8],
    /// The whole head, of HTTP/1 alone.
    head: Option<&'a RequestHead<'a>>,
}

impl<'a> Request<'a> {
    fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.head?.header(name)
    }
}

impl Observer for State {
    fn message(&mut self, context: &MessageContext, message: Message<'_>) {
        match message {
            Message::Tls(hello) | Message::Dtls(hello) => {
                self.hello(
                    context,
                    hello.server_name(),
                    hello.ech(),
                    EvidenceKind::TlsSni,
                );
                self.note_opening(context, hello);
            }
            Message::Quic(quic) => {
                let hello = quic.hello();
                self.hello(
                    context,
                    hello.server_name(),
                    hello.ech(),
                    EvidenceKind::QuicSni,
                );
            }
            Message::Gquic(hello) => {
                self.hello(
                    context,
                    hello.server_name(),
                    Ech::None,
                    EvidenceKind::QuicSni,
                );
            }
            Message::SslV2(_) => self.hello(context, None, Ech::None, EvidenceKind::TlsSni),
            Message::Http(head) => {
                let request = Request {
                    name: head.name(),
                    method: head.method(),
                    target: head.target(),
                    head: Some(head),
                };
                self.request(context, &request);
            }
            Message::Http2(head) => {
                let request = Request {
                    name: head.name(),
                    method: head.method(),
                    target: head.path(),
                    head: None,
                };
                self.request(context, &request);
            }
            Message::Dns(dns) => self.dns(context, dns),
            _ => self.settle(context, Naming::Unnamed),
        }
    }

    fn first_packet(&mut self, packet: &Packet<'_>, direction: Direction) {
        self.devices.learn(packet);
        if direction == Direction::ToResponder {
            self.account
                .blind_spot(blind_spots::of_first_packet(packet));
        }
        if let Some((mac, name)) = dhcp::host_name(packet) {
            self.devices.note_mac_name(mac, &name);
        }
    }

    fn watches(&mut self, flow: FlowId) -> bool {
        self.watched.contains_key(&flow)
    }

    fn flow_advanced(&mut self, flow: &FlowView) {
        let Some(watched) = self.watched.get_mut(&flow.id) else {
            return;
        };
        match watched.advance(flow) {
            Advance::Nothing => {}
            Advance::Moved => self.make_due(flow.id),
            Advance::Rose => self.report_flow(flow.id),
        }
    }

    fn flow_unnamed(&mut self, flow: &FlowView) {
        let naming = if flow.mid_stream {
            Naming::MidStream
        } else {
            Naming::Unnamed
        };
        self.account.flow(naming);
        self.account
            .blind_spot(blind_spots::of_port(flow.tuple.resp.port()));
    }

    fn flow_ended(&mut self, flow: FlowId, _reason: EndReason) {
        self.end_flow(flow);
    }
}

impl State {
    /// Counts what became of the flow's name, once for each flow.
    fn settle(&mut self, context: &MessageContext, naming: Naming) {
        if !context.settled {
            self.account.flow(naming);
        }
    }

    fn hello(
        &mut self,
        context: &MessageContext,
        name: Option<Name<'_>>,
        ech: Ech,
        kind: EvidenceKind,
    ) {
        let mut buffer = [0; MAX_HOST_NAME];
        let visible = name
            .and_then(|name| name.write_lower(&mut buffer))
            .unwrap_or_default();
        let ends = (context.src.ip(), context.dst.ip());
        let now = self.clock.elapsed();
        let hidden = is_hidden(ech, Some(visible), ends, &self.names, now);
        let naming = match (hidden, visible.is_empty()) {
            (true, _) => Naming::Hidden,
            (false, true) => Naming::Unnamed,
            (false, false) => Naming::Named,
        };
        if !context.settled {
            self.account.flow(naming);
            self.account
                .blind_spot(blind_spots::of_name(visible, context.dst.port()));
        }
        let found = if naming == Naming::Named {
            self.lookout.name(visible, kind, context.ts)
        } else {
            self.correlated(context, visible, ends)
        };
        if let Some(found) = found {
            self.found(context, found, Opening::Handshake);
        }
    }

    /// Keeps how a client of this machine opened a connection that is reported: a hint at what sort of program it is.
    fn note_opening(&mut self, context: &MessageContext, hello: &ClientHello<'_>) {
        if self.devices.is_endpoint()
            && let Some(watched) = self.watched.get_mut(&context.flow.id)
            && watched.ja4.is_none()
        {
            watched.ja4 = hello.ja4();
        }
    }

    /// What the client's own look-ups say about a flow that does not show its name.
    fn correlated(
        &mut self,
        context: &MessageContext,
        visible: &[u8],
        (client, server): (IpAddr, IpAddr),
    ) -> Option<Found> {
        let now = self.clock.elapsed();
        match self.names.recent(client, server, name_hash(visible), now) {
            Recent::Known(name) => {
                bump(&mut self.counts.names_correlated);
                self.lookout
                    .name(name.as_bytes(), EvidenceKind::DnsCorrelated, context.ts)
            }
            Recent::Nothing | Recent::Unknown | Recent::Several => {
                bump(&mut self.counts.names_not_correlated);
                None
            }
        }
    }

    fn request(&mut self, context: &MessageContext, request: &Request<'_>) {
        let named = request.name.is_some();
        self.settle(
            context,
            if named {
                Naming::Named
            } else {
                Naming::Unnamed
            },
        );
        let (kind, opening) = match request.method {
            b"CONNECT" => (EvidenceKind::HttpConnect, Opening::Connect),
            method if SENDING.contains(&method) => {
                (EvidenceKind::HttpHost, Opening::RequestWithContent)
            }
            _ => (EvidenceKind::HttpHost, Opening::Request),
        };
        let mut buffer = [0; MAX_HOST_NAME];
        let host = request
            .name
            .and_then(|name| name.host().write_lower(&mut buffer));
        let found = host
            .and_then(|host| self.lookout.name(host, kind, context.ts))
            .or_else(|| self.local_request(context, request));
        if let Some(found) = found {
            self.found(context, found, opening);
        }
    }

    /// Looks for a local runtime behind a request; only near the client may one be.
    fn local_request(&self, context: &MessageContext, request: &Request<'_>) -> Option<Found> {
        if request.method == b"CONNECT" || !is_near(context.src.ip(), context.dst.ip()) {
            return None;
        }
        let mut buffer = [0; MAX_HOST_NAME];
        let name = request.name.and_then(|name| name.write_lower(&mut buffer));
        let local = LocalRequest {
            host: name,
            method: request.method,
            path: request.target,
            port: context.dst.port(),
            user_agent: request.header("user-agent"),
            mcp: MCP_HEADERS
                .iter()
                .any(|name| request.header(name).is_some()),
        };
        let address = context.dst.to_string();
        self.lookout
            .local(&local, name.unwrap_or(address.as_bytes()), context.ts)
    }
}
