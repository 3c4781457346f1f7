//! What knowing the owners of sockets costs: 500 processes, 10,000 sockets, and what the kernel program
//! adds to each call of a program that sends.
//!
//!     cargo build --release -p host --example cost
//!     unshare --net sh -c 'ip link set lo up; target/release/examples/cost'
//!
//! All of it ends with the program.

use std::error::Error;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn Error>> {
    cost::table()
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), Box<dyn Error>> {
    Err("only Linux is measured".into())
}

#[cfg(target_os = "linux")]
mod cost {
    use std::error::Error;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

    use flow::{FiveTuple, TransportProtocol};
    use host::sockets::{Backend, Sockets, SocketsConfig};
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    use nix::time::{ClockId, clock_gettime};
    use wire::Timestamp;

    type Outcome<T> = Result<T, Box<dyn Error>>;

    const PROCESSES: usize = 500;
    const CONNECTIONS: usize = 5_000;
    /// Each keeps 40 files open, as desktop programs do, and ends by itself.
    const PROGRAM: &str =
        "for i in $(seq 3 42); do eval \"exec $i</dev/null\"; done; exec sleep 120";

    struct Crowd(Vec<Child>);

    impl Drop for Crowd {
        fn drop(&mut self) {
            for child in &mut self.0 {
                let _ended = child.kill().and_then(|()| child.wait());
            }
        }
    }

    pub(super) fn table() -> Outcome<()> {
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
        calls()?;
        let mut crowd = Crowd(Vec::new());
        for _ in 0..PROCESSES {
            let mut program = Command::new("bash");
            let child = program.args(["-c", PROGRAM]).stdin(Stdio::null()).spawn()?;
            crowd.0.push(child);
        }
        std::thread::sleep(Duration::from_secs(5));
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            held.push((TcpStream::connect(at)?, listener.accept()?.0));
        }
        for best in [Backend::Ebpf, Backend::SockDiag, Backend::Procfs] {
            let (mut sockets, told) = open(best);
            line(&format!(
                "{} {}",
                sockets.backend().as_str(),
                told.join("; ")
            ))?;
            let tuple = tuple(held.first().ok_or("no connection")?)?;
            measure("  owner(), first time: reads all processes", 1, || {
                sockets
                    .owner(&tuple, now(), now())
                    .map(drop)
                    .map_err(Into::into)
            })?;
            measure("  owner(), remembered", 200, || {
                sockets
                    .owner(&tuple, now(), now())
                    .map(drop)
                    .map_err(Into::into)
            })?;
            let mut count = 0;
            measure("  counters(), all sockets", 5, || {
                count = 0;
                sockets.counters(now(), &mut |_| count += 1);
                Ok(())
            })?;
            line(&format!("    of {count} sockets"))?;
            sockets.poll(&mut drop);
            measure("  poll(), nothing happened", 10_000, || {
                sockets.poll(&mut drop);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// What a call costs a program, without the kernel program and with it.
    fn calls() -> Outcome<()> {
        for best in [Backend::None, Backend::Ebpf] {
            let (mut sockets, _) = open(best);
            let name = sockets.backend().as_str();
            line(&format!("calls of a program, backend {name}"))?;
            let listener = TcpListener::bind("127.0.0.1:0")?;
            let at = listener.local_addr()?;
            let mut client = TcpStream::connect(at)?;
            client.set_nodelay(true)?;
            let (mut server, _) = listener.accept()?;
            measure("  TCP send and receive of 1 byte", 50_000, || {
                client.write_all(&[0])?;
                Ok(server.read_exact(&mut [0])?)
            })?;
            let (a, b) = (
                UdpSocket::bind("127.0.0.1:0")?,
                UdpSocket::bind("127.0.0.1:0")?,
            );
            let to = b.local_addr()?;
            measure("  UDP send to and receive", 50_000, || {
                a.send_to(&[0], to)?;
                b.recv_from(&mut [0])?;
                Ok(())
            })?;
            a.connect(to)?;
            measure("  UDP send and receive, connected", 50_000, || {
                a.send(&[0])?;
                b.recv_from(&mut [0])?;
                Ok(())
            })?;
            let mut events = 0;
            measure("  TCP connect, accept, close, poll()", 5_000, || {
                let client = TcpStream::connect(at)?;
                drop((client, listener.accept()?));
                sockets.poll(&mut |_| events += 1);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn open(best: Backend) -> (Sockets, Vec<String>) {
        Sockets::open(SocketsConfig {
            best,
            ..SocketsConfig::default()
        })
    }

    fn tuple(pair: &(TcpStream, TcpStream)) -> Outcome<FiveTuple> {
        Ok(FiveTuple {
            orig: pair.0.local_addr()?,
            resp: pair.1.local_addr()?,
            transport: TransportProtocol::Tcp,
        })
    }

    fn now() -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_nanos(0).saturating_add(since)
    }

    fn measure(what: &str, times: u32, mut act: impl FnMut() -> Outcome<()>) -> Outcome<()> {
        let (begun, worked) = (Instant::now(), worked()?);
        for _ in 0..times {
            act()?;
        }
        let (each, worked) = (
            begun.elapsed() / times,
            self::worked()?.saturating_sub(worked) / times,
        );
        line(&format!(
            "{what:<45} {each:>12.3?}, of which it worked {worked:.3?}"
        ))
    }

    /// What this program used of the processors: other programs may run beside it.
    fn worked() -> Outcome<Duration> {
        Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
    }

    fn line(text: &str) -> Outcome<()> {
        Ok(writeln!(std::io::stdout(), "{text}")?)
    }
}
