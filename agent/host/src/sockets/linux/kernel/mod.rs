//! The kernel program that sees sockets being connected (`bpf/sockets.bpf.c`), loaded and read.
//!
//! It needs no control group and no kernel probes: trace points with type information are there on every
//! kernel since 5.8 that has BTF. The kernel never wakes the agent: records wait in a ring of 1 MiB until
//! they are asked for, and what found no room is counted.

mod record;

use std::fs;
use std::os::unix::fs::MetadataExt;

use aya::maps::{HashMap, MapData, PerCpuArray, RingBuf};
use aya::programs::BtfTracePoint;
use aya::{Btf, Ebpf, EbpfLoader, include_bytes_aligned};

pub(super) use record::{Kind, ProcessKey, Record, SocketRecord};

static OBJECT: &[u8] = include_bytes_aligned!("../../../../bpf/sockets.bpf.o");

/// The pid namespace that the system began with (`linux/proc_ns.h`).
const FIRST_PID_NAMESPACE: u64 = 0xEFFF_FFFC;
/// Records that one call takes: what a process that opens sockets without end can cost.
const MAX_RECORDS: usize = 65_536;
/// A UDP socket that moved nothing for so long is counted no more.
const IDLE_NANOS: u64 = 300_000_000_000;

/// A program of the object: its function, its trace point, and what is lost without it.
const OPTIONAL: [(&str, &str, &str); 4] = [
    (
        "sent",
        "sock_send_length",
        "programs behind UDP flows (QUIC) are looked up and not exact, and a socket that is passed on is not noticed",
    ),
    (
        "received",
        "sock_recv_length",
        "bytes that UDP sockets receive are counted from packets alone",
    ),
    (
        "queued",
        "net_dev_queue",
        "programs that send UDP without connecting are looked up and not exact",
    ),
    (
        "program_began",
        "sched_process_exec",
        "what a runtime runs is not known of programs that write over their command line",
    ),
];

/// The loaded program.
pub(super) struct Kernel {
    /// Holds the programs: they end with it.
    _ebpf: Ebpf,
    records: RingBuf<MapData>,
    datagrams: HashMap<MapData, u64, [u8; record::SOCKET_BYTES]>,
    losses: PerCpuArray<MapData, u64>,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").finish_non_exhaustive()
    }
}

impl Kernel {
    /// Loads the program and attaches it; says what of it could not be.
    ///
    /// # Errors
    /// Why nothing of it can be used, in words.
    pub(super) fn open() -> Result<(Self, Vec<String>), String> {
        let pids = fs::metadata("/proc/self/ns/pid").map_or(0, |space| space.ino());
        if pids != FIRST_PID_NAMESPACE {
            return Err("the agent runs in a pid namespace of its own".to_owned());
        }
        let btf = Btf::from_sys_fs().map_err(|error| format!("the kernel has no BTF: {error}"))?;
        let mut ebpf = EbpfLoader::new()
            .btf(Some(&btf))
            .load(OBJECT)
            .map_err(|error| format!("the kernel refuses the program: {}", chain(&error)))?;
        let mut told = Vec::new();
        attach(&mut ebpf, "state_changed", "inet_sock_set_state", &btf)
            .map_err(|error| format!("the kernel refuses the program: {error}"))?;
        for (function, point, loss) in OPTIONAL {
            if let Err(error) = attach(&mut ebpf, function, point, &btf) {
                told.push(format!("kernel events lack {point} ({error}): {loss}"));
            }
        }
        let mut map = |name: &str| {
            ebpf.take_map(name)
                .ok_or_else(|| format!("the program has no map {name}"))
        };
        let unusable = |error| format!("a map cannot be used: {}", chain(&error));
        let records = RingBuf::try_from(map("records")?).map_err(unusable)?;
        let datagrams = HashMap::try_from(map("datagrams")?).map_err(unusable)?;
        let losses = PerCpuArray::try_from(map("losses")?).map_err(unusable)?;
        let kernel = Self {
            _ebpf: ebpf,
            records,
            datagrams,
            losses,
        };
        Ok((kernel, told))
    }

    /// Takes what was recorded; never waits. Says how many records were not understood.
    pub(super) fn poll(&mut self, take: &mut dyn FnMut(Record)) -> u64 {
        let mut odd = 0;
        for _ in 0..MAX_RECORDS {
            let Some(item) = self.records.next() else {
                break;
            };
            match Record::parse(&item) {
                Some(record) => take(record),
                None => odd += 1,
            }
        }
        odd
    }

    /// The figures of UDP sockets that are connected. `now` is the time since the system's start.
    pub(super) fn datagrams(&mut self, now: u64, take: &mut dyn FnMut(SocketRecord)) {
        let mut idle = Vec::new();
        for (id, bytes) in self.datagrams.iter().flatten() {
            let Some(record) = SocketRecord::parse(&bytes) else {
                continue;
            };
            take(record);
            if now.saturating_sub(record.at) > IDLE_NANOS {
                idle.push(id);
            }
        }
        for id in idle {
            // The kernel may have made room of it meanwhile.
            let _gone = self.datagrams.remove(&id);
        }
    }

    /// What found no room in the kernel.
    pub(super) fn losses(&self) -> [(&'static str, u64); 4] {
        let names = [
            "socket_events_lost",
            "process_events_lost",
            "socket_states_refused",
            "socket_events_of_floods",
        ];
        let mut at = 0_u32;
        names.map(|name| {
            let each = self.losses.get(&at, 0);
            at = at.saturating_add(1);
            let sum = each.map_or(0, |each| {
                each.iter().fold(0_u64, |sum, n| sum.saturating_add(*n))
            });
            (name, sum)
        })
    }
}

fn attach(ebpf: &mut Ebpf, function: &str, point: &str, btf: &Btf) -> Result<(), String> {
    let program = ebpf.program_mut(function).ok_or("not in the object")?;
    let program: &mut BtfTracePoint = program.try_into().map_err(|error| chain(&error))?;
    program.load(point, btf).map_err(|error| chain(&error))?;
    program.attach().map_err(|error| chain(&error))?;
    Ok(())
}

/// An error and its causes in one short line; the verifier's log may be long.
fn chain(error: &dyn std::error::Error) -> String {
    const MAX_CHARS: usize = 200;
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars()
        .take(MAX_CHARS)
        .map(|c| if c == '\n' { ' ' } else { c })
        .collect()
}
