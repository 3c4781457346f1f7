//! Each backend can be forced, says what it is, and is right or does not know.

use std::net::{TcpStream, UdpSocket};
use std::process::{Command, Stdio};

use flow::MatchQuality;
use host::sockets::Backend;

use crate::support::{inside, inside_as, ip, listener, now, open, tcp, udp};

const TABLES: [Backend; 2] = [Backend::SockDiag, Backend::Procfs];

#[test]
fn tables_name_the_holder_of_an_open_socket() {
    if !inside("fallbacks::tables_name_the_holder_of_an_open_socket") {
        return;
    }
    for best in TABLES {
        for address in ["127.0.0.1", "::1"] {
            let (mut sockets, told) = open(best);
            assert_eq!((sockets.backend(), told), (best, vec![]));
            let (server, at) = listener(address);
            let client = TcpStream::connect(at).unwrap();
            let _served = server.accept().unwrap();
            let datagrams = UdpSocket::bind((address, 0)).unwrap();
            let connected = UdpSocket::bind((address, 0)).unwrap();
            connected.connect(at).unwrap();
            let here = client.local_addr().unwrap();
            for tuple in [
                tcp(here, at),
                tcp(at, here),
                udp(datagrams.local_addr().unwrap(), at),
                udp(connected.local_addr().unwrap(), at),
            ] {
                let owner = sockets.owner(&tuple, now(), now()).expect("an owner");
                assert_eq!(owner.process.pid, std::process::id());
                assert_eq!(owner.quality, MatchQuality::Polled);
                assert!(!owner.reason.is_empty());
                assert_eq!(owner.login.as_deref(), Some("root"));
            }
            // A connected socket is no other peer's, and a closed one nobody's.
            let elsewhere = "192.0.2.1:9".parse().unwrap();
            let near = udp(connected.local_addr().unwrap(), elsewhere);
            assert!(sockets.owner(&near, now(), now()).is_err());
            let gone = tcp(here, at);
            drop(client);
            assert!(sockets.owner(&gone, now(), now()).is_err());
        }
    }
}

#[test]
fn an_ipv4_flow_of_an_ipv6_socket_is_found() {
    if !inside("fallbacks::an_ipv4_flow_of_an_ipv6_socket_is_found") {
        return;
    }
    let (server, at) = listener("127.0.0.1");
    let client = TcpStream::connect(format!("[::ffff:127.0.0.1]:{}", at.port())).unwrap();
    let (_served, peer) = server.accept().unwrap();
    for best in TABLES {
        let owner = open(best).0.owner(&tcp(peer, at), now(), now());
        assert_eq!(owner.expect("an owner").process.pid, std::process::id());
    }
    drop(client);
}

#[test]
fn several_sockets_on_one_port_are_told_apart_or_not_at_all() {
    if !inside("fallbacks::several_sockets_on_one_port_are_told_apart_or_not_at_all") {
        return;
    }
    // Two wildcards of the same port, one for each address.
    let one = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = one.local_addr().unwrap().port();
    let other = UdpSocket::bind(("127.0.0.2", port)).unwrap();
    let to = "127.0.0.9:53".parse().unwrap();
    for best in TABLES {
        for socket in [&one, &other] {
            let owner = open(best)
                .0
                .owner(&udp(socket.local_addr().unwrap(), to), now(), now());
            assert!(owner.is_ok());
        }
        let nobodys = format!("127.0.0.3:{port}").parse().unwrap();
        assert!(open(best).0.owner(&udp(nobodys, to), now(), now()).is_err());
    }
}

#[test]
fn nothing_is_known_without_a_source() {
    let (mut sockets, told) = open(Backend::None);
    assert_eq!((sockets.backend(), told), (Backend::None, vec![]));
    let end = "127.0.0.1:9".parse().unwrap();
    assert!(sockets.owner(&tcp(end, end), now(), now()).is_err());
    sockets.poll(&mut |_| panic!("an event of nothing"));
    sockets.counters(now(), &mut |_| panic!("a figure of nothing"));
}

#[test]
fn without_the_capabilities_it_says_what_is_lost() {
    let lesser = "-bpf,-perfmon,-sys_admin,-net_admin";
    let wrapper = ["setpriv", "--bounding-set", lesser, "--inh-caps", lesser];
    let usable = Command::new("setpriv")
        .args(["--bounding-set", lesser, "--inh-caps", lesser, "true"])
        .stderr(Stdio::null())
        .status();
    let test = "fallbacks::without_the_capabilities_it_says_what_is_lost";
    if !usable.is_ok_and(|status| status.success()) {
        println!("left out: {test} needs setpriv to drop capabilities");
        return;
    }
    if std::env::var_os("GNOMON_TEST_IN_NAMESPACE").is_none() {
        assert!(!inside_as(test, &wrapper) || unreachable!());
        return;
    }
    let (sockets, told) = open(Backend::Ebpf);
    assert_eq!(sockets.backend(), Backend::SockDiag);
    assert_eq!(told.len(), 1, "{told:?}");
    println!("{}", told[0]);
    assert!(told[0].contains("programs that live for moments are missed"));
}

#[test]
fn every_need_says_what_is_lost_without_it() {
    for backend in Backend::all() {
        for need in backend.needs() {
            assert!(need.capability.starts_with("CAP_"));
            assert!(!need.purpose.is_empty() && !need.without.is_empty());
        }
    }
    assert!(Backend::all().is_sorted_by(|a, b| a > b));
}

#[test]
fn sockets_of_a_container_are_found() {
    let test = "fallbacks::sockets_of_a_container_are_found";
    if !inside(test) {
        return;
    }
    ip("link add v0 type veth peer name v1");
    ip("addr add 10.77.0.1/24 dev v0");
    ip("link set v0 up");
    // A process in a network of its own that takes the other end, and connects.
    let line = "echo ready; read _; ip link set v1 up; ip addr add 10.77.0.2/24 dev v1; \
                exec 3<>/dev/tcp/10.77.0.1/7070; echo done; read _";
    let mut child = Command::new("unshare")
        .args(["--net", "bash", "-c", line])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut input = child.stdin.take().unwrap();
    let mut next = || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    };
    let mut say = || std::io::Write::write_all(&mut input, b"\n").unwrap();
    next();
    ip(&format!("link set v1 netns {}", child.id()));
    let server = std::net::TcpListener::bind("10.77.0.1:7070").unwrap();
    say();
    let (_stream, peer) = server.accept().unwrap();
    next();
    for best in TABLES {
        let (mut sockets, _) = open(best);
        let owner = sockets.owner(&tcp(peer, server.local_addr().unwrap()), now(), now());
        assert_eq!(owner.expect("an owner").process.pid, child.id());
    }
    say();
    child.wait().unwrap();
}
