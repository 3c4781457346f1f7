//! Captures that are sent over a cable: what two sources on its end give, one that the kernel filters and one
//! that gets every frame, is the same in every name, stage and byte.
#![cfg(target_os = "linux")]
#![cfg(test)]

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use capture::file::CaptureFile;
use capture::live::{Backend, Filter, LiveConfig, NamesFilter};
use capture::{PacketSource, Polled};
use flow::{
    Engine, EngineConfig, FlowReport, MessageContext, Observer, SocketCounters, Stage, Tracker,
};
use wire::{Frame, LinkType, Message, Timestamp};

const INSIDE: &str = "GNOMON_TEST_IN_NAMESPACE";
const TEST: &str = "filtered_captures_give_the_same_names_stages_and_bytes";
/// Frames sent before the ends are read.
const CHUNK: usize = 2_000;
const SHORT: Duration = Duration::from_millis(250);
/// Longest frame that the cable takes, with its header.
const LONGEST: usize = 65_000;

/// Whether this runs in a network of its own. When not, runs it there.
fn inside() -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let probe = Command::new("unshare")
        .args(["--net", "true"])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        println!("left out: {TEST} needs to make a network namespace");
        return false;
    }
    let status = Command::new("unshare")
        .arg("--net")
        .arg(env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{TEST} failed in its namespace");
    false
}

fn ip(line: &str) {
    let status = Command::new("ip")
        .args(line.split_whitespace())
        .status()
        .unwrap();
    assert!(status.success(), "ip {line}");
}

/// Every name that messages carry, and how often.
#[derive(Default, PartialEq, Eq, Debug)]
struct Names(BTreeMap<String, u64>);

impl Observer for Names {
    fn message(&mut self, context: &MessageContext, message: Message<'_>) {
        let name = match message {
            Message::Tls(hello) | Message::Dtls(hello) => hello.server_name(),
            Message::Quic(hello) => hello.hello().server_name(),
            Message::Gquic(hello) => hello.server_name(),
            Message::Http(head) => head.name(),
            Message::Http2(head) => head.name(),
            Message::SslV2(_) | Message::Dns(_) | _ => None,
        };
        let name = name.map(|name| name.to_string()).unwrap_or_default();
        *self
            .0
            .entry(format!("{} {name}", context.flow.tuple.resp))
            .or_default() += 1;
    }
}

/// One end of the cable, with all that is made of its frames.
struct End {
    source: Box<dyn PacketSource + Send>,
    tracker: Tracker,
    names: Names,
    engine: Engine,
    last: Timestamp,
}

/// What is compared of a finding: service and side; stage, bytes both ways.
type Found = BTreeMap<(String, String), (Stage, u64, u64)>;

impl End {
    fn open(filter: Filter) -> Self {
        let config = LiveConfig {
            backend: Backend::AfPacket,
            ring_bytes: 64 << 20,
            filter,
            ..LiveConfig::default()
        };
        Self {
            source: capture::live::open("v1", config).unwrap(),
            tracker: Tracker::default(),
            names: Names::default(),
            engine: Engine::new(EngineConfig::default()),
            last: Timestamp::default(),
        }
    }

    fn read(&mut self) {
        let Self {
            source,
            tracker,
            names,
            engine,
            last,
        } = self;
        let mut handle = |frames: &[Frame<'_>]| {
            tracker.handle_frames(frames, names);
            engine.handle_frames(frames);
            *last = frames.last().map_or(*last, |frame| frame.ts);
        };
        while source.poll_batch(SHORT, &mut handle).unwrap() != Polled::Idle {}
    }

    fn finish(mut self) -> (Names, Found) {
        for tuple in self.engine.matched_datagram_flows() {
            if let Some([bytes_out, bytes_in]) = self.source.datagram_bytes(tuple.orig, tuple.resp)
            {
                let counters = SocketCounters {
                    bytes_out,
                    bytes_in,
                };
                self.engine
                    .handle_socket_counters(self.last, &tuple, counters, false);
            }
        }
        assert_eq!(self.source.stats().dropped, 0);
        self.tracker.finish(&mut self.names);
        self.engine.finish();
        let mut flows: BTreeMap<u64, FlowReport> = BTreeMap::new();
        while let Some(report) = self.engine.poll_report() {
            flows.insert(report.number, report);
        }
        let mut found = Found::new();
        for report in flows.into_values() {
            let key = (report.service.to_string(), format!("{:?}", report.surface));
            let sum = found.entry(key).or_insert((report.stage, 0, 0));
            sum.0 = sum.0.max(report.stage);
            sum.1 += report.bytes_out;
            sum.2 += report.bytes_in;
        }
        (self.names, found)
    }
}

/// Captures of the repository, and the sample of the peers' traffic where it is at hand.
fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for protocol in std::fs::read_dir(root.join("tests/pcaps")).unwrap() {
        let Ok(files) = std::fs::read_dir(protocol.unwrap().path()) else {
            continue;
        };
        let files = files.map(|file| file.unwrap().path());
        found.extend(files.filter(|file| file.extension().is_some_and(|kind| kind == "pcap")));
    }
    let sample = root.join("../shared/bench/hello_s.pcap");
    if sample.is_file() {
        found.push(sample);
    } else {
        println!("left out: no sample of the peers' traffic");
    }
    found.sort();
    found
}

/// Sends the Ethernet frames of a capture, and reads both ends now and then. Returns how many they were.
fn send(path: &Path, ends: &mut [End]) -> usize {
    let mut sender = pcap::Capture::from_device("v0").unwrap().open().unwrap();
    let mut file = CaptureFile::open(path).unwrap();
    let mut sent = 0;
    loop {
        let polled = file.poll_frames(Duration::ZERO, &mut |frame| {
            if frame.link_type == LinkType::ETHERNET && frame.data.len() < LONGEST {
                sender.sendpacket(frame.data).unwrap();
                sent += 1;
                if sent % CHUNK == 0 {
                    ends.iter_mut().for_each(End::read);
                }
            }
        });
        if polled.unwrap() == Polled::End {
            break;
        }
    }
    ends.iter_mut().for_each(End::read);
    sent
}

#[test]
fn filtered_captures_give_the_same_names_stages_and_bytes() {
    if !inside() {
        return;
    }
    ip("link add v0 type veth peer name v1");
    for end in ["v0", "v1"] {
        ip(&format!("link set {end} mtu 65000 up"));
    }
    let mut named = 0;
    for path in captures() {
        let filters = [Filter::All, Filter::Names(NamesFilter::Best)];
        let mut ends = filters.map(End::open);
        if send(&path, &mut ends) == 0 {
            println!("left out: {} holds no Ethernet", path.display());
            continue;
        }
        let [all, filtered] = ends;
        assert_eq!(filtered.source.filter(), "ebpf");
        let kept_back = filtered.source.stats();
        let (all, filtered) = (all.finish(), filtered.finish());
        assert_eq!(filtered.0, all.0, "{}", path.display());
        assert_eq!(filtered.1, all.1, "{}", path.display());
        let names: u64 = all.0.0.values().sum();
        println!("{}: {names} names, {kept_back:?}", path.display());
        named += names;
    }
    assert!(named > 10, "{named}");
}
