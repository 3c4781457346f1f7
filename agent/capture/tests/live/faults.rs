//! What goes wrong is told in a way that the caller can act on.

use std::env;
use std::net::UdpSocket;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use capture::live::{ANY, Backend, LiveConfig};
use capture::{Error, PacketSource, Polled, interfaces};

use crate::namespace::{
    BACKENDS, config, inside, ip, joined_interfaces, open, read_marked, send_marked,
};

const LONG: Duration = Duration::from_secs(5);

#[test]
fn frames_that_find_the_ring_full_are_counted() {
    if !inside("faults::frames_that_find_the_ring_full_are_counted") {
        return;
    }
    ip("link set lo up");
    let config = LiveConfig {
        backend: Backend::AfPacket,
        ring_bytes: 0,
        ..LiveConfig::default()
    };
    let mut source = capture::live::open("lo", config).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sent = 4_000_u64;
    for _ in 0..sent {
        socket.send_to(&[0; 1_400], "127.0.0.1:7777").unwrap();
    }
    let mut datagrams = 0_u64;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        let count = &mut |frame: &wire::Frame<'_>| {
            datagrams += u64::from(frame.orig_len == 14 + 20 + 8 + 1_400);
        };
        source
            .poll_frames(Duration::from_millis(50), count)
            .unwrap();
    }
    let stats = source.stats();
    assert!(stats.dropped > 0, "nothing was dropped");
    // The answers that nobody listens are frames too, so there may be more than were sent.
    assert!(
        datagrams < sent && datagrams + stats.dropped >= sent,
        "{datagrams} {stats:?}"
    );
    assert_eq!(
        source.stats().dropped,
        stats.dropped,
        "asking twice counts once"
    );
}

/// Polls until the source fails; gives the frames that came before.
fn read_to_error(source: &mut dyn PacketSource) -> (usize, Error) {
    let (mut frames, start) = (0, Instant::now());
    loop {
        match source.poll_frames(Duration::from_millis(50), &mut |_| frames += 1) {
            Ok(Polled::End) => panic!("a live source does not end"),
            Ok(_) => assert!(start.elapsed() < LONG, "the change went unseen"),
            Err(error) => return (frames, error),
        }
    }
}

#[test]
fn an_interface_that_is_removed_is_told() {
    if !inside("faults::an_interface_that_is_removed_is_told") {
        return;
    }
    for backend in BACKENDS {
        joined_interfaces();
        let mut source = open("v1", backend);
        send_marked("10.9.0.1", "10.9.0.2", 3);
        ip("link del v1");
        let (frames, error) = read_to_error(source.as_mut());
        assert!(
            matches!(error, Error::InterfaceGone { .. }),
            "{backend:?}: {error:?}"
        );
        // libpcap does not give what lay in its buffer when the interface was removed.
        let kept = frames >= 3 || backend == Backend::Pcap;
        assert!(kept, "{backend:?}: what came before was lost");
        assert!(!interfaces::exists("v1"));
        let error = capture::live::open("v1", config(backend)).err();
        assert!(
            matches!(error, Some(Error::NoSuchInterface { .. })),
            "{backend:?}: {error:?}"
        );
    }
}

#[test]
fn an_interface_that_goes_down_is_told_and_can_be_opened_again() {
    if !inside("faults::an_interface_that_goes_down_is_told_and_can_be_opened_again") {
        return;
    }
    joined_interfaces();
    let mut source = open("v1", Backend::AfPacket);
    send_marked("10.9.0.1", "10.9.0.2", 3);
    ip("link set v1 down");
    let (frames, error) = read_to_error(source.as_mut());
    assert!(matches!(error, Error::InterfaceGone { .. }), "{error:?}");
    assert!(frames >= 3, "what came before was lost");
    let error = capture::live::open("v1", config(Backend::Auto)).err();
    assert!(
        matches!(error, Some(Error::InterfaceGone { .. })),
        "{error:?}"
    );
    come_back();
    let mut source = open("v1", Backend::AfPacket);
    send_marked("10.9.0.1", "10.9.0.2", 3);
    assert_eq!(
        read_marked(source.as_mut(), Duration::from_millis(700)).len(),
        3
    );
}

#[test]
fn libpcap_goes_on_by_itself_when_an_interface_comes_back_up() {
    if !inside("faults::libpcap_goes_on_by_itself_when_an_interface_comes_back_up") {
        return;
    }
    joined_interfaces();
    let mut source = open("v1", Backend::Pcap);
    ip("link set v1 down");
    let (mut polls, start) = (0, Instant::now());
    while start.elapsed() < Duration::from_millis(500) {
        source
            .poll_frames(Duration::from_millis(100), &mut |_| {})
            .unwrap();
        polls += 1;
    }
    assert!(
        polls < 20,
        "it spins while the interface is down: {polls} polls"
    );
    come_back();
    send_marked("10.9.0.1", "10.9.0.2", 3);
    assert_eq!(
        read_marked(source.as_mut(), Duration::from_millis(700)).len(),
        3
    );
}

fn come_back() {
    ip("link set v1 up");
    thread::sleep(Duration::from_millis(100));
    ip("neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0");
}

#[test]
fn the_missing_capability_is_named() {
    const WITHOUT: &str = "GNOMON_TEST_WITHOUT_CAPABILITY";
    if !inside("faults::the_missing_capability_is_named") {
        return;
    }
    if env::var_os(WITHOUT).is_none() {
        let status = Command::new("setpriv")
            .args(["--bounding-set=-net_raw", "--inh-caps=-net_raw"])
            .arg(env::current_exe().unwrap())
            .args([
                "--exact",
                "faults::the_missing_capability_is_named",
                "--nocapture",
            ])
            .env(WITHOUT, "1")
            .status();
        match status {
            Ok(status) => assert!(status.success()),
            Err(error) => println!("left out: setpriv: {error}"),
        }
        return;
    }
    ip("link set lo up");
    for backend in [Backend::Auto, Backend::AfPacket, Backend::Pcap] {
        for interface in ["lo", ANY] {
            let error = capture::live::open(interface, config(backend))
                .err()
                .unwrap();
            let Error::MissingCapability { capability } = error else {
                panic!("{backend:?} on {interface}: {error:?}");
            };
            assert_eq!(capability, "CAP_NET_RAW");
        }
    }
}

#[test]
fn an_idle_interface_costs_nearly_nothing() {
    if !inside("faults::an_idle_interface_costs_nearly_nothing") {
        return;
    }
    ip("link set lo up");
    for backend in BACKENDS {
        let mut source = open("lo", backend);
        let (start, mut polls) = (Instant::now(), 0);
        while start.elapsed() < Duration::from_secs(1) {
            let polled = source
                .poll_frames(Duration::from_millis(250), &mut |_| {})
                .unwrap();
            assert_eq!(polled, Polled::Idle);
            polls += 1;
        }
        assert!(polls <= 8, "{backend:?} woke {polls} times in a second");
    }
}

#[test]
fn interfaces_are_listed_with_their_default_routes() {
    if !inside("faults::interfaces_are_listed_with_their_default_routes") {
        return;
    }
    joined_interfaces();
    ip("route add default via 10.9.0.2 dev v0");
    ip("link add d0 type veth peer name d1");
    let listed = interfaces::list().unwrap();
    let by_name = |name: &str| {
        listed
            .iter()
            .find(|interface| interface.name == name)
            .unwrap()
    };
    assert!(by_name("lo").loopback && by_name("lo").up && by_name("lo").mac.is_none());
    let v0 = by_name("v0");
    assert!(v0.up && v0.default_route && !v0.loopback);
    assert_eq!(v0.mac, Some([2, 0, 0, 0, 0, 1]));
    assert!(v0.addresses.contains(&("10.9.0.1".parse().unwrap(), 24)));
    assert!(!by_name("v1").default_route);
    assert!(!by_name("d0").up);
    assert!(interfaces::exists("v1") && !interfaces::exists("v9"));
}
