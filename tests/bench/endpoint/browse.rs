//! Both ends of the traffic: a client that browses at a given rate, and a server that answers whatever it asks.
//!
//! Over TCP the client sends a ClientHello and then requests in records, each of which says how much it wants
//! back; over UDP an Initial packet, and then datagrams that ask for some more each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use e2e::SERVER;

use crate::messages::{self, Connection, client_hello, crypto_frame, dns_query};
use crate::random::Random;

/// Connections at a time, as a browser has.
const WORKERS: u64 = 12;
/// A server's flight with its certificates.
const FLIGHT: usize = 4_000;
const REQUEST: usize = 600;
const RECORD: usize = 16 * 1024;
const DATAGRAM: usize = 1_250;
/// Datagrams that come for each one that asks.
const BURST: usize = 16;
const WAIT: Duration = Duration::from_secs(2);
/// Whoever forgets to stop the server need not: it ends by itself.
const SERVER_LIFE: Duration = Duration::from_secs(1200);

/// Of a hundred flows so many go to names of the catalogue.
const AI_PERCENT: usize = 3;
const AI_NAMES: [&str; 4] = [
    "api.openai.com",
    "chatgpt.com",
    "claude.ai",
    "api.anthropic.com",
];

/// Answers until nobody needs it any more.
#[expect(clippy::print_stdout, reason = "whoever starts it waits for that")]
pub(crate) fn serve() -> Result<ExitCode> {
    let listener = TcpListener::bind((SERVER, 443))?;
    let socket = UdpSocket::bind((SERVER, 443))?;
    thread::spawn(move || answer_datagrams(&socket));
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || answer(connection));
        }
    });
    println!("ready");
    thread::sleep(SERVER_LIFE);
    Ok(ExitCode::SUCCESS)
}

/// The body of the next record; `None` at the end.
fn record(connection: &mut TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; 5];
    connection.read_exact(&mut header).ok()?;
    let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    connection.read_exact(&mut body).ok()?;
    Some(body)
}

fn answer(mut connection: TcpStream) -> Option<()> {
    record(&mut connection)?;
    let mut flight = vec![22, 3, 3, 0, 122, 2];
    flight.resize(FLIGHT, 9);
    connection.write_all(&flight).ok()?;
    let mut bulk = vec![7; 5 + RECORD];
    bulk[..5].copy_from_slice(&[23, 3, 3, 64, 0]);
    loop {
        let wanted = record(&mut connection)?;
        let mut left = u32::from_be_bytes(*wanted.first_chunk()?) as usize;
        while left > 0 {
            let part = left.min(bulk.len());
            connection.write_all(bulk.get(..part)?).ok()?;
            left -= part;
        }
    }
}

fn answer_datagrams(socket: &UdpSocket) {
    let mut received = [0; 2048];
    while let Ok((length, from)) = socket.recv_from(&mut received) {
        let first = received.first().copied().unwrap_or_default();
        let (kind, count) = if first >= 0xc0 {
            (0xc1, 3)
        } else {
            (0x41, BURST)
        };
        let mut datagram = vec![kind; DATAGRAM];
        datagram[1..5].copy_from_slice(&[0, 0, 0, 1]);
        for number in 0..count.min(length) {
            datagram[5] = u8::try_from(number).unwrap_or_default();
            if socket.send_to(&datagram, from).is_err() {
                break;
            }
        }
    }
}

/// Browses for so many seconds at so many megabits a second, and prints how many they were.
#[expect(clippy::print_stdout, reason = "the figure is this program's output")]
pub(crate) fn browse(arguments: &[String]) -> Result<ExitCode> {
    let [seconds, mbit] = arguments else {
        anyhow::bail!("--browse SECONDS MBIT");
    };
    let (seconds, mbit): (u64, u64) = (seconds.parse()?, mbit.parse()?);
    let begun = Instant::now();
    let spent = Arc::new(AtomicU64::new(0));
    let workers: Vec<_> = (0..WORKERS)
        .map(|seed| {
            let spent = Arc::clone(&spent);
            thread::spawn(move || {
                let mut random = Random::new(seed);
                let bytes_per_second = mbit as f64 * 125_000.0;
                while begun.elapsed() < Duration::from_secs(seconds) {
                    let earned = begun.elapsed().as_secs_f64() * bytes_per_second;
                    if spent.load(Ordering::Relaxed) as f64 > earned {
                        thread::sleep(Duration::from_millis(5));
                        continue;
                    }
                    let size = size(&mut random);
                    spent.fetch_add(size as u64, Ordering::Relaxed);
                    visit(&mut random, size).unwrap_or_default();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().ok().context("a worker failed")?;
    }
    let spent = spent.load(Ordering::Relaxed);
    println!(
        "{:.1}",
        spent as f64 / 125_000.0 / begun.elapsed().as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}

/// Bytes of one flow: many small ones, few large ones; 130 KB on average.
fn size(random: &mut Random) -> usize {
    let (least, span) = random.pick(&[
        ((2_000, 18_000), 60),
        ((20_000, 140_000), 30),
        ((200_000, 600_000), 9),
        ((4_000_000, 2_000_000), 1),
    ]);
    least + random.below(span)
}

/// One look-up and one flow.
fn visit(random: &mut Random, size: usize) -> Result<()> {
    let name = if random.below(100) < AI_PERCENT {
        AI_NAMES[random.below(AI_NAMES.len())].to_owned()
    } else {
        format!("w{}.example.net", random.below(5_000))
    };
    let resolver = UdpSocket::bind("0.0.0.0:0")?;
    resolver.set_read_timeout(Some(WAIT))?;
    resolver.send_to(&dns_query(random, &name, 1), (SERVER, 53))?;
    resolver.recv_from(&mut [0; 2048])?;
    if random.below(5) == 0 {
        fetch_datagrams(random, &name, size)
    } else {
        fetch(random, &name, size)
    }
}

fn fetch(random: &mut Random, name: &str, size: usize) -> Result<()> {
    let mut connection = TcpStream::connect((SERVER, 443))?;
    connection.set_read_timeout(Some(WAIT))?;
    let post_quantum = random.below(2) == 0;
    let hello = client_hello(random, name, &["h2", "http/1.1"], post_quantum);
    connection.write_all(&messages::records(&hello, RECORD))?;
    let mut buffer = vec![0; 64 * 1024];
    connection.read_exact(buffer.get_mut(..FLIGHT).context("room")?)?;
    let requests = 1 + random.below(4);
    for _ in 0..requests {
        let wanted = size / requests;
        let mut request = vec![23, 3, 3];
        request.extend(u16::try_from(REQUEST)?.to_be_bytes());
        request.extend(u32::try_from(wanted)?.to_be_bytes());
        request.resize(5 + REQUEST, 8);
        connection.write_all(&request)?;
        let mut left = wanted;
        while left > 0 {
            let part = left.min(buffer.len());
            let got = connection.read(buffer.get_mut(..part).context("room")?)?;
            anyhow::ensure!(got > 0, "the server hung up");
            left -= got;
        }
    }
    Ok(())
}

fn fetch_datagrams(random: &mut Random, name: &str, size: usize) -> Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(SocketAddr::new(SERVER.parse()?, 443))?;
    socket.set_read_timeout(Some(WAIT))?;
    let hello = client_hello(random, name, &["h3"], false);
    let original = random.bytes(8);
    let connection = Connection {
        version: rustls::quic::Version::V1,
        destination: original.clone(),
        original,
        source: Vec::new(),
        token: Vec::new(),
    };
    let frame = crypto_frame(0, &hello);
    let initial = messages::initial(&connection, rustls::Side::Client, 0, &frame, 1_200)?;
    socket.send(&initial)?;
    let mut buffer = [0; 2048];
    for _ in 0..3 {
        socket.recv(&mut buffer)?;
    }
    for _ in 0..size.div_ceil(BURST * DATAGRAM) {
        socket.send(&[0x41; 40])?;
        for _ in 0..BURST {
            socket.recv(&mut buffer)?;
        }
    }
    Ok(())
}
