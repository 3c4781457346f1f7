//! What happens to an engine, read from any bytes: frames, time that passes, new settings.
//!
//! ```text
//! setup   flags u8, flows u8, dissector memory u16 (in 64 bytes)
//! step    operation u8, time since the one before u8 (its square, in 10 ms), then
//!   0     a frame as it is: link type u16, bytes the capture cut off u8, length u16, bytes
//!   1-4   a segment (1, 2) or datagram between two of a few hosts: hosts u8, ports u8, control bits u8,
//!         number u16, length u8 (u16 with the highest control bit), payload
//!   5     nothing but the time
//!   6     everything that came out is taken
//!   7     another clock i64, other local addresses, or the catalogue again
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use wire::reader::Reader;
use wire::{Frame, LinkType, Timestamp};

/// Ports that mean something.
const PORTS: [u16; 8] = [443, 80, 53, 11_434, 5_353, 853, 67, 3_478];
/// 2026-11-20T10:00:00Z, the start of a window.
const BEGIN: i64 = 1_795_168_800_000_000_000;

/// How the engine is set up.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) endpoint: bool,
    pub(super) window: Duration,
    pub(super) report_interval: Duration,
    pub(super) max_flows: usize,
    pub(super) dissector_memory: usize,
}

/// One thing that happens.
#[derive(Debug)]
pub(super) enum Event {
    Frame(Captured),
    Timeout(Timestamp),
    Drain,
    LocalAddresses(Vec<IpAddr>),
    Catalogue,
}

/// A frame with its bytes.
#[derive(Debug)]
pub(super) struct Captured {
    ts: Timestamp,
    number: u64,
    link_type: LinkType,
    missing: u8,
    data: Vec<u8>,
}

impl Captured {
    pub(super) fn frame(&self) -> Frame<'_> {
        let captured = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        Frame {
            ts: self.ts,
            number: self.number,
            link_type: self.link_type,
            orig_len: captured.saturating_add(self.missing.into()),
            vlan: None,
            data: &self.data,
        }
    }
}

/// The client with this number, in one of two families.
pub(super) fn client(number: u8, v6: bool) -> IpAddr {
    if v6 {
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 1, number.into()))
    } else {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, number))
    }
}

fn server(number: u8, v6: bool) -> IpAddr {
    if v6 {
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 2, number.into()))
    } else {
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, number))
    }
}

/// Reads a script to its end, or to where it makes no sense.
pub(super) fn read(data: &[u8]) -> Option<(Setup, Vec<Event>)> {
    let mut reader = Reader::new(data);
    let [flags, flows] = reader.take_array()?;
    let memory = reader.u16()?;
    let setup = Setup {
        endpoint: flags & 1 != 0,
        window: Duration::from_secs(if flags & 2 == 0 { 3_600 } else { 60 }),
        report_interval: Duration::from_secs(if flags & 4 == 0 { 60 } else { 1 }),
        max_flows: usize::from(flows) + 1,
        dissector_memory: usize::from(memory) * 64,
    };
    let mut script = Script {
        reader,
        now: Timestamp::from_nanos(BEGIN),
        number: 0,
    };
    let mut events = Vec::new();
    while let Some(event) = script.event() {
        events.push(event);
    }
    Some((setup, events))
}

struct Script<'a> {
    reader: Reader<'a>,
    now: Timestamp,
    number: u64,
}

impl Script<'_> {
    fn event(&mut self) -> Option<Event> {
        let [operation, step] = self.reader.take_array()?;
        let step = u64::from(step);
        self.now = self
            .now
            .saturating_add(Duration::from_millis(10 * step * step));
        Some(match operation & 7 {
            0 => {
                let link_type = LinkType(self.reader.u16()?);
                let missing = self.reader.u8()?;
                let length = self.reader.u16()?;
                let data = self.bytes(length)?;
                self.frame(link_type, missing, data)
            }
            1 | 2 => self.packet(operation, true)?,
            3 | 4 => self.packet(operation, false)?,
            5 => Event::Timeout(self.now),
            6 => Event::Drain,
            _ => self.setting(operation)?,
        })
    }

    /// The next bytes, at most so many.
    fn bytes(&mut self, length: u16) -> Option<Vec<u8>> {
        let length = usize::from(length).min(self.reader.left());
        self.reader.take(length).map(<[u8]>::to_vec)
    }

    fn frame(&mut self, link_type: LinkType, missing: u8, data: Vec<u8>) -> Event {
        self.number += 1;
        Event::Frame(Captured {
            ts: self.now,
            number: self.number,
            link_type,
            missing,
            data,
        })
    }

    fn setting(&mut self, operation: u8) -> Option<Event> {
        Some(match operation >> 3 & 3 {
            0 => {
                let high = self.reader.u32()?;
                let low = self.reader.u32()?;
                let nanos = (u64::from(high) << 32) | u64::from(low);
                self.now = Timestamp::from_nanos(nanos.cast_signed());
                Event::Timeout(self.now)
            }
            1 => Event::LocalAddresses(vec![client(operation >> 5, false)]),
            2 => Event::LocalAddresses(Vec::new()),
            _ => Event::Catalogue,
        })
    }

    fn packet(&mut self, operation: u8, tcp: bool) -> Option<Event> {
        let (to_client, v6) = (operation & 8 != 0, operation & 16 != 0);
        let [hosts, ports, control] = self.reader.take_array()?;
        let number = self.reader.u16()?;
        let length = if control & 0x80 == 0 {
            u16::from(self.reader.u8()?)
        } else {
            self.reader.u16()?
        };
        let payload = self.bytes(length)?;
        let port = PORTS.get(usize::from(ports >> 4 & 7)).copied()?;
        let out = (client(hosts & 7, v6), 50_000 + u16::from(ports & 15));
        let back = (server(hosts >> 3 & 7, v6), port);
        let (from, to) = if to_client { (back, out) } else { (out, back) };
        let mut transport = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
        if tcp {
            transport.extend(u32::from(number).to_be_bytes());
            transport.extend([0, 0, 0, 0, 0x50, control & 0x3f, 0xff, 0xff, 0, 0, 0, 0]);
        } else {
            let length = u16::try_from(payload.len() + 8).unwrap_or(u16::MAX);
            transport.extend(length.to_be_bytes());
            transport.extend([0, 0]);
        }
        transport.extend(payload);
        let mut data = ethernet(hosts, to_client, v6);
        data.extend(network(from.0, to.0, tcp, &transport));
        Some(self.frame(LinkType::ETHERNET, 0, data))
    }
}

/// The header of a link between the client and its router.
fn ethernet(hosts: u8, to_client: bool, v6: bool) -> Vec<u8> {
    let (client, router) = ([2, 0, 0, 0, 0, hosts & 7], [2, 0, 0, 0, 0, 0xfe]);
    let (from, to) = if to_client {
        (router, client)
    } else {
        (client, router)
    };
    let ether_type: u16 = if v6 { 0x86dd } else { 0x0800 };
    [&to[..], &from, &ether_type.to_be_bytes()].concat()
}

fn network(from: IpAddr, to: IpAddr, tcp: bool, transport: &[u8]) -> Vec<u8> {
    let protocol = if tcp { 6 } else { 17 };
    let length = |header: usize| u16::try_from(transport.len() + header).unwrap_or(u16::MAX);
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => [
            &[0x45, 0][..],
            &length(20).to_be_bytes(),
            &[0, 1, 0x40, 0, 64, protocol, 0, 0],
            &from.octets(),
            &to.octets(),
            transport,
        ]
        .concat(),
        (IpAddr::V6(from), IpAddr::V6(to)) => [
            &[0x60, 0, 0, 0][..],
            &length(0).to_be_bytes(),
            &[protocol, 64],
            &from.octets(),
            &to.octets(),
            transport,
        ]
        .concat(),
        _ => Vec::new(),
    }
}
