//! A network of a test's own, and what the tests do in it.

use std::env;
use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use capture::live::{Backend, LiveConfig};
use capture::{Error, PacketSource, Polled};
use wire::{Decoder, Frame, Packet, Transport};

const INSIDE: &str = "GNOMON_TEST_IN_NAMESPACE";

/// What the test datagrams carry, so that others are told apart.
pub(crate) const MARK: &[u8] = b"gnomon capture test ";

pub(crate) const BACKENDS: [Backend; 2] = [Backend::AfPacket, Backend::Pcap];

/// Whether the test runs in its own network. When not, runs it there.
pub(crate) fn inside(test: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let allowed = Command::new("unshare")
        .args(["--net", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !allowed {
        println!("left out: {test} needs to make a network namespace");
        return false;
    }
    let status = Command::new("unshare")
        .arg("--net")
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in its namespace");
    false
}

/// Runs `ip` with the words of a line.
pub(crate) fn ip(line: &str) {
    let status = Command::new("ip")
        .args(line.split_whitespace())
        .status()
        .unwrap();
    assert!(status.success(), "ip {line}");
}

/// Two interfaces that are joined: what is sent to 10.9.0.2 leaves through `v0` and arrives at `v1`.
pub(crate) fn joined_interfaces() {
    ip("link set lo up");
    ip("link add v0 type veth peer name v1");
    ip("addr add 10.9.0.1/24 dev v0");
    ip("link set v0 address 02:00:00:00:00:01 up");
    ip("link set v1 address 02:00:00:00:00:02 up");
    ip("neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0");
}

pub(crate) fn config(backend: Backend) -> LiveConfig {
    LiveConfig {
        backend,
        ..LiveConfig::default()
    }
}

pub(crate) fn open(interface: &str, backend: Backend) -> Box<dyn PacketSource + Send> {
    capture::live::open(interface, config(backend)).unwrap()
}

/// Sends marked datagrams, numbered from 0.
pub(crate) fn send_marked(from: &str, to: &str, count: usize) {
    let socket = UdpSocket::bind((from, 0)).unwrap();
    for number in 0..count {
        let text = [MARK, number.to_string().as_bytes()].concat();
        socket.send_to(&text, (to, 7777)).unwrap();
    }
}

/// Reads until `enough` says so, or the time is over.
pub(crate) fn read_until(
    source: &mut dyn PacketSource,
    limit: Duration,
    mut on_frame: impl FnMut(&Frame<'_>),
    mut enough: impl FnMut() -> bool,
) -> Result<(), Error> {
    let start = Instant::now();
    while start.elapsed() < limit && !enough() {
        let step = Duration::from_millis(50);
        assert_ne!(source.poll_frames(step, &mut on_frame)?, Polled::End);
    }
    Ok(())
}

/// What is kept of a packet after its frame is gone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Seen {
    pub(crate) payload: Vec<u8>,
    pub(crate) source_port: u16,
    pub(crate) vlan: Option<u16>,
    pub(crate) src_mac: Option<[u8; 6]>,
    pub(crate) nanos: i64,
}

/// Reads the marked datagrams that arrive within a time.
pub(crate) fn read_marked(source: &mut dyn PacketSource, limit: Duration) -> Vec<Seen> {
    let mut decoder = Decoder::new();
    let mut seen = Vec::new();
    let on_frame = |frame: &Frame<'_>| {
        if let Ok(packet) = decoder.decode(frame) {
            seen.extend(marked(&packet));
        }
    };
    read_until(source, limit, on_frame, || false).unwrap();
    seen
}

fn marked(packet: &Packet<'_>) -> Option<Seen> {
    let Transport::Udp(datagram) = packet.transport else {
        return None;
    };
    datagram.payload.starts_with(MARK).then(|| Seen {
        payload: datagram.payload.to_vec(),
        source_port: datagram.src_port,
        vlan: packet.vlan,
        src_mac: packet.src_mac,
        nanos: packet.ts.as_nanos(),
    })
}
