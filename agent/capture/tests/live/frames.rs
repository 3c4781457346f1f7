//! Frames arrive, once each, with what the kernel knows of them.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use capture::live::{ANY, Backend, Fanout, LiveConfig};
use wire::LinkType;

use crate::namespace::{
    BACKENDS, MARK, Seen, inside, ip, joined_interfaces, open, read_marked, read_until, send_marked,
};

const SHORT: Duration = Duration::from_millis(700);

#[test]
fn loopback_packets_appear_once() {
    if !inside("frames::loopback_packets_appear_once") {
        return;
    }
    ip("link set lo up");
    for backend in BACKENDS {
        for interface in ["lo", ANY] {
            let mut source = open(interface, backend);
            send_marked("127.0.0.1", "127.0.0.1", 20);
            let seen = read_marked(source.as_mut(), SHORT);
            let numbers: BTreeSet<_> = seen.iter().map(|seen| &seen.payload).collect();
            assert_eq!(
                (seen.len(), numbers.len()),
                (20, 20),
                "{interface} {backend:?}"
            );
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_nanos();
            let age = i64::try_from(now).unwrap() - seen[0].nanos;
            assert!(
                (0..60_000_000_000).contains(&age),
                "{backend:?} is {age} ns old"
            );
        }
    }
}

#[test]
fn any_sees_every_interface_with_its_addresses() {
    if !inside("frames::any_sees_every_interface_with_its_addresses") {
        return;
    }
    joined_interfaces();
    let mut source = open(ANY, Backend::AfPacket);
    send_marked("10.9.0.1", "10.9.0.2", 5);
    send_marked("127.0.0.1", "127.0.0.1", 5);
    let seen = read_marked(source.as_mut(), SHORT);
    let from_veth = seen
        .iter()
        .filter(|seen| seen.src_mac == Some([2, 0, 0, 0, 0, 1]))
        .count();
    // Sent from one end and received at the other, and once on the loopback.
    assert_eq!((from_veth, seen.len()), (10, 15));
}

#[test]
fn vlan_tags_that_the_kernel_took_off_are_kept() {
    if !inside("frames::vlan_tags_that_the_kernel_took_off_are_kept") {
        return;
    }
    joined_interfaces();
    for backend in BACKENDS {
        let mut source = open("v1", backend);
        let mut sender = pcap::Capture::from_device("v0").unwrap().open().unwrap();
        sender
            .sendpacket(tagged_datagram(&[(0x8100, 0x2007)]))
            .unwrap();
        sender
            .sendpacket(tagged_datagram(&[(0x88a8, 100), (0x8100, 200)]))
            .unwrap();
        sender.sendpacket(tagged_datagram(&[])).unwrap();
        let vlans: Vec<_> = read_marked(source.as_mut(), SHORT)
            .iter()
            .map(|seen| seen.vlan)
            .collect();
        assert_eq!(vlans, [Some(7), Some(200), None], "{backend:?}");
    }
}

/// A marked datagram in an Ethernet frame with these VLAN tags (type and tag).
fn tagged_datagram(tags: &[(u16, u16)]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    for (kind, tag) in tags {
        frame.extend(kind.to_be_bytes());
        frame.extend(tag.to_be_bytes());
    }
    let udp_length = u16::try_from(8 + MARK.len()).unwrap();
    frame.extend([0x08, 0x00, 0x45, 0]);
    frame.extend((udp_length + 20).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2]);
    frame.extend([0x1e, 0x61, 0x1e, 0x61]);
    frame.extend(udp_length.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(MARK);
    frame
}

#[test]
fn what_cannot_carry_ip_stays_in_the_kernel() {
    if !inside("frames::what_cannot_carry_ip_stays_in_the_kernel") {
        return;
    }
    joined_interfaces();
    for backend in BACKENDS {
        let mut source = open("v1", backend);
        // Nobody has this address, so the kernel asks for it.
        let stranger = UdpSocket::bind(("10.9.0.1", 0)).unwrap();
        stranger.send_to(b"?", ("10.9.0.77", 9)).unwrap();
        thread::sleep(Duration::from_millis(100));
        send_marked("10.9.0.1", "10.9.0.2", 1);
        let (mut frames, mut arp) = (0, 0);
        let count = |frame: &wire::Frame<'_>| {
            assert_eq!(frame.link_type, LinkType::ETHERNET);
            frames += 1;
            arp += usize::from(frame.data[12..14] == [0x08, 0x06]);
        };
        read_until(source.as_mut(), SHORT, count, || false).unwrap();
        assert!(frames > 0, "{backend:?} saw nothing");
        assert_eq!(arp, 0, "{backend:?}");
    }
}

#[test]
fn frames_larger_than_a_packet_are_whole() {
    if !inside("frames::frames_larger_than_a_packet_are_whole") {
        return;
    }
    ip("link set lo up");
    for backend in BACKENDS {
        let mut source = open("lo", backend);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let sender = thread::spawn(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(&vec![7; 4_000_000]).unwrap();
        });
        let (mut stream, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        sender.join().unwrap();
        let mut largest = 0;
        let measure = |frame: &wire::Frame<'_>| {
            assert_eq!(frame.data.len(), frame.orig_len as usize);
            largest = largest.max(frame.data.len());
        };
        read_until(source.as_mut(), SHORT, measure, || false).unwrap();
        assert!(largest > 30_000, "{backend:?} saw at most {largest} bytes");
    }
}

#[test]
fn the_snap_length_cuts_frames_and_keeps_their_length() {
    if !inside("frames::the_snap_length_cuts_frames_and_keeps_their_length") {
        return;
    }
    ip("link set lo up");
    // Somebody listens, so that no error message comes back.
    let listener = UdpSocket::bind("127.0.0.1:7777").unwrap();
    for backend in BACKENDS {
        let config = LiveConfig {
            backend,
            snaplen: 50,
            ..LiveConfig::default()
        };
        let mut source = capture::live::open("lo", config).unwrap();
        send_marked("127.0.0.1", "127.0.0.1", 3);
        let mut lengths = Vec::new();
        let keep = |frame: &wire::Frame<'_>| lengths.push((frame.data.len(), frame.orig_len));
        read_until(source.as_mut(), SHORT, keep, || false).unwrap();
        assert_eq!(lengths, [(50, 63); 3], "{backend:?}");
    }
    drop(listener);
}

#[test]
fn a_fanout_group_shares_flows_without_loss() {
    if !inside("frames::a_fanout_group_shares_flows_without_loss") {
        return;
    }
    ip("link set lo up");
    for (group, backend) in (77..).zip(BACKENDS) {
        let fanout = Some(Fanout {
            group,
            defrag: true,
            rollover: true,
        });
        let config = LiveConfig {
            backend,
            fanout,
            ..LiveConfig::default()
        };
        let mut first = capture::live::open("lo", config.clone()).unwrap();
        let mut second = capture::live::open("lo", config).unwrap();
        for _ in 0..32 {
            send_marked("127.0.0.1", "127.0.0.1", 4);
        }
        let first = read_marked(first.as_mut(), SHORT);
        let second = read_marked(second.as_mut(), SHORT);
        assert_eq!(first.len() + second.len(), 128, "{backend:?}");
        assert!(
            !first.is_empty() && !second.is_empty(),
            "{backend:?}: one source got everything"
        );
        let (first, second) = (ports(&first), ports(&second));
        assert!(first.is_disjoint(&second), "{backend:?}: a flow was split");
    }
}

fn ports(seen: &[Seen]) -> BTreeSet<u16> {
    seen.iter().map(|seen| seen.source_port).collect()
}
