//! A small network that writes frames: clients, servers, TCP connections, DNS, hellos.

use std::net::IpAddr;

use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader};
use wire::{LinkType, Timestamp};

use super::files::Record;

/// 2026-11-20T10:00:00Z, the start of a window.
pub(crate) const TEN: i64 = 1_795_168_800_000_000_000;
pub(crate) const SECOND: i64 = 1_000_000_000;

/// One side of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) mac: [u8; 6],
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

impl End {
    pub(crate) fn new(mac: u8, address: &str, port: u16) -> Self {
        Self {
            mac: [2, 0, 0, 0, 0, mac],
            address: address.parse().unwrap(),
            port,
        }
    }
}

/// A laptop on the segment.
pub(crate) fn laptop(port: u16) -> End {
    End::new(1, "10.0.0.2", port)
}

/// A server on the Internet, behind the router.
pub(crate) fn server(last: u8) -> End {
    End::new(254, &format!("198.51.100.{last}"), 443)
}

/// The resolver, behind the router.
pub(crate) fn resolver() -> End {
    End::new(254, "192.0.2.53", 53)
}

/// Frames that were written so far, and the time of the next one.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) step: i64,
    pub(crate) vlan: Option<u16>,
    pub(crate) records: Vec<Record>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: TEN + SECOND,
            step: 1_000_000,
            vlan: None,
            records: Vec::new(),
        }
    }
}

impl World {
    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += seconds * SECOND;
    }

    pub(crate) fn push(&mut self, data: Vec<u8>) {
        self.records.push(Record {
            ts: Timestamp::from_nanos(self.now),
            link_type: LinkType::ETHERNET,
            orig_len: u32::try_from(data.len()).unwrap(),
            data,
        });
        self.now += self.step;
    }

    pub(crate) fn udp(&mut self, from: End, to: End, payload: &[u8]) {
        let mut frame = Vec::new();
        let builder = PacketBuilder::ethernet2(from.mac, to.mac);
        ip(builder, self.vlan, from, to)
            .udp(from.port, to.port)
            .write(&mut frame, payload)
            .unwrap();
        self.push(frame);
    }

    /// A segment with the control bits in `flags`: any of S, A, F, R.
    pub(crate) fn tcp(&mut self, from: End, to: End, seq: u32, flags: &str, payload: &[u8]) {
        let mut header = TcpHeader::new(from.port, to.port, seq, 64_000);
        header.syn = flags.contains('S');
        header.ack = flags.contains('A');
        header.fin = flags.contains('F');
        header.rst = flags.contains('R');
        let mut frame = Vec::new();
        let builder = PacketBuilder::ethernet2(from.mac, to.mac);
        ip(builder, self.vlan, from, to)
            .tcp_header(header)
            .write(&mut frame, payload)
            .unwrap();
        self.push(frame);
    }

    /// Asks for `name` and answers with `addresses`.
    pub(crate) fn look_up(&mut self, client: End, name: &str, addresses: &[IpAddr]) {
        let client = End {
            port: 20_000 + client.port % 10_000,
            ..client
        };
        self.udp(client, resolver(), &dns_query(name, 1));
        self.udp(resolver(), client, &dns_answer(name, addresses));
    }
}

fn ip(
    builder: PacketBuilderStep<etherparse::Ethernet2Header>,
    vlan: Option<u16>,
    from: End,
    to: End,
) -> PacketBuilderStep<etherparse::IpHeaders> {
    match (vlan, from.address, to.address) {
        (None, IpAddr::V4(a), IpAddr::V4(b)) => builder.ipv4(a.octets(), b.octets(), 64),
        (None, IpAddr::V6(a), IpAddr::V6(b)) => builder.ipv6(a.octets(), b.octets(), 64),
        (Some(id), IpAddr::V4(a), IpAddr::V4(b)) => {
            let tagged = builder.single_vlan(id.try_into().unwrap());
            tagged.ipv4(a.octets(), b.octets(), 64)
        }
        _ => unreachable!("one family for both ends"),
    }
}

/// A TCP connection; what it sends is written as one segment for each call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) client: End,
    pub(crate) server: End,
    pub(crate) out: u32,
    pub(crate) back: u32,
}

impl Connection {
    pub(crate) fn new(client: End, server: End) -> Self {
        Self {
            client,
            server,
            out: 1_000,
            back: 0xffff_ff00,
        }
    }

    pub(crate) fn open(client: End, server: End, world: &mut World) -> Self {
        let mut connection = Self::new(client, server);
        world.tcp(client, server, connection.out, "S", &[]);
        world.tcp(server, client, connection.back, "SA", &[]);
        connection.out = connection.out.wrapping_add(1);
        connection.back = connection.back.wrapping_add(1);
        world.tcp(client, server, connection.out, "A", &[]);
        connection
    }

    pub(crate) fn send(&mut self, world: &mut World, payload: &[u8]) {
        world.tcp(self.client, self.server, self.out, "A", payload);
        self.out = self.out.wrapping_add(u32::try_from(payload.len()).unwrap());
    }

    pub(crate) fn reply(&mut self, world: &mut World, payload: &[u8]) {
        world.tcp(self.server, self.client, self.back, "A", payload);
        self.back = self
            .back
            .wrapping_add(u32::try_from(payload.len()).unwrap());
    }

    pub(crate) fn close(&mut self, world: &mut World) {
        world.tcp(self.client, self.server, self.out, "FA", &[]);
        world.tcp(self.server, self.client, self.back, "FA", &[]);
    }

    /// A handshake under `name`, then `out` bytes of requests and `back` bytes of answers.
    pub(crate) fn exchange(&mut self, world: &mut World, name: &str, out: usize, back: usize) {
        self.send(world, &client_hello(Some(name), false));
        self.reply(world, &server_hello());
        self.send(world, &vec![0x17; out]);
        for chunk in vec![0x17; back].chunks(1_400) {
            self.reply(world, chunk);
        }
    }
}

fn with_length(size: usize, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&length[4 - size..], body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &with_length(2, body)].concat()
}

/// A TLS record with a ClientHello.
pub(crate) fn client_hello(name: Option<&str>, ech: bool) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(name) = name {
        let entry = [&[0][..], &with_length(2, name.as_bytes())].concat();
        extensions.extend(extension(0, &with_length(2, &entry)));
    }
    extensions.extend(extension(43, &with_length(1, &[3, 4, 3, 3])));
    extensions.extend(extension(16, &with_length(2, &with_length(1, b"h2"))));
    if ech {
        extensions.extend(extension(0xfe0d, &[0; 200]));
    }
    let body = [
        &[3, 3][..],
        &[0x5a; 32],
        &with_length(1, &[0x33; 32]),
        &with_length(2, &[0x13, 1, 0x13, 2]),
        &with_length(1, &[0]),
        &with_length(2, &extensions),
    ]
    .concat();
    let message = [&[1][..], &with_length(3, &body)].concat();
    [&[22, 3, 1][..], &with_length(2, &message)].concat()
}

/// A TLS record that a server would send first, as far as anybody looks.
pub(crate) fn server_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[0x77; 32], &[0, 0x13, 1, 0, 0, 0]].concat();
    let message = [&[2][..], &with_length(3, &body)].concat();
    [
        [22, 3, 3].to_vec(),
        with_length(2, &message),
        vec![23, 3, 3, 4, 0],
        vec![9; 1_024],
    ]
    .concat()
}

fn dns_name(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.extend(with_length(1, label.as_bytes()));
    }
    bytes.push(0);
    bytes
}

pub(crate) fn dns_query(name: &str, rrtype: u16) -> Vec<u8> {
    let header = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    [&header[..], &dns_name(name), &rrtype.to_be_bytes(), &[0, 1]].concat()
}

/// An answer with addresses of IPv4, five minutes to live.
pub(crate) fn dns_answer(name: &str, addresses: &[IpAddr]) -> Vec<u8> {
    let records: Vec<Vec<u8>> = addresses
        .iter()
        .map(|address| match address {
            IpAddr::V4(v4) => [&[0, 1, 0, 1, 0, 0, 1, 44, 0, 4][..], &v4.octets()].concat(),
            IpAddr::V6(v6) => [&[0, 28, 0, 1, 0, 0, 1, 44, 0, 16][..], &v6.octets()].concat(),
        })
        .collect();
    dns_response(name, 1, &records)
}

/// An answer to a question; each record is type, class, TTL and data, owned by the question's name.
pub(crate) fn dns_response(name: &str, rrtype: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let count = u8::try_from(records.len()).unwrap();
    let header = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0];
    let mut bytes = [&header[..], &dns_name(name), &rrtype.to_be_bytes(), &[0, 1]].concat();
    for record in records {
        bytes.extend([0xc0, 12]);
        bytes.extend(record);
    }
    bytes
}

/// The data of an HTTPS record: priority 1, this name, an ECH parameter.
pub(crate) fn https_record_with_ech() -> Vec<u8> {
    let data = [&[0, 1, 0][..], &[0, 5], &with_length(2, &[0xaa; 40])].concat();
    [&[0, 65, 0, 1, 0, 0, 1, 44][..], &with_length(2, &data)].concat()
}

/// An answer that leads by a CNAME from `name` to `target`, and from there to an address of IPv4.
pub(crate) fn dns_chain(name: &str, target: &str, address: [u8; 4]) -> Vec<u8> {
    let header = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
    let target = dns_name(target);
    [
        &header[..],
        &dns_name(name),
        &[0, 1, 0, 1],
        &[0xc0, 12, 0, 5, 0, 1, 0, 0, 1, 44],
        &with_length(2, &target),
        &target,
        &[0, 1, 0, 1, 0, 0, 1, 44, 0, 4],
        &address,
    ]
    .concat()
}
