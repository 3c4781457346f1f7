//! Reads every capture of the shared corpus, which lies beside the repository on some machines, and
//! checks addresses and ports of the packets in which others have found messages.

#![cfg(test)]
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use capture::file::CaptureFile;
use capture::{PacketSource, Polled};
use serde_json::Value;
use wire::{Decoder, Packet, Transport};

/// Files of which rows may differ, and why.
const KNOWN_DIFFERENCES: &[(&str, &str)] = &[];

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if path.is_dir() {
        return Some(path);
    }
    println!("left out: no corpus at {}", path.display());
    None
}

fn captures(corpus: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(corpus.join("captures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

/// The addresses and ports of a frame's packet, as text.
type Ends = (String, u64, String, u64);

fn ends(packet: &Packet<'_>) -> Ends {
    let (sport, dport) = match packet.transport {
        Transport::Tcp(segment) => (segment.src_port, segment.dst_port),
        Transport::Udp(datagram) => (datagram.src_port, datagram.dst_port),
    };
    (
        packet.src.to_string(),
        sport.into(),
        packet.dst.to_string(),
        dport.into(),
    )
}

struct Read {
    ends: HashMap<u64, Ends>,
    frames: u64,
    counters: Vec<(&'static str, u64)>,
    warning: Option<String>,
    link_types: Vec<u16>,
}

fn read(path: &Path) -> Read {
    let mut source = CaptureFile::open(path).unwrap();
    let mut decoder = Decoder::new();
    let mut ends_by_frame = HashMap::new();
    while source
        .poll_frames(Duration::ZERO, &mut |frame| {
            if let Ok(packet) = decoder.decode(frame) {
                ends_by_frame.insert(frame.number, ends(&packet));
            }
        })
        .unwrap()
        != Polled::End
    {}
    Read {
        ends: ends_by_frame,
        frames: source.stats().received,
        counters: decoder
            .counters()
            .iter()
            .filter(|(_, count)| *count > 0)
            .collect(),
        warning: source.warning().map(|damage| damage.to_string()),
        link_types: decoder
            .counters()
            .unknown_link_types()
            .map(|l| l.0)
            .collect(),
    }
}

#[test]
fn every_capture_opens_and_every_frame_is_decoded() {
    let Some(corpus) = corpus() else { return };
    let mut totals = BTreeMap::new();
    for path in captures(&corpus) {
        let read = read(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        println!(
            "{name}: {} frames, {} packets, {:?} {:?} {:?}",
            read.frames,
            read.ends.len(),
            read.counters,
            read.link_types,
            read.warning
        );
        for (name, count) in read.counters {
            *totals.entry(name).or_insert(0) += count;
        }
    }
    println!("in all: {totals:?}");
}

#[test]
fn packets_have_the_addresses_that_others_found() {
    let Some(corpus) = corpus() else { return };
    let mut rows = 0_u64;
    let mut wrong = Vec::new();
    for path in captures(&corpus) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if KNOWN_DIFFERENCES.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let truth = fs::read_to_string(corpus.join(format!("truth/{name}.jsonl"))).unwrap();
        let read = read(&path);
        for line in truth.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            // What an ICMP error quotes is not a packet of its own.
            if row["layers"]
                .as_str()
                .is_some_and(|layers| layers.contains("icmp"))
            {
                continue;
            }
            let (Some(frame), Some(src)) = (row["frame"].as_u64(), row["src"].as_str()) else {
                continue;
            };
            let expected: Ends = (
                src.to_owned(),
                row["sport"].as_u64().unwrap(),
                row["dst"].as_str().unwrap().to_owned(),
                row["dport"].as_u64().unwrap(),
            );
            rows += 1;
            if read.ends.get(&frame) != Some(&expected) {
                let found = read.ends.get(&frame);
                let optional = row["optional"].as_bool().unwrap_or_default();
                wrong.push(format!(
                    "{name} frame {frame} {} optional={optional}: {expected:?}, decoded {found:?}",
                    row["layers"]
                ));
            }
        }
    }
    println!("{rows} rows checked");
    assert!(
        wrong.is_empty(),
        "{} of {rows}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
