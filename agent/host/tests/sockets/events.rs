//! Kernel events name the program that connected or first sent, though it is gone by the time one asks.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use flow::{MatchQuality, SocketOwner};
use host::sockets::Sockets;

use crate::support::{answer, curl, events, inside, listener, opened_to, python};

const LOOPBACKS: [&str; 2] = ["127.0.0.1", "::1"];

/// Checks all that is told of a program which this test started and which has ended since.
fn check(owner: &SocketOwner, pid: u32, name: &str) {
    let process = &owner.process;
    assert_eq!((owner.quality, owner.reason), (MatchQuality::Exact, ""));
    assert_eq!(process.pid, pid);
    assert_eq!(process.name, name);
    assert_eq!(
        process.parents.first().map(|parent| parent.pid),
        Some(std::process::id())
    );
    assert_eq!(process.container, None);
}

#[test]
fn curl_that_is_gone_is_named() {
    let test = "events::curl_that_is_gone_is_named";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    for address in LOOPBACKS {
        let (server, at) = listener(address);
        let mut child = curl(&[], at);
        let (stream, peer) = server.accept().unwrap();
        answer(stream);
        assert!(child.wait().unwrap().success());
        let (tuple, owner) = opened_to(&mut sockets, at).unwrap();
        assert_eq!(tuple.orig, peer);
        check(&owner, child.id(), "curl");
        assert_eq!(owner.process.executable, "/usr/bin/curl");
        assert_eq!(owner.process.command, None);
        assert_eq!(owner.login.as_deref(), Some("root"));
        check_file(&mut sockets, &owner);
    }
}

/// Hash and package come later, from the disk.
fn check_file(sockets: &mut Sockets, owner: &SocketOwner) {
    let mut process = Arc::clone(&owner.process);
    for _ in 0..1000 {
        process = sockets.completed(&process);
        if process.sha256.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let sum = Command::new("sha256sum")
        .arg("/usr/bin/curl")
        .output()
        .unwrap();
    let hex: String = process
        .sha256
        .unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(String::from_utf8(sum.stdout).unwrap().starts_with(&hex));
    match &process.package {
        Some(package) => assert_eq!((package.kind, package.name.as_str()), ("deb", "curl")),
        None => println!("left out: the package of curl: this is no Debian system"),
    }
}

#[test]
fn another_users_program_is_that_users() {
    let test = "events::another_users_program_is_that_users";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    let (server, at) = listener("127.0.0.1");
    let mut child = curl(&["setpriv", "--reuid", "65534", "--clear-groups"], at);
    answer(server.accept().unwrap().0);
    assert!(child.wait().unwrap().success());
    let (_, owner) = opened_to(&mut sockets, at).unwrap();
    // The same process was setpriv before it became curl.
    check(&owner, child.id(), "curl");
    assert_eq!(owner.login.as_deref(), Some("nobody"));
}

#[test]
fn senders_of_datagrams_are_named() {
    let test = "events::senders_of_datagrams_are_named";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let script = folder.path().join("client.py");
    let program = "import socket, sys\n\
         family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET\n\
         s = socket.socket(family, socket.SOCK_DGRAM)\n\
         to = (sys.argv[1], int(sys.argv[2]))\n\
         if sys.argv[3] == 'connect':\n  s.connect(to)\n  s.send(b'SECRET')\n\
         else:\n  s.sendto(b'SECRET', to)\n";
    fs::write(&script, program).unwrap();
    for address in LOOPBACKS {
        for how in ["connect", "sendto"] {
            let Some(mut python) = python(test) else {
                return;
            };
            let server = UdpSocket::bind((address, 0)).unwrap();
            let at = server.local_addr().unwrap();
            let arguments = [address, &at.port().to_string(), how, "--key=SECRET"];
            let mut child = python.arg(&script).args(arguments).spawn().unwrap();
            let (_, peer) = server.recv_from(&mut [0; 64]).unwrap();
            assert!(child.wait().unwrap().success());
            let (tuple, owner) = opened_to(&mut sockets, at).expect(how);
            assert_eq!(tuple.orig, peer, "{how}");
            check(&owner, child.id(), "python3");
            assert_eq!(owner.process.command.as_deref(), Some("python client.py"));
            assert!(!format!("{owner:?}").contains("SECRET"));
        }
    }
}

#[test]
fn one_socket_that_sends_to_many_is_named_for_each() {
    let test = "events::one_socket_that_sends_to_many_is_named_for_each";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    let servers: Vec<_> = (0..20)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let client = UdpSocket::bind("0.0.0.0:0").unwrap();
    for _ in 0..3 {
        for server in &servers {
            client.send_to(b"x", server.local_addr().unwrap()).unwrap();
        }
    }
    let mut seen = Vec::new();
    sockets.poll(&mut |event| {
        if let flow::SocketEvent::Opened { tuple, owner, .. } = event
            && owner.process.pid == std::process::id()
        {
            seen.push((tuple.orig, tuple.resp));
        }
    });
    let from = SocketAddr::new(
        "127.0.0.1".parse().unwrap(),
        client.local_addr().unwrap().port(),
    );
    let expected: Vec<_> = servers
        .iter()
        .map(|server| (from, server.local_addr().unwrap()))
        .collect();
    assert_eq!(seen, expected);
}

/// The kernel does the server's half of a connection on the loopback in the client's name.
#[test]
fn the_server_of_a_loopback_connection_is_never_the_client() {
    let test = "events::the_server_of_a_loopback_connection_is_never_the_client";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    let (server, at) = listener("127.0.0.1");
    let mut child = curl(&[], at);
    let (stream, peer) = server.accept().unwrap();
    answer(stream);
    child.wait().unwrap();
    let mut of_client = 0;
    for _ in 0..20 {
        sockets.poll(&mut |event| {
            if let flow::SocketEvent::Opened { tuple, .. }
            | flow::SocketEvent::UsedBy { tuple, .. } = event
            {
                assert_ne!(tuple.orig, at, "the server's end was announced");
                of_client += usize::from(tuple.orig == peer);
            }
        });
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(of_client, 1);
}

/// What happens on the loopback of a container may have the ends of a flow that is seen here.
#[test]
fn another_namespaces_loopback_is_left_out() {
    let test = "events::another_namespaces_loopback_is_left_out";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    let line = "ip link set lo up; exec 3<>/dev/udp/127.0.0.1/7; echo x >&3";
    let ran = Command::new("unshare")
        .args(["--net", "bash", "-c", line])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(ran.success());
    sockets.poll(&mut |event| {
        if let flow::SocketEvent::Opened { tuple, .. } = event {
            assert_ne!(tuple.resp, "127.0.0.1:7".parse().unwrap());
        }
    });
    let counted = sockets
        .counts()
        .find(|(name, _)| *name == "socket_events_of_other_loopbacks");
    assert!(counted.unwrap().1 > 0);
}

/// A program that opens sockets without end is told of up to a bound, and hides no other program.
#[test]
fn a_flood_of_one_program_hides_no_other() {
    let test = "events::a_flood_of_one_program_hides_no_other";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    let flood = |ports: std::ops::Range<u16>| {
        for port in ports {
            // Nobody listens: some sends tell of the one before.
            let _refused = client.send_to(b"x", ("127.0.0.2", port));
        }
    };
    flood(10_000..35_000);
    let (server, at) = listener("127.0.0.1");
    let mut child = curl(&[], at);
    answer(server.accept().unwrap().0);
    flood(35_000..60_000);
    child.wait().unwrap();
    let (mut of_flood, mut of_curl) = (0, None);
    sockets.poll(&mut |event| {
        if let flow::SocketEvent::Opened { tuple, owner, .. } = event {
            of_flood += u64::from(owner.process.pid == std::process::id());
            of_curl = of_curl.or((tuple.resp == at).then_some(owner.process.pid));
        }
    });
    assert_eq!(of_curl, Some(child.id()));
    assert!(of_flood >= 2_000, "{of_flood}");
    let held_back = sockets
        .counts()
        .find(|(name, _)| *name == "socket_events_of_floods");
    assert!(held_back.unwrap().1 > 0);
}
