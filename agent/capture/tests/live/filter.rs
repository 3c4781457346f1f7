//! What an endpoint's filter in the kernel lets pass, keeps back and counts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use capture::live::{Backend, Filter, LiveConfig, NamesFilter};
use capture::{PacketSource, Polled};
use wire::{Decoder, Frame, Transport};

use crate::namespace::{inside, ip, joined_interfaces};

const SHORT: Duration = Duration::from_millis(400);
/// A download that is all bulk but for its beginning.
const BULK: usize = 4 << 20;

fn open(interface: &str, filter: Filter) -> Box<dyn PacketSource + Send> {
    let config = LiveConfig {
        backend: Backend::AfPacket,
        filter,
        ..LiveConfig::default()
    };
    capture::live::open(interface, config).unwrap()
}

/// What came of one direction of a TCP connection.
#[derive(Default, Debug)]
struct Came {
    frames: usize,
    /// Payload bytes that came themselves.
    bytes: usize,
    fin: bool,
    /// From the first sequence number to the last one seen.
    progress: u32,
    first: Option<u32>,
}

fn read(source: &mut dyn PacketSource, from_port: u16) -> Came {
    let mut decoder = Decoder::new();
    let mut came = Came::default();
    let mut on_frame = |frame: &Frame<'_>| {
        let Ok(packet) = decoder.decode(frame) else {
            return;
        };
        let Transport::Tcp(segment) = packet.transport else {
            return;
        };
        let tells = segment.payload_len > 0 || segment.flags.syn() || segment.flags.fin();
        if segment.src_port != from_port || !tells {
            return;
        }
        came.frames += 1;
        came.bytes += segment.payload.len();
        came.fin |= segment.flags.fin();
        let syn = u32::from(segment.flags.syn());
        let first = *came.first.get_or_insert(segment.seq + syn);
        let end = segment.seq.wrapping_add(syn + segment.payload_len);
        came.progress = came.progress.max(end.wrapping_sub(first));
    };
    while source.poll_frames(SHORT, &mut on_frame).unwrap() != Polled::Idle {}
    came
}

/// A connection over which the client sends `request` and the server answers with `answer`, then `BULK` bytes.
fn download(request: &[u8], answer: &[u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(request).unwrap();
    server.read_exact(&mut vec![0; request.len()]).unwrap();
    server.write_all(answer).unwrap();
    let sender = thread::spawn(move || server.write_all(&vec![b'x'; BULK]).unwrap());
    let mut got = Vec::new();
    client.read_to_end(&mut got).unwrap();
    sender.join().unwrap();
    assert_eq!(got.len(), answer.len() + BULK);
    address.port()
}

#[test]
fn the_bulk_of_a_download_stays_in_the_kernel() {
    if !inside("filter::the_bulk_of_a_download_stays_in_the_kernel") {
        return;
    }
    ip("link set lo up");
    let mut all = open("lo", Filter::All);
    let mut names = open("lo", Filter::Names(NamesFilter::Best));
    assert_eq!((names.filter(), names.filter_reason()), ("ebpf", None));
    let port = download(
        b"\x16\x03\x01\x02\x00\x01hello",
        b"\x16\x03\x03\x00\x7a\x02",
    );
    let (all_came, names_came) = (read(all.as_mut(), port), read(names.as_mut(), port));
    assert!(names_came.fin);
    assert_eq!(names_came.progress as usize, 6 + BULK);
    assert_eq!(all_came.progress, names_came.progress);
    assert!(names_came.bytes < 16 * 1024, "{names_came:?}");
    assert!(names_came.frames < 60, "{names_came:?}");
    let (all, names) = (all.stats(), names.stats());
    assert_eq!((all.filtered, all.filtered_bytes), (0, 0));
    assert_eq!(names.received + names.filtered, all.received);
    assert!(names.filtered_bytes > BULK as u64 * 8 / 10, "{names:?}");
}

#[test]
fn datagrams_that_are_kept_back_are_counted() {
    if !inside("filter::datagrams_that_are_kept_back_are_counted") {
        return;
    }
    ip("link set lo up");
    for (from, to) in [("127.0.0.1:0", "127.0.0.1:0"), ("[::1]:0", "[::1]:0")] {
        let mut names = open("lo", Filter::Names(NamesFilter::Best));
        let (client, server) = (UdpSocket::bind(from).unwrap(), UdpSocket::bind(to).unwrap());
        let ends = [&client, &server].map(|socket| socket.local_addr().unwrap());
        let send = |from: &UdpSocket, to: SocketAddr, first: u8, size: usize, count: usize| {
            let mut datagram = vec![7; size];
            datagram[0] = first;
            for _ in 0..count {
                from.send_to(&datagram, to).unwrap();
            }
        };
        send(&client, ends[1], 0xc3, 1200, 2);
        send(&server, ends[0], 0xc3, 1200, 3);
        send(&server, ends[0], 0x41, 1000, 500);
        send(&client, ends[1], 0x41, 50, 100);
        send(&client, ends[1], 0xc3, 1200, 1);
        let mut frames = 0;
        while names.poll_frames(SHORT, &mut |_| frames += 1).unwrap() != Polled::Idle {}
        // Long headers always, others while fewer than four of their direction came.
        assert_eq!(frames, 6 + 1 + 2, "{from}");
        let bytes = names.datagram_bytes(ends[0], ends[1]).unwrap();
        assert_eq!(bytes, [3 * 1200 + 100 * 50, 3 * 1200 + 500 * 1000]);
        let back = names.datagram_bytes(ends[1], ends[0]).unwrap();
        assert_eq!(back, [bytes[1], bytes[0]]);
        assert_eq!(names.datagram_bytes(ends[0], ends[0]), None);
    }
}

/// A datagram with 500 bytes from `port`, behind these tags, in a packet with these bits for fragments.
fn datagram(tags: &[u16], port: u16, fragment: [u8; 2]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    for kind in tags {
        frame.extend(kind.to_be_bytes());
        frame.extend([0, 7]);
    }
    frame.extend([0x08, 0x00, 0x45, 0, 2, 16, 0, 0]);
    frame.extend(fragment);
    frame.extend([64, 17, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2]);
    frame.extend(port.to_be_bytes());
    frame.extend([0x1e, 0x61, 1, 252, 0, 0]);
    frame.extend([0x41; 500]);
    frame
}

#[test]
fn tags_are_read_through_and_fragments_pass() {
    if !inside("filter::tags_are_read_through_and_fragments_pass") {
        return;
    }
    joined_interfaces();
    let mut sender = pcap::Capture::from_device("v0").unwrap().open().unwrap();
    let (whole, more) = ([0x40, 0], [0x20, 0]);
    let cases: [(&[u16], [u8; 2], usize); 5] = [
        (&[], whole, 32),
        (&[0x8100], whole, 32),
        (&[0x88a8, 0x8100], whole, 32),
        (&[], more, 100),
        (&[0x8100], more, 100),
    ];
    for (port, (tags, fragment, passes)) in (3_000_u16..).zip(cases) {
        for end in ["v0", "v1"] {
            let mut names = open(end, Filter::Names(NamesFilter::Ebpf));
            for _ in 0..100 {
                sender.sendpacket(datagram(tags, port, fragment)).unwrap();
            }
            let mut came = 0;
            let mut count = |frame: &Frame<'_>| came += usize::from(frame.data.len() > 500);
            while names.poll_frames(SHORT, &mut count).unwrap() != Polled::Idle {}
            assert_eq!(came, passes, "{tags:x?} {fragment:x?} at {end}");
        }
    }
}
