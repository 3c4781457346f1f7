//! A network of a test's own, programs in it, and what is said of them.

use std::env;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use flow::{FiveTuple, SocketEvent, SocketOwner, TransportProtocol};
use host::sockets::{Backend, Sockets, SocketsConfig};
use wire::Timestamp;

const INSIDE: &str = "GNOMON_TEST_IN_NAMESPACE";
const PYTHON: &str = "/usr/bin/python3";

/// Whether the test runs in its own network. When not, runs it there, behind the words of `wrapper`.
pub(crate) fn inside_as(test: &str, wrapper: &[&str]) -> bool {
    if env::var_os(INSIDE).is_some() {
        ip("link set lo up");
        // What this process opens now shall surely be later than its own beginning.
        std::thread::sleep(Duration::from_millis(30));
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
        .args(wrapper)
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in its namespace");
    false
}

pub(crate) fn inside(test: &str) -> bool {
    inside_as(test, &[])
}

pub(crate) fn ip(line: &str) {
    let words = line.split_whitespace();
    assert!(
        Command::new("ip").args(words).status().unwrap().success(),
        "ip {line}"
    );
}

pub(crate) fn open(best: Backend) -> (Sockets, Vec<String>) {
    Sockets::open(SocketsConfig {
        best,
        ..SocketsConfig::default()
    })
}

/// Kernel events, or a word why the test is left out.
pub(crate) fn events(test: &str) -> Option<Sockets> {
    let (sockets, told) = open(Backend::Ebpf);
    if sockets.backend() == Backend::Ebpf && told.is_empty() {
        return Some(sockets);
    }
    println!("left out: {test}: {}", told.join("; "));
    None
}

/// A Python interpreter that other users can run too.
pub(crate) fn python(test: &str) -> Option<Command> {
    if std::path::Path::new(PYTHON).exists() {
        return Some(Command::new(PYTHON));
    }
    println!("left out: {test} needs {PYTHON}");
    None
}

/// Polls until `wanted` finds what it looks for.
pub(crate) fn wait_for<T>(
    sockets: &mut Sockets,
    mut wanted: impl FnMut(&SocketEvent) -> Option<T>,
) -> Option<T> {
    let end = Instant::now() + Duration::from_secs(5);
    let mut found = None;
    while found.is_none() && Instant::now() < end {
        sockets.poll(&mut |event| {
            if found.is_none() {
                found = wanted(&event);
            }
        });
        std::thread::sleep(Duration::from_millis(5));
    }
    found
}

/// The owner in the event that a flow to `resp` was opened.
pub(crate) fn opened_to(
    sockets: &mut Sockets,
    resp: SocketAddr,
) -> Option<(FiveTuple, SocketOwner)> {
    wait_for(sockets, |event| match event {
        SocketEvent::Opened { tuple, owner, .. } if tuple.resp == resp => {
            Some((*tuple, owner.clone()))
        }
        SocketEvent::Opened { .. } | SocketEvent::UsedBy { .. } | SocketEvent::Counted { .. } => {
            None
        }
    })
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap())
}

pub(crate) fn tcp(orig: SocketAddr, resp: SocketAddr) -> FiveTuple {
    FiveTuple {
        orig,
        resp,
        transport: TransportProtocol::Tcp,
    }
}

pub(crate) fn udp(orig: SocketAddr, resp: SocketAddr) -> FiveTuple {
    FiveTuple {
        transport: TransportProtocol::Udp,
        ..tcp(orig, resp)
    }
}

/// A listener on the loopback address of a family.
pub(crate) fn listener(address: &str) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    (listener, at)
}

/// Answers one HTTP request.
pub(crate) fn answer(mut stream: TcpStream) {
    let mut request = [0; 4096];
    let _length = stream.read(&mut request).unwrap();
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    stream.write_all(response).unwrap();
}

/// `curl` that fetches from a local server; `wrapper` stands before it.
pub(crate) fn curl(wrapper: &[&str], at: SocketAddr) -> Child {
    let mut words = wrapper.to_vec();
    let url = format!("http://{at}/");
    words.extend([
        "curl",
        "-sS",
        "--noproxy",
        "*",
        "-H",
        "Authorization: SECRET",
        &url,
    ]);
    let (program, arguments) = words.split_first().unwrap();
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
