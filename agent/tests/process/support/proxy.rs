//! An HTTPS proxy that wants a password.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The running proxy.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    tunnels: Arc<AtomicU32>,
}

impl Proxy {
    /// Lets through who shows `credentials` (as sent in the header).
    pub(crate) fn start(credentials: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let tunnels = Arc::new(AtomicU32::new(0));
        let opened = Arc::clone(&tunnels);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let opened = Arc::clone(&opened);
                std::thread::spawn(move || serve(&stream, credentials, &opened));
            }
        });
        Self { address, tunnels }
    }

    pub(crate) fn tunnels(&self) -> u32 {
        self.tunnels.load(Ordering::Relaxed)
    }
}

fn serve(client: &TcpStream, credentials: &str, opened: &AtomicU32) -> Option<()> {
    let mut reader = BufReader::new(client);
    let (mut target, mut admitted) = (String::new(), false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if let Some(rest) = line.strip_prefix("CONNECT ") {
            rest.split(' ').next()?.clone_into(&mut target);
        }
        admitted |= line == format!("Proxy-Authorization: Basic {credentials}");
        if line.is_empty() {
            break;
        }
    }
    if !admitted {
        let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        return { client }.write_all(answer).ok();
    }
    let server = TcpStream::connect(target).ok()?;
    { client }
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .ok()?;
    opened.fetch_add(1, Ordering::Relaxed);
    let (mut from_server, mut to_client) = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    std::io::copy(&mut reader, &mut { &server }).ok()?;
    server.shutdown(std::net::Shutdown::Write).ok()
}
