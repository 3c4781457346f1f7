//! The two kinds of traffic: `hello`, nearly all handshakes and DNS, and `mix`, where flows also carry bulk.
//!
//! The shares of the kinds are those of the peers' comparison: about a quarter of the TLS flows do not have their name in the
//! first segment, a fifth of the flows is QUIC, every flow is preceded by a DNS exchange.

use std::net::IpAddr;
use std::path::Path;

use anyhow::Result;
use rustls::Side;
use rustls::quic::Version;

use crate::messages::{self, client_hello, crypto_frame, dns_answer, dns_query, initial, records};
use crate::network::{Capture, Connection, Ends};
use crate::random::Random;

/// A name that is in the traffic, with its kind of message and its kind of flow.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) message: &'static str,
    pub(crate) flow: &'static str,
    pub(crate) name: String,
}

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) truth: Vec<Truth>,
}

/// Bulk after the handshakes or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Hello,
    Mix,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Mix => "mix",
        }
    }
}

const TLS: [(&str, usize); 8] = [
    ("classic", 557),
    ("pq2", 451),
    ("recfrag", 15),
    ("split3", 20),
    ("dupseg", 13),
    ("pq2dupswap", 15),
    ("pq2swap", 18),
    ("split_bytes", 5),
];
const QUIC: [(&str, usize); 9] = [
    ("one", 95),
    ("two", 87),
    ("chaos1", 21),
    ("chaos2", 44),
    ("twoswap", 11),
    ("v2one", 9),
    ("v2two", 5),
    ("longcid", 5),
    ("retry", 8),
];
/// One flow in nineteen goes to an AI service.
const AI_HOSTS: [&str; 3] = ["api.openai.com", "chatgpt.com", "claude.ai"];
const AI_SHARE: [(bool, usize); 2] = [(true, 74), (false, 1355)];
const OTHER_HOSTS: [&str; 13] = [
    "www.google.com",
    "slack.com",
    "github.com",
    "outlook.office365.com",
    "teams.microsoft.com",
    "cdn.jsdelivr.net",
    "fonts.gstatic.com",
    "www.wikipedia.org",
    "zoom.us",
    "s3.amazonaws.com",
    "update.example.net",
    "mail.example.org",
    "static.cloudflareinsights.com",
];
const SEGMENT: usize = 1400;
const NANOS_BETWEEN_FLOWS: u64 = 23_000;

struct Maker {
    random: Random,
    kind: Kind,
    capture: Capture,
    truth: Vec<Truth>,
    now: u64,
}

/// Writes `flows` flows to `path`.
pub(crate) fn make(kind: Kind, seed: u64, flows: usize, path: &Path) -> Result<Made> {
    let mut maker = Maker {
        random: Random::new(seed),
        kind,
        capture: Capture::create(path)?,
        truth: Vec::new(),
        now: 0,
    };
    for number in 0..flows {
        maker.flow(number)?;
    }
    maker.capture.finish()?;
    Ok(Made {
        packets: maker.capture.packets,
        bytes: maker.capture.bytes,
        truth: maker.truth,
    })
}

impl Maker {
    fn name(&mut self, message: &'static str, flow: &'static str, number: usize) -> String {
        let prefix = message.chars().next().unwrap_or('x');
        let hosts: &[&str] = if self.random.pick(&AI_SHARE) {
            &AI_HOSTS
        } else {
            &OTHER_HOSTS
        };
        let host = hosts[self.random.below(hosts.len())];
        let name = format!("{prefix}{number:07}{}.{host}", flow.replace('_', ""));
        self.truth.push(Truth {
            message,
            flow,
            name: name.clone(),
        });
        name
    }

    fn flow(&mut self, number: usize) -> Result<()> {
        self.now += NANOS_BETWEEN_FLOWS;
        self.capture.write_until(self.now)?;
        self.dns(number)?;
        let share = self.random.below(1429);
        let frames = if share < 1089 {
            self.tls(number)?
        } else if share < 1375 {
            self.quic(number)?
        } else {
            self.other(number)?
        };
        let gap = if self.kind == Kind::Mix {
            400_000
        } else {
            150_000
        };
        self.capture.add(self.now + 2_000_000, gap, frames);
        Ok(())
    }

    fn dns(&mut self, number: usize) -> Result<()> {
        let (flow, kind) = self.random.pick(&[
            (("a", 1), 1191),
            (("aaaa", 28), 163),
            (("https", 65), 47),
            (("tcp", 1), 28),
        ]);
        let name = self.name("dns", flow, number);
        let mut ends = Ends::draw(&mut self.random, number, 53);
        ends.server.0 = match ends.client.0 {
            IpAddr::V4(_) => IpAddr::from([10, 255, 0, 53]),
            IpAddr::V6(_) => IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, 0x53]),
        };
        let query = dns_query(&mut self.random, &name, kind);
        let data: Vec<u8> = match kind {
            28 => self.random.bytes(16),
            65 => vec![0, 1, 0, 0, 1, 0, 3, 2, b'h', b'2'],
            _ => self.random.bytes(4),
        };
        let answer = dns_answer(&query, kind, &data);
        let frames = if flow == "tcp" {
            let framed = |message: &[u8]| -> Result<Vec<u8>> {
                let mut out = u16::try_from(message.len())?.to_be_bytes().to_vec();
                out.extend(message);
                Ok(out)
            };
            let mut connection = Connection::open(ends, &mut self.random)?;
            connection.send(true, &framed(&query)?)?;
            connection.send(false, &framed(&answer)?)?;
            connection.close()?;
            connection.frames
        } else {
            vec![ends.datagram(true, &query)?, ends.datagram(false, &answer)?]
        };
        self.capture.add(self.now, 120_000, frames);
        Ok(())
    }

    fn tls(&mut self, number: usize) -> Result<Vec<Vec<u8>>> {
        let flow = self.random.pick(&TLS);
        let name = self.name("tls", flow, number);
        let port = if self.random.below(40) == 0 {
            8443
        } else {
            443
        };
        let ends = Ends::draw(&mut self.random, number, port);
        let post_quantum = flow.starts_with("pq");
        let hello = client_hello(&mut self.random, &name, &["h2", "http/1.1"], post_quantum);
        let bytes = if flow == "recfrag" {
            records(&hello, hello.len() / 2 + 1)
        } else {
            records(&hello, 16_000)
        };
        let mut connection = Connection::open(ends, &mut self.random)?;
        let most = match flow {
            "split3" => bytes.len() / 3 + 1,
            "split_bytes" => 40,
            _ => SEGMENT,
        };
        let first = connection.frames.len();
        for piece in bytes.chunks(most) {
            connection.send(true, piece)?;
        }
        let last = connection.frames.len().saturating_sub(1);
        match flow {
            "dupseg" => connection
                .frames
                .insert(first, connection.frames[first].clone()),
            "pq2swap" => connection.frames.swap(first, last),
            "pq2dupswap" => {
                connection.frames.swap(first, last);
                let again = connection.frames[first].clone();
                connection.frames.push(again);
            }
            _ => {}
        }
        connection.acknowledge(false)?;
        self.exchange(&mut connection)?;
        Ok(connection.frames)
    }

    /// What follows a hello: nothing an observer can read.
    fn exchange(&mut self, connection: &mut Connection) -> Result<()> {
        let mut flight = vec![22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3];
        flight.extend(self.random.bytes(116));
        // The certificates, encrypted.
        flight.extend([23, 3, 3, 4, 200]);
        flight.extend(std::iter::repeat_n(0xa5, 1224));
        connection.send(false, &flight)?;
        if self.kind == Kind::Hello {
            return Ok(());
        }
        let bulk = [(8, 60), (40, 25), (160, 12), (900, 3)];
        for place in 0..self.random.pick(&bulk) {
            let mut record = vec![23, 3, 3, 5, 115];
            record.extend(std::iter::repeat_n(0x5a, SEGMENT - 5));
            connection.send(false, &record)?;
            if place % 2 == 1 {
                connection.acknowledge(true)?;
            }
        }
        connection.close()
    }

    fn quic(&mut self, number: usize) -> Result<Vec<Vec<u8>>> {
        let flow = self.random.pick(&QUIC);
        let name = self.name("quic", flow, number);
        let ends = Ends::draw(&mut self.random, number, 443);
        let large = matches!(flow, "two" | "twoswap" | "chaos2" | "v2two");
        let hello = client_hello(&mut self.random, &name, &["h3"], large);
        let id = self.random.bytes(if flow == "longcid" { 20 } else { 8 });
        let mut connection = messages::Connection {
            version: if flow.starts_with("v2") {
                Version::V2
            } else {
                Version::V1
            },
            original: id.clone(),
            destination: id,
            source: self.random.bytes(8),
            token: Vec::new(),
        };
        let pieces = self.pieces(flow, &hello);
        let mut datagrams = Vec::new();
        for (number, frames) in (0_u8..).zip(&pieces) {
            datagrams.push(initial(&connection, Side::Client, number, frames, 1250)?);
        }
        if flow == "twoswap" {
            datagrams.reverse();
        }
        let mut frames = Vec::new();
        for datagram in &datagrams {
            frames.push(ends.datagram(true, datagram)?);
        }
        if flow == "retry" {
            frames.truncate(1);
            let fresh = self.random.bytes(8);
            frames.push(ends.datagram(false, &retry(&connection, &fresh, &self.random.bytes(24)))?);
            connection.token = self.random.bytes(24);
            connection.original.clone_from(&fresh);
            connection.destination = fresh;
            let again = initial(&connection, Side::Client, 1, &pieces.concat(), 1250)?;
            frames.push(ends.datagram(true, &again)?);
        }
        let answer = messages::Connection {
            destination: connection.source.clone(),
            source: self.random.bytes(8),
            ..connection
        };
        let server = crypto_frame(0, &self.random.bytes(90));
        frames.push(ends.datagram(false, &initial(&answer, Side::Server, 0, &server, 1250)?)?);
        self.protected(&ends, &mut frames)?;
        Ok(frames)
    }

    /// The frames of each Initial packet.
    fn pieces(&mut self, flow: &str, hello: &[u8]) -> Vec<Vec<u8>> {
        let half = hello.len() / 2 + 100;
        match flow {
            "chaos1" => vec![self.shuffled(0, hello)],
            "chaos2" => {
                let (head, tail) = hello.split_at(half.min(hello.len()));
                vec![
                    self.shuffled(half.min(hello.len()), tail),
                    self.shuffled(0, head),
                ]
            }
            "two" | "twoswap" | "v2two" => {
                let (head, tail) = hello.split_at(half.min(hello.len()));
                vec![
                    crypto_frame(0, head),
                    crypto_frame(half.min(hello.len()), tail),
                ]
            }
            _ => vec![crypto_frame(0, hello)],
        }
    }

    /// CRYPTO frames in any order, with PING and PADDING between them, as browsers send them.
    fn shuffled(&mut self, start: usize, data: &[u8]) -> Vec<u8> {
        let mut frames = Vec::new();
        let mut offset = 0;
        while offset < data.len() {
            let end = (offset + 20 + self.random.below(120)).min(data.len());
            frames.push(crypto_frame(start + offset, &data[offset..end]));
            offset = end;
        }
        frames.extend([vec![1], vec![0; 3], vec![0; 5]]);
        for place in (1..frames.len()).rev() {
            let other = self.random.below(place + 1);
            frames.swap(place, other);
        }
        frames.concat()
    }

    /// Short-header packets, opaque to everybody.
    fn protected(&mut self, ends: &Ends, frames: &mut Vec<Vec<u8>>) -> Result<()> {
        let count = if self.kind == Kind::Mix {
            self.random.pick(&[(8, 60), (60, 30), (400, 10)])
        } else {
            3
        };
        for place in 0..count {
            let mut payload = vec![0x41];
            payload.extend(self.random.bytes(24));
            if self.kind == Kind::Mix && place % 3 != 0 {
                payload.extend(std::iter::repeat_n(0x5a, 1200));
            }
            frames.push(ends.datagram(place % 3 == 0, &payload)?);
        }
        Ok(())
    }

    /// Cleartext HTTP, or a protocol that nobody knows.
    fn other(&mut self, number: usize) -> Result<Vec<Vec<u8>>> {
        let ends = Ends::draw(&mut self.random, number, 80);
        let mut connection = Connection::open(ends, &mut self.random)?;
        if self.random.below(3) == 0 {
            let opaque = self.random.bytes(300);
            connection.send(true, &opaque)?;
        } else {
            let name = self.name("http", "get", number);
            connection.send(
                true,
                format!("GET / HTTP/1.1\r\nHost: {name}\r\nAccept: */*\r\n\r\n").as_bytes(),
            )?;
        }
        connection.send(false, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
        connection.close()?;
        Ok(connection.frames)
    }
}

/// A Retry packet (RFC 9000 section 17.2.5); its integrity tag is not checked by observers.
fn retry(connection: &messages::Connection, fresh: &[u8], rest: &[u8]) -> Vec<u8> {
    let mut packet = vec![0xf0, 0, 0, 0, 1];
    for id in [&connection.source[..], fresh] {
        packet.push(u8::try_from(id.len()).unwrap_or(0));
        packet.extend(id);
    }
    packet.extend(rest);
    packet.extend(rest.iter().take(16));
    packet
}
