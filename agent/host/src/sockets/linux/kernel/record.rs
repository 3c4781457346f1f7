//! The records that the kernel program writes (`bpf/records.h`), read byte by byte.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use flow::{FiveTuple, SocketCounters, TransportProtocol};

use crate::process::{Facts, MAX_PARENTS, TICK_NANOS};

/// Length of a record about a socket.
pub(super) const SOCKET_BYTES: usize = 96;
const PROCESS_BYTES: usize = 1984;
const GROUP_BYTES: usize = 96;
const ARGUMENTS_AT: usize = 448;
const ARGUMENT_BYTES: usize = 256;
const PATH_AT: usize = 704;
const PATH_BYTES: usize = 1024;

/// One program in one process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ProcessKey {
    /// Nanoseconds between the start of the system and its own.
    pub(crate) start: u64,
    pub(crate) pid: u32,
    /// How often the process became another program.
    pub(crate) exec: u32,
}

impl ProcessKey {
    /// The start as `/proc/PID/stat` has it.
    pub(crate) const fn start_ticks(self) -> u64 {
        self.start / TICK_NANOS
    }
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Opened,
    UsedBy,
    Counted,
    Closed,
}

/// What happened to a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SocketRecord {
    pub(crate) kind: Kind,
    pub(crate) tuple: FiveTuple,
    /// Number of the network namespace.
    pub(crate) net: u32,
    /// Nanoseconds since the start of the system.
    pub(crate) at: u64,
    pub(crate) process: ProcessKey,
    pub(crate) inode: u64,
    pub(crate) uid: u32,
    pub(crate) counters: SocketCounters,
}

/// A record of either sort.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Record {
    Socket(SocketRecord),
    /// A program, told before the first socket of it.
    Process(ProcessKey, Box<Facts>),
}

impl Record {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? {
            1 => process(bytes),
            _ => SocketRecord::parse(bytes).map(Self::Socket),
        }
    }
}

impl SocketRecord {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let [kind, protocol, ..] = *bytes.first_chunk::<SOCKET_BYTES>()?;
        let kind = match kind {
            2 => Kind::Opened,
            3 => Kind::UsedBy,
            4 => Kind::Counted,
            5 => Kind::Closed,
            _ => return None,
        };
        let transport = match protocol {
            6 => TransportProtocol::Tcp,
            17 => TransportProtocol::Udp,
            _ => return None,
        };
        Some(Self {
            kind,
            tuple: FiveTuple {
                orig: end(bytes, 64, 60)?,
                resp: end(bytes, 80, 62)?,
                transport,
            },
            net: word(bytes, 4)?,
            at: long(bytes, 8)?,
            process: key(bytes, 16)?,
            inode: long(bytes, 32)?,
            counters: SocketCounters {
                bytes_out: long(bytes, 40)?,
                bytes_in: long(bytes, 48)?,
            },
            uid: word(bytes, 56)?,
        })
    }
}

fn process(bytes: &[u8]) -> Option<Record> {
    bytes.get(..PROCESS_BYTES)?;
    let [_, parents, deleted, cut, ..] = *bytes.first_chunk::<4>()?;
    let key = key(bytes, 16)?;
    let path_from = usize::try_from(word(bytes, 40)?).ok()?.min(PATH_BYTES);
    let path = bytes.get(PATH_AT + path_from..PATH_AT + PATH_BYTES)?;
    // What is cut has lost its beginning, and would pass for another file.
    let mut executable = if cut == 0 { path.to_vec() } else { Vec::new() };
    if deleted != 0 && !executable.is_empty() {
        executable.extend(b" (deleted)");
    }
    let argument_bytes = usize::try_from(word(bytes, 44)?).ok()?.min(ARGUMENT_BYTES);
    let mut arguments = bytes
        .get(ARGUMENTS_AT..ARGUMENTS_AT + argument_bytes)?
        .to_vec();
    // A last word that was cut would be told as if it were whole.
    if argument_bytes == ARGUMENT_BYTES {
        let whole = arguments
            .iter()
            .rposition(|byte| *byte == 0)
            .unwrap_or_default();
        arguments.truncate(whole);
    }
    let group = |at: usize| bytes.get(at..at + GROUP_BYTES).map(text);
    let groups = [group(256)?, group(352)?]
        .map(String::from_utf8_lossy)
        .join("\n");
    let parents = (0..usize::from(parents).min(MAX_PARENTS))
        .filter_map(|n| {
            let at = 64 + n * 24;
            Some((word(bytes, at)?, text(bytes.get(at + 8..at + 24)?).to_vec()))
        })
        .collect();
    let facts = Facts {
        pid: key.pid,
        start_ticks: key.start_ticks(),
        name: text(bytes.get(48..64)?).to_vec(),
        executable,
        inode: Some(long(bytes, 32)?),
        arguments,
        groups,
        uid: Some(word(bytes, 4)?),
        parents,
    };
    Some(Record::Process(key, Box::new(facts)))
}

fn key(bytes: &[u8], at: usize) -> Option<ProcessKey> {
    Some(ProcessKey {
        start: long(bytes, at)?,
        pid: word(bytes, at + 8)?,
        exec: word(bytes, at + 12)?,
    })
}

fn end(bytes: &[u8], address_at: usize, port_at: usize) -> Option<SocketAddr> {
    let address = Ipv6Addr::from(array::<16>(bytes, address_at)?);
    let port = u16::from_ne_bytes(array(bytes, port_at)?);
    Some(SocketAddr::new(IpAddr::V6(address).to_canonical(), port))
}

/// The bytes before the first zero.
fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_ne_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_ne_bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_process_is_read_from_where_its_parts_are() {
        let mut bytes = vec![0; PROCESS_BYTES + 256];
        let mut put =
            |at: usize, part: &[u8]| bytes.splice(at..at + part.len(), part.to_vec()).count();
        put(0, &[1, 1, 1, 0]);
        put(4, &1000_u32.to_ne_bytes());
        put(16, &25_000_000_u64.to_ne_bytes());
        put(24, &42_u32.to_ne_bytes());
        put(40, &(1024 - 13_u32).to_ne_bytes());
        put(44, &9_u32.to_ne_bytes());
        put(48, b"curl\0junk");
        put(64, &7_u32.to_ne_bytes());
        put(72, b"bash\0junk");
        put(256, b"docker-x.scope\0junk");
        put(448, b"curl\0-sS\0secret");
        put(704 + 1024 - 13, b"/usr/bin/curl");
        let Some(Record::Process(key, facts)) = Record::parse(&bytes) else {
            panic!("no process");
        };
        assert_eq!((key.pid, key.start_ticks()), (42, 2));
        assert_eq!(facts.executable, b"/usr/bin/curl (deleted)");
        assert_eq!(facts.arguments, b"curl\0-sS\0");
        assert_eq!(facts.groups, "docker-x.scope\n");
        assert_eq!(facts.parents, [(7, b"bash".to_vec())]);
        assert_eq!(facts.uid, Some(1000));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes in prop::collection::vec(any::<u8>(), 0..2400), kind in 0_u8..8) {
            if let Some(first) = bytes.first_mut() {
                *first = kind;
            }
            let _record = Record::parse(&bytes);
        }
    }
}
