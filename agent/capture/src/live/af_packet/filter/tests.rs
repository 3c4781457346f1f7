//! The classic program, run here on packets, and the object of the eBPF program, made again.

use std::path::Path;
use std::process::Command;

use super::assembler::{HARDWARE_TYPE, LOOPBACK, OUTGOING, PACKET_TYPE, PROTOCOL, RANDOM};
use super::{Instruction, classic};

const SNAPLEN: u32 = 100_000;
const ETHERNET: u32 = 1;
const HOST: u32 = 0;

/// What the kernel notes on a frame.
#[derive(Clone, Copy)]
struct Notes {
    packet_type: u32,
    hardware: u32,
    protocol: u16,
    random: u32,
}

const SENT: Notes = Notes {
    packet_type: OUTGOING,
    hardware: ETHERNET,
    protocol: 0x0800,
    random: 1,
};
const RECEIVED: Notes = Notes {
    packet_type: HOST,
    ..SENT
};

/// Runs a program as the kernel does; a load past the end refuses the frame.
fn run(program: &[Instruction], notes: Notes, frame: &[u8]) -> u32 {
    let (mut at, mut a, mut x, mut cells) = (0, 0_u32, 0_u32, [0_u32; 16]);
    loop {
        let step = program[at];
        at += 1;
        let k = step.operand;
        let cell = usize::try_from(k).unwrap() & 15;
        let behind = |frame: &[u8]| frame.get(x.wrapping_add(k) as usize..).map(<[u8]>::to_vec);
        let mut jump = None;
        match step.code {
            0x20 => a = note(notes, k),
            0x48 => match behind(frame).as_deref() {
                Some([high, low, ..]) => a = u16::from_be_bytes([*high, *low]).into(),
                _ => return 0,
            },
            0x50 => match behind(frame).as_deref() {
                Some([byte, ..]) => a = u32::from(*byte),
                _ => return 0,
            },
            0x60 => a = cells[cell],
            0x01 => x = k,
            0x61 => x = cells[cell],
            0x02 => cells[cell] = a,
            0x07 => x = a,
            0x87 => a = x,
            0x04 => a = a.wrapping_add(k),
            0x0c => a = a.wrapping_add(x),
            0x1c => a = a.wrapping_sub(x),
            0x54 => a &= k,
            0x64 => a <<= k,
            0x74 => a >>= k,
            0x06 => return k,
            0x15 => jump = Some(a == k),
            0x25 => jump = Some(a > k),
            0x45 => jump = Some(a & k != 0),
            other => panic!("runs {other:#x}"),
        }
        at += usize::from(match jump {
            Some(true) => step.when_true,
            Some(false) => step.when_false,
            None => 0,
        });
    }
}

fn note(notes: Notes, place: u32) -> u32 {
    match place {
        PACKET_TYPE => notes.packet_type,
        HARDWARE_TYPE => notes.hardware,
        PROTOCOL => notes.protocol.into(),
        RANDOM => notes.random,
        other => panic!("loads {other:#x}"),
    }
}

/// An Ethernet frame with an IP packet of either version, TCP with these flags or UDP.
fn frame(version: u8, flags: Option<u8>, ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let mut transport = Vec::new();
    transport.extend(ports[0].to_be_bytes());
    transport.extend(ports[1].to_be_bytes());
    if let Some(flags) = flags {
        transport.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x80, flags]);
        transport.extend([0; 6 + 12]);
    } else {
        let length = u16::try_from(8 + payload.len()).unwrap();
        transport.extend(length.to_be_bytes());
        transport.extend([0; 2]);
    }
    transport.extend(payload);
    let protocol = if flags.is_some() { 6 } else { 17 };
    let mut frame = vec![2; 14];
    if version == 4 {
        let length = u16::try_from(24 + transport.len()).unwrap();
        frame.extend([0x46, 0]);
        frame.extend(length.to_be_bytes());
        frame.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        frame.extend([10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 1]);
    } else {
        let length = u16::try_from(transport.len()).unwrap();
        frame.extend([0x60, 0, 0, 0]);
        frame.extend(length.to_be_bytes());
        frame.extend([protocol, 64]);
        frame.extend([1; 32]);
    }
    frame.extend(transport);
    frame
}

const SYN: u8 = 2;
const ACK: u8 = 16;
const FIN_ACK: u8 = 17;
const WEB: [u16; 2] = [40_000, 443];
const BACK: [u16; 2] = [443, 40_000];

const LOCAL: Notes = Notes {
    hardware: LOOPBACK,
    ..RECEIVED
};
const LOCAL_COPY: Notes = Notes {
    hardware: LOOPBACK,
    ..SENT
};
const BY_CHANCE: Notes = Notes {
    random: 64,
    ..RECEIVED
};
const LOCAL_MODEL: [u16; 2] = [40_000, 11_434];
const BULK: usize = 60_000;

type Case = (&'static str, u32, Notes, Option<u8>, [u16; 2], usize, u8);

/// What it is, the bytes that pass; the kernel's notes, the flags of TCP, ports, payload and its first byte.
const CASES: [Case; 18] = [
    ("SYN", SNAPLEN, SENT, Some(SYN), WEB, 0, 0),
    ("SYN back", SNAPLEN, RECEIVED, Some(SYN | ACK), BACK, 0, 0),
    (
        "FIN with bulk",
        SNAPLEN,
        RECEIVED,
        Some(FIN_ACK),
        BACK,
        BULK,
        0,
    ),
    ("ACK", 0, SENT, Some(ACK), WEB, 0, 0),
    ("hello", SNAPLEN, SENT, Some(ACK), WEB, 1_800, 0x16),
    ("first flight", SNAPLEN, SENT, Some(ACK), WEB, 14_600, 0x16),
    ("upload", 198, SENT, Some(ACK), WEB, BULK, 0x17),
    ("download", 0, RECEIVED, Some(ACK), BACK, BULK, 0x17),
    (
        "download by chance",
        198,
        BY_CHANCE,
        Some(ACK),
        BACK,
        BULK,
        0x17,
    ),
    ("its end", 798, RECEIVED, Some(ACK), BACK, 600, 0x17),
    (
        "DNS back",
        SNAPLEN,
        RECEIVED,
        Some(ACK),
        [53, 40_000],
        4_000,
        0,
    ),
    (
        "local request",
        SNAPLEN,
        LOCAL,
        Some(ACK),
        LOCAL_MODEL,
        9_000,
        b'P',
    ),
    (
        "its first copy",
        0,
        LOCAL_COPY,
        Some(ACK),
        LOCAL_MODEL,
        9_000,
        b'P',
    ),
    ("datagram", SNAPLEN, SENT, None, WEB, 1_200, 0x41),
    ("Initial back", SNAPLEN, RECEIVED, None, BACK, 1_200, 0xc1),
    ("datagram back", 198, RECEIVED, None, BACK, 1_200, 0x41),
    ("empty datagram back", SNAPLEN, RECEIVED, None, BACK, 0, 0),
    (
        "DNS answer",
        SNAPLEN,
        RECEIVED,
        None,
        [53, 40_000],
        900,
        0x41,
    ),
];

#[test]
fn the_classic_program_passes_what_may_carry_a_name() {
    let program = classic::program(SNAPLEN).unwrap();
    assert!(program.len() <= 4096);
    for (version, protocol) in [(4, 0x0800), (6, 0x86dd)] {
        for (what, passes, notes, flags, ports, size, first) in CASES {
            let mut payload = vec![0x17; size];
            if let Some(byte) = payload.first_mut() {
                *byte = first;
            }
            let notes = Notes { protocol, ..notes };
            let came = run(&program, notes, &frame(version, flags, ports, &payload));
            assert_eq!(came, passes, "{what}, IP version {version}");
        }
    }
}

#[test]
fn the_classic_program_passes_what_it_does_not_understand() {
    let program = classic::program(SNAPLEN).unwrap();
    let bulk = frame(4, Some(ACK), BACK, &[0; 9_000]);
    assert_eq!(run(&program, RECEIVED, &bulk), 0);
    let mut fragment = bulk.clone();
    fragment[14 + 6] = 0x20;
    assert_eq!(run(&program, RECEIVED, &fragment), SNAPLEN);
    let mut tunnel = bulk.clone();
    tunnel[14 + 9] = 47;
    assert_eq!(run(&program, RECEIVED, &tunnel), SNAPLEN);
    let other_link = Notes {
        hardware: 778,
        ..RECEIVED
    };
    assert_eq!(run(&program, other_link, &bulk), SNAPLEN);
    let tagged = Notes {
        protocol: 0x8100,
        ..RECEIVED
    };
    assert_eq!(run(&program, tagged, &bulk), SNAPLEN);
    let arp = Notes {
        protocol: 0x0806,
        ..RECEIVED
    };
    assert_eq!(run(&program, arp, &bulk), 0);
    let tun = Notes {
        hardware: 65_534,
        ..RECEIVED
    };
    assert_eq!(run(&program, tun, &bulk[14..]), 0);
}

/// Where the same compiler is, the object that is checked in is what it makes of the source.
#[test]
fn the_object_is_made_of_the_source() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bpf");
    let version = Command::new("clang-14").arg("--version").output();
    let stripper = Command::new("llvm-strip-14").arg("--version").output();
    let (Ok(version), Ok(_)) = (version, stripper) else {
        println!("left out: clang-14 and llvm-14 are not installed");
        return;
    };
    if !String::from_utf8_lossy(&version.stdout).contains("version 14.0.6") {
        println!("left out: another clang 14 than the object was made with");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("names.bpf.o");
    let status = Command::new(folder.join("build.sh"))
        .arg(&made)
        .status()
        .unwrap();
    assert!(status.success());
    let (made, kept) = (
        std::fs::read(made).unwrap(),
        std::fs::read(folder.join("names.bpf.o")).unwrap(),
    );
    assert!(
        made == kept,
        "run agent/capture/bpf/build.sh and commit the object"
    );
}
