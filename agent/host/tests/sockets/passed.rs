//! Sockets that another process uses later: inherited, passed on, or left to a child.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use flow::{MatchQuality, SocketEvent};
use host::sockets::Backend;

use crate::support::{events, inside, listener, now, open, python, tcp, wait_for};

/// Connects, then lets a child send on the socket; ends when its input does. `fork` leaves it to a child
/// that it makes, `pass` gives it to one that was there before.
const PROGRAM: &str = r#"
import array, os, socket, sys
to, how = ('127.0.0.1', int(sys.argv[1])), sys.argv[2]
left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
def child(s):
    s.send(b'later')
    print(os.getpid(), flush=True)
    sys.stdin.read()
    os._exit(0)
if how == 'pass':
    if os.fork() == 0:
        _, anc, _, _ = right.recvmsg(1, 64)
        child(socket.socket(fileno=array.array('i', anc[0][2])[0]))
s = socket.create_connection(to)
if how == 'pass':
    left.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])
else:
    if os.fork() == 0:
        child(s)
if how != 'leave':
    sys.stdin.read()
"#;

fn start(test: &str, at: SocketAddr, how: &str) -> Option<(Child, u32)> {
    let mut child = python(test)?
        .args(["-c", PROGRAM, &at.port().to_string(), how])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    Some((child, line.trim().parse().unwrap()))
}

#[test]
fn a_later_user_is_named_beside_the_opener() {
    let test = "passed::a_later_user_is_named_beside_the_opener";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    for how in ["fork", "pass"] {
        let (server, at) = listener("127.0.0.1");
        let Some((mut opener, user)) = start(test, at, how) else {
            return;
        };
        let (mut stream, peer) = server.accept().unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        let tuple = tcp(peer, at);
        let (mut opened, mut later) = (None, None);
        let _both = wait_for(&mut sockets, |event| {
            match event {
                SocketEvent::Opened {
                    tuple: of, owner, ..
                } if *of == tuple => {
                    opened = Some((owner.process.pid, owner.quality));
                }
                SocketEvent::UsedBy {
                    tuple: of, process, ..
                } if *of == tuple => {
                    later = Some(process.pid);
                }
                SocketEvent::Opened { .. }
                | SocketEvent::UsedBy { .. }
                | SocketEvent::Counted { .. } => {}
            }
            later
        });
        assert_eq!(opened, Some((opener.id(), MatchQuality::Exact)), "{how}");
        assert_eq!(later, Some(user), "{how}");
        // A table cannot say which of the two opened it.
        let (mut table, _) = open(Backend::SockDiag);
        let reason = table.owner(&tuple, now(), now()).unwrap_err();
        assert!(reason.contains("shared by several"), "{reason}");
        drop(opener.stdin.take());
        opener.wait().unwrap();
    }
}

#[test]
fn what_is_left_to_a_child_is_not_the_childs() {
    let test = "passed::what_is_left_to_a_child_is_not_the_childs";
    if !inside(test) {
        return;
    }
    for best in [Backend::SockDiag, Backend::Procfs] {
        let (server, at) = listener("127.0.0.1");
        let Some((mut opener, _user)) = start(test, at, "leave") else {
            return;
        };
        let (mut stream, peer) = server.accept().unwrap();
        let input = opener.stdin.take();
        opener.wait().unwrap();
        let (mut table, _) = open(best);
        // The flow began before the child did, and is asked for after its opener has ended.
        let long_ago = now().saturating_sub(std::time::Duration::from_secs(60));
        let reason = table.owner(&tcp(peer, at), long_ago, now()).unwrap_err();
        assert!(reason.contains("did not surely begin before"), "{reason}");
        drop(input);
        stream.write_all(b"x").unwrap();
    }
}
