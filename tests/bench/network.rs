//! Packets of one flow, and the capture file they are written to.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufWriter, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use anyhow::Result;
use etherparse::PacketBuilder;

use crate::random::Random;

/// Servers are elsewhere: what they send comes from the router of the segment, as in the peers' traffic.
const ROUTER: [u8; 6] = [2, 0, 0, 0, 0, 1];

/// The two ends of a flow, and whether its frames carry a VLAN tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) client: (IpAddr, u16),
    pub(crate) server: (IpAddr, u16),
    pub(crate) vlan: Option<u16>,
}

impl Ends {
    pub(crate) fn draw(random: &mut Random, number: usize, server_port: u16) -> Self {
        let number = u32::try_from(number).unwrap_or(0);
        let far = u32::try_from(random.next() >> 40).unwrap_or(0);
        let (client, server) = if random.below(5) == 0 {
            let near = u128::from(number % 4096) + 1;
            (
                IpAddr::V6(Ipv6Addr::from(
                    0xfd00_0000_0000_0000_0000_0000_0000_0000 + near,
                )),
                IpAddr::V6(Ipv6Addr::from(
                    0x2001_0db8_0000_0000_0000_0000_0000_0000 + u128::from(far),
                )),
            )
        } else {
            (
                IpAddr::V4(Ipv4Addr::from(0x0a00_0001 + number % 4096)),
                IpAddr::V4(Ipv4Addr::from(0xcb00_0000 + far % 0xff_ffff)),
            )
        };
        let client_port =
            u16::try_from(1024 + (number / 4096 * 131 + number) % 64000).unwrap_or(1024);
        let vlan = (random.below(45) == 0).then_some(100);
        Self {
            client: (client, client_port),
            server: (server, server_port),
            vlan,
        }
    }

    fn builder(
        &self,
        from_client: bool,
    ) -> (
        etherparse::PacketBuilderStep<etherparse::IpHeaders>,
        u16,
        u16,
    ) {
        let (from, to) = if from_client {
            (self.client, self.server)
        } else {
            (self.server, self.client)
        };
        let client = match self.client.0 {
            IpAddr::V4(address) => {
                let [_, b, c, d] = address.octets();
                [2, 0, 0, b, c, d]
            }
            IpAddr::V6(_) => [2, 0, 0, 6, 6, 6],
        };
        let (near, far) = if from_client {
            (client, ROUTER)
        } else {
            (ROUTER, client)
        };
        let ethernet = PacketBuilder::ethernet2(near, far);
        let step = match (self.vlan, from.0, to.0) {
            (None, IpAddr::V4(from), IpAddr::V4(to)) => {
                ethernet.ipv4(from.octets(), to.octets(), 64)
            }
            (None, IpAddr::V6(from), IpAddr::V6(to)) => {
                ethernet.ipv6(from.octets(), to.octets(), 64)
            }
            (Some(id), from, to) => {
                let tagged = ethernet.single_vlan(id.try_into().unwrap_or_default());
                match (from, to) {
                    (IpAddr::V4(from), IpAddr::V4(to)) => {
                        tagged.ipv4(from.octets(), to.octets(), 64)
                    }
                    (from, to) => tagged.ipv6(six(from), six(to), 64),
                }
            }
            (None, from, to) => ethernet.ipv6(six(from), six(to), 64),
        };
        (step, from.1, to.1)
    }

    /// One UDP datagram.
    pub(crate) fn datagram(&self, from_client: bool, payload: &[u8]) -> Result<Vec<u8>> {
        let (step, from, to) = self.builder(from_client);
        let mut frame = Vec::with_capacity(payload.len() + 80);
        step.udp(from, to).write(&mut frame, payload)?;
        Ok(frame)
    }
}

fn six(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

/// A TCP connection that is being written down.
#[derive(Debug)]
pub(crate) struct Connection {
    ends: Ends,
    sent: [u32; 2],
    pub(crate) frames: Vec<Vec<u8>>,
}

impl Connection {
    /// With its handshake.
    pub(crate) fn open(ends: Ends, random: &mut Random) -> Result<Self> {
        let first = || -> u32 { 0 };
        let mut connection = Self {
            ends,
            sent: [first(), first()],
            frames: Vec::new(),
        };
        connection.sent =
            [random.next(), random.next()].map(|number| u32::try_from(number >> 32).unwrap_or(0));
        connection.push(true, |tcp| tcp.syn(), &[])?;
        connection.sent[0] = connection.sent[0].wrapping_add(1);
        connection.push(false, |tcp| tcp.syn(), &[])?;
        connection.sent[1] = connection.sent[1].wrapping_add(1);
        connection.push(true, |tcp| tcp, &[])?;
        Ok(connection)
    }

    fn push(
        &mut self,
        from_client: bool,
        flags: impl Fn(
            etherparse::PacketBuilderStep<etherparse::TcpHeader>,
        ) -> etherparse::PacketBuilderStep<etherparse::TcpHeader>,
        payload: &[u8],
    ) -> Result<()> {
        let (near, far) = if from_client { (0, 1) } else { (1, 0) };
        let (step, from, to) = self.ends.builder(from_client);
        let tcp = flags(
            step.tcp(from, to, self.sent[near], 65_000)
                .ack(self.sent[far]),
        );
        let mut frame = Vec::with_capacity(payload.len() + 80);
        tcp.write(&mut frame, payload)?;
        self.frames.push(frame);
        Ok(())
    }

    /// One segment; the sequence numbers move on.
    pub(crate) fn send(&mut self, from_client: bool, payload: &[u8]) -> Result<()> {
        self.push(
            from_client,
            etherparse::PacketBuilderStep::<etherparse::TcpHeader>::psh,
            payload,
        )?;
        let near = usize::from(!from_client);
        self.sent[near] = self.sent[near].wrapping_add(u32::try_from(payload.len())?);
        Ok(())
    }

    /// An acknowledgement without data.
    pub(crate) fn acknowledge(&mut self, from_client: bool) -> Result<()> {
        self.push(from_client, |tcp| tcp, &[])
    }

    /// Both sides close.
    pub(crate) fn close(&mut self) -> Result<()> {
        self.push(true, |tcp| tcp.fin(), &[])?;
        self.sent[0] = self.sent[0].wrapping_add(1);
        self.push(false, |tcp| tcp.fin(), &[])?;
        self.sent[1] = self.sent[1].wrapping_add(1);
        self.push(true, |tcp| tcp, &[])
    }
}

/// A pcap file with nanoseconds; frames of flows that overlap in time are interleaved.
#[derive(Debug)]
pub(crate) struct Capture {
    file: BufWriter<std::fs::File>,
    waiting: BinaryHeap<Reverse<(u64, u64, Vec<u8>)>>,
    order: u64,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

impl Capture {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
        for word in [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 262_144, 1] {
            file.write_all(&word.to_le_bytes())?;
        }
        Ok(Self {
            file,
            waiting: BinaryHeap::new(),
            order: 0,
            packets: 0,
            bytes: 0,
        })
    }

    /// The frames of a flow that starts at `at` nanoseconds, `gap` apart.
    pub(crate) fn add(&mut self, at: u64, gap: u64, frames: Vec<Vec<u8>>) {
        for (number, frame) in (0_u64..).zip(frames) {
            self.waiting
                .push(Reverse((at + number * gap, self.order, frame)));
            self.order += 1;
        }
    }

    /// Writes what is due before `end`.
    pub(crate) fn write_until(&mut self, end: u64) -> Result<()> {
        while self
            .waiting
            .peek()
            .is_some_and(|Reverse((at, ..))| *at < end)
        {
            let Some(Reverse((at, _, frame))) = self.waiting.pop() else {
                break;
            };
            let length = u32::try_from(frame.len())?;
            let seconds = 1_700_000_000 + u32::try_from(at / 1_000_000_000)?;
            for word in [seconds, u32::try_from(at % 1_000_000_000)?, length, length] {
                self.file.write_all(&word.to_le_bytes())?;
            }
            self.file.write_all(&frame)?;
            self.packets += 1;
            self.bytes += u64::from(length) + 16;
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self) -> Result<()> {
        self.write_until(u64::MAX)?;
        Ok(self.file.flush()?)
    }
}
