//! The program of `bpf/names.bpf.c` in the kernel, and what it counts.
//!
//! It follows each flow in a table of the kernel, so that it can tell the beginning of a direction from
//! its bulk. What passes of a flow:
//!
//! | packet | passes |
//! |---|---|
//! | TCP with SYN, FIN or RST | whole |
//! | TCP, the first 68 KiB of each direction by sequence numbers, in any order, repeated or not | whole |
//! | TCP, of a side that answers (ServerHello, HTTP response) the first 4 KiB | whole |
//! | TCP of a side that began with a request in the clear, a mail or proxy command, SOCKS, or with DNS | whole, always |
//! | TCP beyond that | the headers whenever the flow grew by half, at most by 1 MiB, or passed nothing for 10 s |
//! | TCP without payload | once in 10 s |
//! | UDP of DNS, mDNS, LLMNR, DHCP and of tunnels; QUIC long headers; DTLS handshakes | whole |
//! | UDP, the first 32 datagrams of each direction; 4 of a QUIC connection | whole |
//! | UDP beyond that | counted in the table; the headers once in 10 s |
//! | fragments, other protocols, whatever is not understood | whole |
//!
//! No name is lost: the dissectors hold 66 KiB of a direction at most, look at fewer packets of an unknown
//! protocol than pass, and go on past that only in what always passes. Bytes stay known: TCP from the
//! sequence numbers of what passes, the last ones from the FIN; UDP from the table.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;

use aya::maps::{HashMap, MapData, PerCpuArray};
use aya::programs::SocketFilter;
use aya::{Ebpf, EbpfLoader};

/// Made by `bpf/build.sh`.
static OBJECT: &[u8] = include_bytes!("../../../../bpf/names.bpf.o");

/// `struct flow_key` and `struct flow` of the program, as bytes.
type Key = [u8; 40];
type Value = [u8; 64];

const UDP: u8 = 17;
/// Bytes of one side in `struct flow`; its first eight count payload.
const SIDE_BYTES: usize = 32;

/// The program as it runs for one socket.
pub(in crate::live::af_packet) struct EbpfFilter {
    /// Keeps the program.
    _program: Ebpf,
    flows: HashMap<MapData, Key, Value>,
    dropped: PerCpuArray<MapData, u64>,
}

impl std::fmt::Debug for EbpfFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EbpfFilter").finish_non_exhaustive()
    }
}

impl EbpfFilter {
    /// Loads the program and gives it to `socket`; what is wrong is told in words.
    pub(super) fn attach(socket: BorrowedFd<'_>, snaplen: u32) -> Result<Self, String> {
        let mut loader = EbpfLoader::new();
        loader.btf(None).override_global("SNAPLEN", &snaplen, true);
        let mut program = loader.load(OBJECT).map_err(|error| words(&error))?;
        let filter = program
            .program_mut("names")
            .ok_or("the object has no program")?;
        let filter: &mut SocketFilter = filter.try_into().map_err(|error| words(&error))?;
        filter.load().map_err(|error| words(&error))?;
        filter.attach(socket).map_err(|error| words(&error))?;
        let flows = program.take_map("FLOWS").ok_or("the object has no table")?;
        let dropped = program
            .take_map("DROPPED")
            .ok_or("the object has no counters")?;
        Ok(Self {
            flows: HashMap::try_from(flows).map_err(|error| words(&error))?,
            dropped: PerCpuArray::try_from(dropped).map_err(|error| words(&error))?,
            _program: program,
        })
    }

    /// Frames and bytes that were dropped so far.
    pub(in crate::live::af_packet) fn dropped(&self) -> (u64, u64) {
        let sum = |place| {
            let values = self.dropped.get(&place, 0);
            values.map_or(0, |values| {
                values.iter().fold(0_u64, |sum, n| sum.saturating_add(*n))
            })
        };
        (sum(0), sum(1))
    }

    /// Payload of a UDP flow so far, from `a` to `b` and from `b` to `a`; `None` when it is not followed.
    pub(in crate::live::af_packet) fn datagram_bytes(
        &self,
        a: SocketAddr,
        b: SocketAddr,
    ) -> Option<[u64; 2]> {
        let (key, a_is_low) = key_of(a, b)?;
        let value = self.flows.get(&key, 0).ok()?;
        let low = u64::from_ne_bytes(value.first_chunk().copied()?);
        let high = u64::from_ne_bytes(value.get(SIDE_BYTES..)?.first_chunk().copied()?);
        Some(if a_is_low { [low, high] } else { [high, low] })
    }
}

/// The key under which the program keeps a UDP flow, and whether `a` is its lesser end.
fn key_of(a: SocketAddr, b: SocketAddr) -> Option<(Key, bool)> {
    let version = match (a.ip(), b.ip()) {
        (IpAddr::V4(_), IpAddr::V4(_)) => 4,
        (IpAddr::V6(_), IpAddr::V6(_)) => 6,
        _ => return None,
    };
    // The program compares the words as its machine reads them, and does not turn them round.
    let rank = |end: SocketAddr| {
        let words = address_bytes(end.ip());
        let mut rank = [0; 5];
        for (to, word) in rank.iter_mut().zip(words.as_chunks::<4>().0) {
            *to = u32::from_ne_bytes(*word);
        }
        rank[4] = u16::from_ne_bytes(end.port().to_be_bytes()).into();
        rank
    };
    let a_is_low = rank(a) <= rank(b);
    let (low, high) = if a_is_low { (a, b) } else { (b, a) };
    let mut key = Vec::with_capacity(size_of::<Key>());
    key.extend(address_bytes(low.ip()));
    key.extend(address_bytes(high.ip()));
    key.extend(low.port().to_be_bytes());
    key.extend(high.port().to_be_bytes());
    key.extend([UDP, version, 0, 0]);
    Some((key.try_into().ok()?, a_is_low))
}

/// Sixteen bytes, of which a version 4 address takes the first four.
fn address_bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// An error with its causes, in one line; the log of the verifier is left out.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let line = error.to_string();
        let line = line.lines().next().unwrap_or_default();
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(line);
        next = error.source();
    }
    text
}
