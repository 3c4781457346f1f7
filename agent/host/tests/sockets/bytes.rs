//! What a socket moved is what was sent, to the byte.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use flow::{SocketCounters, SocketEvent};
use host::sockets::{Backend, Sockets};

use crate::support::{events, inside, listener, now, open, tcp, udp, wait_for};

const OUT: usize = 123_457;
const IN: usize = 1_000_003;
const MOVED: SocketCounters = SocketCounters {
    bytes_out: OUT as u64,
    bytes_in: IN as u64,
};

/// A connection that has moved [`MOVED`], and its server's half.
fn moved(address: &str) -> (TcpStream, TcpStream, SocketAddr) {
    let (server, at) = listener(address);
    let serving = thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        stream.read_exact(&mut vec![0; OUT]).unwrap();
        stream.write_all(&vec![0; IN]).unwrap();
        stream
    });
    let mut client = TcpStream::connect(at).unwrap();
    client.write_all(&vec![0; OUT]).unwrap();
    client.read_exact(&mut vec![0; IN]).unwrap();
    // The last segments are acknowledged a little later.
    thread::sleep(Duration::from_millis(100));
    (client, serving.join().unwrap(), at)
}

fn counted(sockets: &mut Sockets, orig: SocketAddr) -> Option<SocketCounters> {
    let mut found = None;
    sockets.counters(now(), &mut |event| {
        if let SocketEvent::Counted {
            tuple,
            counters,
            closed,
            ..
        } = event
            && tuple.orig == orig
        {
            assert!(!closed);
            found = Some(counters);
        }
    });
    found
}

#[test]
fn open_connections_are_counted_on_both_sides() {
    if !inside("bytes::open_connections_are_counted_on_both_sides") {
        return;
    }
    let (mut sockets, _) = open(Backend::SockDiag);
    for address in ["127.0.0.1", "::1"] {
        let (client, server, at) = moved(address);
        let orig = client.local_addr().unwrap();
        assert_eq!(counted(&mut sockets, orig), Some(MOVED));
        // The side that accepted sent no SYN that was counted, once its listener is known to be there.
        let listening = std::net::TcpListener::bind(at);
        let served = SocketCounters {
            bytes_out: MOVED.bytes_in,
            bytes_in: MOVED.bytes_out,
        };
        if listening.is_ok() {
            assert_eq!(counted(&mut sockets, at), Some(served));
        }
        // Half closed: the FIN is no payload.
        client.shutdown(Shutdown::Write).unwrap();
        thread::sleep(Duration::from_millis(50));
        assert_eq!(counted(&mut sockets, orig), Some(MOVED));
        drop(server);
    }
}

#[test]
fn the_last_figures_come_with_the_end_however_it_ends() {
    let test = "bytes::the_last_figures_come_with_the_end_however_it_ends";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    for end in ["client", "server", "half", "unread"] {
        let (mut client, mut server, at) = moved("127.0.0.1");
        let orig = client.local_addr().unwrap();
        match end {
            "client" => {
                drop(client);
                assert_eq!(server.read(&mut [0]).unwrap(), 0);
                drop(server);
            }
            "server" => {
                drop(server);
                assert_eq!(client.read(&mut [0]).unwrap(), 0);
                drop(client);
            }
            "half" => {
                client.shutdown(Shutdown::Write).unwrap();
                assert_eq!(server.read(&mut [0]).unwrap(), 0);
                server.shutdown(Shutdown::Write).unwrap();
                assert_eq!(client.read(&mut [0]).unwrap(), 0);
                drop((client, server));
            }
            _ => {
                // Ends with a reset, since the server has not read what it was sent.
                client.write_all(&[0; 7]).unwrap();
                thread::sleep(Duration::from_millis(50));
                drop(server);
                drop(client);
            }
        }
        let last = wait_for(&mut sockets, |event| match event {
            SocketEvent::Counted {
                tuple,
                counters,
                closed: true,
                ..
            } if *tuple == tcp(orig, at) => Some(*counters),
            SocketEvent::Opened { .. }
            | SocketEvent::UsedBy { .. }
            | SocketEvent::Counted { .. } => None,
        });
        let more = if end == "unread" { 7 } else { 0 };
        let expected = SocketCounters {
            bytes_out: MOVED.bytes_out + more,
            ..MOVED
        };
        assert_eq!(last, Some(expected), "{end}");
    }
}

#[test]
fn datagrams_of_a_connected_socket_are_counted() {
    let test = "bytes::datagrams_of_a_connected_socket_are_counted";
    let Some(mut sockets) = inside(test).then(|| events(test)).flatten() else {
        return;
    };
    for address in ["127.0.0.1", "::1"] {
        let server = UdpSocket::bind((address, 0)).unwrap();
        let client = UdpSocket::bind((address, 0)).unwrap();
        client.connect(server.local_addr().unwrap()).unwrap();
        let mut buffer = [0; 2000];
        for bytes in [1, 1200, 1350] {
            client.send(&buffer[..bytes]).unwrap();
            server.recv_from(&mut buffer).unwrap();
        }
        for bytes in [900, 33] {
            server
                .send_to(&buffer[..bytes], client.local_addr().unwrap())
                .unwrap();
            client.peek(&mut buffer).unwrap();
            client.recv(&mut buffer).unwrap();
        }
        let tuple = udp(client.local_addr().unwrap(), server.local_addr().unwrap());
        let mut found = None;
        sockets.counters(now(), &mut |event| {
            if let SocketEvent::Counted {
                tuple: of,
                counters,
                ..
            } = event
                && of == tuple
            {
                found = Some((counters.bytes_out, counters.bytes_in));
            }
        });
        assert_eq!(found, Some((2551, 933)));
    }
}
