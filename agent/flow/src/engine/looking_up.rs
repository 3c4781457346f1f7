//! DNS messages: evidence of a look-up, names for addresses, names for devices.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use wire::Direction;
use wire::dissect::dns::{DnsKind, DnsMessage, DnsName, Question, Record, RecordData, Section};

use super::counters::bump;
use super::devices::{Client, link_of};
use super::found::is_private;
use super::state::State;
use crate::finding::{EvidenceKind, Stage};
use crate::names::{expiry, name_hash};
use crate::tracker::MessageContext;

/// Records of one answer that are read.
const MAX_RECORDS: usize = 64;
/// Names of one chain of CNAMEs.
const MAX_CHAIN: usize = 16;
/// The types that a client asks for before it connects: A, AAAA, SVCB, HTTPS.
const BEFORE_CONTACT: [u16; 4] = [1, 28, 64, 65];
/// A standard query (RFC 1035 section 4.1.1).
const OPCODE_QUERY: u8 = 0;

impl State {
    /// Takes one DNS message of any kind.
    pub(super) fn dns(&mut self, context: &MessageContext, dns: &DnsMessage<'_>) {
        if context.repeated {
            return;
        }
        match (dns.kind(), dns.is_response()) {
            (DnsKind::Dns, false) => self.query(context, dns),
            (DnsKind::Dns, true) => self.answer(context, dns),
            (DnsKind::Mdns, true) => self.multicast_answer(context, dns),
            (DnsKind::Mdns, false) | (DnsKind::Llmnr, _) => {}
        }
    }

    fn query(&mut self, context: &MessageContext, dns: &DnsMessage<'_>) {
        let client = Client {
            address: context.src.ip(),
            link: link_of(context.src_mac, context.vlan, context.in_tunnel),
        };
        self.asked(context, dns, client, (context.src, context.dst));
    }

    /// A client asked for a name before it would make contact.
    fn asked(
        &mut self,
        context: &MessageContext,
        dns: &DnsMessage<'_>,
        client: Client,
        ends: (SocketAddr, SocketAddr),
    ) {
        let mut question = Question::default();
        if !dns.read_question(&mut question) {
            return;
        }
        if dns.opcode().0 != OPCODE_QUERY || !BEFORE_CONTACT.contains(&question.rrtype.0) {
            return;
        }
        let found = question
            .name
            .host_bytes()
            .and_then(|name| self.lookout.name(name, EvidenceKind::DnsQuery, context.ts));
        let Some(found) = found else { return };
        if self.devices.is_ours(client.address) {
            let socket = self.socket_of(context, ends);
            self.mention((client, socket), found, Stage::Resolved);
        } else {
            bump(&mut self.counts.matches_not_ours);
        }
    }

    fn answer(&mut self, context: &MessageContext, dns: &DnsMessage<'_>) {
        let (resolver, address) = (context.src.ip(), context.dst.ip());
        if resolver != address
            && let Some(is_one) = self.resolvers.entry(resolver)
        {
            *is_one = true;
        }
        let asked = match context.direction {
            Direction::ToOriginator => context.flow.originator_seen,
            Direction::ToResponder => context.flow.responder_seen,
        };
        if asked {
            self.remember(address, dns);
        } else {
            let link = link_of(context.dst_mac, context.vlan, context.in_tunnel);
            let ends = (context.dst, context.src);
            self.asked(context, dns, Client { address, link }, ends);
        }
    }

    /// Remembers the addresses that an answer gives to the name that was asked for.
    fn remember(&mut self, client: IpAddr, dns: &DnsMessage<'_>) {
        let mut question = Question::default();
        if !dns.read_question(&mut question) {
            return;
        }
        let Some(asked) = question.name.host_bytes() else {
            return;
        };
        let now = self.clock.elapsed();
        let hash = name_hash(asked);
        let known = self.lookout.knows(asked).then(|| text_of(asked));
        let mut chain: Vec<DnsName> = Vec::new();
        let (mut records, mut record) = (dns.records(), Record::default());
        for _ in 0..MAX_RECORDS {
            if !records.read_next(&mut record) || record.section != Section::Answer {
                break;
            }
            let owner = record.name.as_bytes();
            if owner != asked && chain.iter().all(|name| name.as_bytes() != owner) {
                continue;
            }
            let expires = expiry(now, record.ttl);
            let mut at = |address: IpAddr| {
                self.names
                    .resolved(client, address, (hash, known.as_ref()), expires, now);
                if known.is_none() && is_private(address) {
                    self.devices.note_name(address, &text_of(asked));
                }
            };
            match record.data {
                RecordData::A(address) => at(address.into()),
                RecordData::Aaaa(address) => at(address.into()),
                RecordData::Cname(target) if chain.len() < MAX_CHAIN => chain.push(target),
                RecordData::Https(binding) => {
                    let v4 = binding.ipv4_hints().take(MAX_RECORDS).map(IpAddr::from);
                    let v6 = binding.ipv6_hints().take(MAX_RECORDS).map(IpAddr::from);
                    v4.chain(v6).for_each(&mut at);
                    if binding.ech() {
                        self.names.may_hide(client, hash, expires);
                    }
                }
                RecordData::Cname(_) | RecordData::Ptr(_) | RecordData::Svcb(_) | _ => {}
            }
        }
    }

    /// A host says by multicast which name its own address has.
    fn multicast_answer(&mut self, context: &MessageContext, dns: &DnsMessage<'_>) {
        let own = context.src.ip();
        for record in dns.answers().take(MAX_RECORDS) {
            let is_own = matches!(record.data, RecordData::A(address) if own == address)
                || matches!(record.data, RecordData::Aaaa(address) if own == address);
            if is_own && let Some(name) = record.name.as_host() {
                self.devices.note_name(own, name);
            }
        }
    }
}

/// The text of a host name, which is ASCII.
fn text_of(name: &[u8]) -> Arc<str> {
    Arc::from(String::from_utf8_lossy(name))
}
