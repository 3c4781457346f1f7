//! What UDP carries in captures of real clients, message by message, against what other programs say is in
//! them; skipped, and said so, where the captures are not on this machine.
//!
//! Each row of the truth must be met by a message of its kind in its frame, with the same name and the same
//! features: JA3, JA4, ALPN, ECH and version of a hello, codes and direction of a DNS message. Rows that
//! the truth calls optional are left out, and so is DNS over TCP.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads files; the crate does no I/O"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Map, Value, json};
use support::frames;
use wire::dissect::datagram::{Answered, First};
use wire::dissect::dns::{DnsKind, DnsMessage};
use wire::dissect::tls::{ClientHello, Ech};
use wire::{Decoder, Direction, Message, MessageSink, Transport};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
const KINDS: [&str; 6] = ["quic", "dtls", "gquic", "dns", "mdns", "llmnr"];

/// Messages by the frame that completed them.
#[derive(Default)]
struct Sink {
    frame: u64,
    messages: BTreeMap<u64, Vec<Value>>,
}

impl MessageSink for Sink {
    fn message(&mut self, _: Direction, message: Message<'_>) {
        let told = if let Message::Quic(quic) = message {
            let mut told = hello("quic", quic.hello());
            told.insert(
                "quic_version".into(),
                json!(format!("0x{:08x}", quic.version())),
            );
            told
        } else if let Message::Dtls(dtls) = message {
            hello("dtls", dtls)
        } else if let Message::Gquic(gquic) = message {
            let name = gquic.server_name().map(|name| name.to_string());
            let told = json!({"kind": "gquic", "name": name.unwrap_or_default(), "version": gquic.to_string()});
            told.as_object().cloned().unwrap_or_default()
        } else if let Message::Dns(dns) = message {
            asked(dns)
        } else {
            return;
        };
        self.messages
            .entry(self.frame)
            .or_default()
            .push(Value::Object(told));
    }
}

fn hello(kind: &str, hello: &ClientHello<'_>) -> Map<String, Value> {
    let alpn: Vec<String> = hello
        .alpn()
        .map(|id| String::from_utf8_lossy(id).into_owned())
        .collect();
    let told = json!({
        "kind": kind,
        "name": hello.server_name().map(|name| name.to_string()).unwrap_or_default(),
        "ja3_hash": hello.ja3().map(|ja3| ja3.to_string()),
        "ja4": hello.ja4().map(|ja4| ja4.to_string()),
        "alpn": alpn,
        "ech_present": hello.ech() == Ech::Present,
        "esni_present": hello.ech() == Ech::Esni,
    });
    told.as_object().cloned().unwrap_or_default()
}

fn asked(dns: &DnsMessage<'_>) -> Map<String, Value> {
    let kind = match dns.kind() {
        DnsKind::Dns => "dns",
        DnsKind::Mdns => "mdns",
        DnsKind::Llmnr => "llmnr",
    };
    let types: Vec<u16> = dns.questions().map(|question| question.rrtype.0).collect();
    let told = json!({
        "kind": kind,
        "name": dns.question().map(|question| question.name.to_string()).unwrap_or_default(),
        "qtype": types,
        "response": dns.is_response(),
        "opcode": dns.opcode().0,
        "rcode": if dns.is_response() { json!(dns.rcode().0 & 0x0f) } else { Value::Null },
        "truncated": dns.is_truncated(),
        "txid": format!("0x{:04x}", dns.id()),
    });
    told.as_object().cloned().unwrap_or_default()
}

/// Reads a capture flow by flow, as a flow table does.
fn messages(path: &Path) -> BTreeMap<u64, Vec<Value>> {
    let bytes = fs::read(path).unwrap();
    let mut decoder = Decoder::new();
    let mut flows: BTreeMap<(SocketAddr, SocketAddr), (SocketAddr, First)> = BTreeMap::new();
    let mut sink = Sink::default();
    for frame in frames(&bytes) {
        let Ok(packet) = decoder.decode(&frame) else {
            continue;
        };
        let Transport::Udp(datagram) = packet.transport else {
            continue;
        };
        let from = SocketAddr::new(packet.src, datagram.src_port);
        let to = SocketAddr::new(packet.dst, datagram.dst_port);
        let fresh = || (from, First::Answered(Answered::default()));
        let (client, state) = flows
            .entry((from.min(to), from.max(to)))
            .or_insert_with(fresh);
        let direction = if *client == from {
            Direction::ToResponder
        } else {
            Direction::ToOriginator
        };
        sink.frame = frame.number;
        *state = match std::mem::replace(state, First::Done) {
            First::Answered(answered) if answered.wants(datagram.payload) => {
                answered.datagram(direction, &datagram, frame.ts, &mut sink)
            }
            First::Need(mut dissector) => {
                dissector.datagram(direction, &datagram, frame.ts, &mut sink);
                dissector.settle()
            }
            same @ (First::Done | First::Answered(_)) => same,
        };
    }
    sink.messages
}

/// A name as every program would spell it: odd bytes are escaped in many ways.
fn plain(name: &str) -> String {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || "._:*/-".contains(c));
    let mut plain = String::new();
    let mut rest = name.trim_end_matches('.').chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\\' {
            for _ in 0..3 {
                rest.next_if(char::is_ascii_digit);
            }
        }
        match (odd(c), plain.ends_with('?')) {
            (false, _) => plain.push(c.to_ascii_lowercase()),
            (true, false) => plain.push('?'),
            (true, true) => {}
        }
    }
    if plain == "?root?" {
        String::new()
    } else {
        plain
    }
}

/// Why a message does not meet a row; empty when it does.
fn differences(row: &Value, message: &Value) -> Vec<String> {
    let fields = message.as_object().unwrap();
    let compared = fields
        .iter()
        .filter(|(field, _)| !["kind", "name"].contains(&field.as_str()));
    let mut differences: Vec<String> = compared
        .filter_map(|(field, ours)| {
            let theirs = row.get(field)?;
            (theirs != ours).then(|| format!("{field} {theirs} is {ours}"))
        })
        .collect();
    let names = [row, message].map(|side| plain(side["name"].as_str().unwrap_or_default()));
    if names[0] != names[1] {
        differences.push(format!("name {names:?}"));
    }
    differences
}

#[test]
fn every_message_of_the_captures_is_told_as_others_tell_it() {
    let truth = Path::new(CORPUS).join("truth");
    let Ok(files) = fs::read_dir(&truth) else {
        println!("left out: messages of real captures: none in {CORPUS}");
        return;
    };
    let mut checked = BTreeMap::new();
    let mut complaints = Vec::new();
    for file in files {
        let path = file.unwrap().path();
        let rows = fs::read_to_string(&path).unwrap();
        let rows = rows
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let rows: Vec<Value> = rows
            .filter(|row| KINDS.contains(&row["kind"].as_str().unwrap_or_default()))
            .filter(|row| row["optional"] != true && row["l4"] != "tcp" && row["decrypted"] != true)
            .collect();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let found = messages(&Path::new(CORPUS).join("captures").join(&name));
        for row in &rows {
            let frame = row["frame"].as_u64().unwrap();
            let same_kind = |message: &&Value| message["kind"] == row["kind"];
            let candidates = found.get(&frame).into_iter().flatten().filter(same_kind);
            let best = candidates
                .map(|message| differences(row, message))
                .min_by_key(Vec::len);
            *checked.entry(row["kind"].to_string()).or_insert(0) += 1;
            match best {
                Some(differences) if differences.is_empty() => {}
                other => complaints.push(format!("{name} frame {frame}: {other:?} for {row}")),
            }
        }
    }
    println!("{checked:?}");
    assert!(
        complaints.is_empty(),
        "{}\n{} in all",
        complaints.join("\n"),
        complaints.len()
    );
    assert!(checked.values().sum::<u32>() > 2000);
}
