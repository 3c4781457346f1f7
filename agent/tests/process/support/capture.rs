//! Captures with real hellos in real packets.

use std::net::Ipv4Addr;
use std::sync::Arc;

use etherparse::PacketBuilder;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// Of the first packet: 2026-01-02T03:04:05.123456789Z.
pub(crate) const START: i64 = 1_767_323_045_123_456_789;

/// Frames and when they were seen.
#[derive(Clone, Default)]
pub(crate) struct Capture {
    frames: Vec<(i64, Vec<u8>)>,
}

/// One TCP or UDP conversation of a client with a server.
#[derive(Clone, Copy)]
pub(crate) struct Talk {
    pub(crate) client: Ipv4Addr,
    pub(crate) server: Ipv4Addr,
    pub(crate) client_port: u16,
    pub(crate) server_port: u16,
}

impl Talk {
    pub(crate) fn https(client_port: u16) -> Self {
        Self {
            client: Ipv4Addr::new(10, 0, 0, 2),
            server: Ipv4Addr::new(203, 0, 113, 9),
            client_port,
            server_port: 443,
        }
    }

    fn builder(&self, to_server: bool) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
        let (client, server) = ([2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 9]);
        let (from, to) = if to_server {
            (client, server)
        } else {
            (server, client)
        };
        let (source, target) = if to_server {
            (self.client, self.server)
        } else {
            (self.server, self.client)
        };
        PacketBuilder::ethernet2(from, to).ipv4(source.octets(), target.octets(), 64)
    }

    fn tcp(&self, to_server: bool, seq: u32, ack: u32, flags: &str, payload: &[u8]) -> Vec<u8> {
        let (source, target) = if to_server {
            (self.client_port, self.server_port)
        } else {
            (self.server_port, self.client_port)
        };
        let mut step = self.builder(to_server).tcp(source, target, seq, 64_000);
        if flags.contains('S') {
            step = step.syn();
        }
        if flags.contains('A') {
            step = step.ack(ack);
        }
        if flags.contains('F') {
            step = step.fin();
        }
        let mut frame = Vec::new();
        step.write(&mut frame, payload).expect("fits");
        frame
    }

    fn udp(&self, to_server: bool, payload: &[u8]) -> Vec<u8> {
        let (source, target) = if to_server {
            (self.client_port, self.server_port)
        } else {
            (self.server_port, self.client_port)
        };
        let mut frame = Vec::new();
        self.builder(to_server)
            .udp(source, target)
            .write(&mut frame, payload)
            .expect("fits");
        frame
    }
}

impl Capture {
    fn push(&mut self, frame: Vec<u8>) {
        let step = i64::try_from(self.frames.len()).expect("few") * 1_000_000;
        self.frames.push((START + step, frame));
    }

    /// A TCP connection with these exchanges: what the client says, what it is answered.
    pub(crate) fn connection(mut self, talk: Talk, exchanges: &[(&[u8], &[u8])]) -> Self {
        let (mut sent, mut answered) = (1000_u32, 5000_u32);
        self.push(talk.tcp(true, sent, 0, "S", b""));
        self.push(talk.tcp(false, answered, sent + 1, "SA", b""));
        (sent, answered) = (sent + 1, answered + 1);
        self.push(talk.tcp(true, sent, answered, "A", b""));
        for (request, answer) in exchanges {
            for part in request.chunks(1400) {
                self.push(talk.tcp(true, sent, answered, "A", part));
                sent += u32::try_from(part.len()).expect("short");
            }
            for part in answer.chunks(1400) {
                self.push(talk.tcp(false, answered, sent, "A", part));
                answered += u32::try_from(part.len()).expect("short");
            }
        }
        self.push(talk.tcp(true, sent, answered, "FA", b""));
        self.push(talk.tcp(false, answered, sent + 1, "FA", b""));
        self.push(talk.tcp(true, sent + 1, answered + 1, "A", b""));
        self
    }

    /// A connection that opens with a hello for `name` and moves some data.
    pub(crate) fn tls(self, client_port: u16, name: &str) -> Self {
        let hello = client_hello(name);
        let (request, answer) = (vec![0x17; 6000], vec![0x17; 20_000]);
        let talk = Talk::https(client_port);
        let exchanges: [(&[u8], &[u8]); 2] = [(&hello, &[0x16; 3000]), (&request, &answer)];
        self.connection(talk, &exchanges)
    }

    /// One DNS query for an address of `name`.
    pub(crate) fn dns_query(mut self, client_port: u16, name: &str) -> Self {
        let talk = Talk {
            server_port: 53,
            ..Talk::https(client_port)
        };
        let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(u8::try_from(label.len()).expect("short"));
            message.extend_from_slice(label.as_bytes());
        }
        message.extend_from_slice(&[0, 0, 1, 0, 1]);
        self.push(talk.udp(true, &message));
        self
    }

    /// The same, `hours` later.
    pub(crate) fn later(mut self, hours: i64) -> Self {
        for (time, _) in &mut self.frames {
            *time += hours * 3_600_000_000_000;
        }
        self
    }

    /// This and then another.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.frames.extend(other.frames);
        self
    }

    /// As a pcap file with nanoseconds.
    pub(crate) fn pcap(&self) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend_from_slice(&0xa1b2_3c4d_u32.to_le_bytes());
        file.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.extend_from_slice(&65_535_u32.to_le_bytes());
        file.extend_from_slice(&1_u32.to_le_bytes());
        for (time, frame) in &self.frames {
            let second = u32::try_from(time.div_euclid(1_000_000_000)).expect("in range");
            let nanos = u32::try_from(time.rem_euclid(1_000_000_000)).expect("in range");
            let length = u32::try_from(frame.len()).expect("short");
            for field in [second, nanos, length, length] {
                file.extend_from_slice(&field.to_le_bytes());
            }
            file.extend_from_slice(frame);
        }
        file
    }
}

/// What a TLS client of today says first.
pub(crate) fn client_hello(name: &str) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from(name.to_owned()).expect("a host name");
    let mut connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut hello = Vec::new();
    connection.write_tls(&mut hello).expect("written to memory");
    hello
}
