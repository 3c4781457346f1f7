//! What lies between an agent and the store: a proxy, a full disk, a collector that is away.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Lab, Site, SiteOptions, left_out, run, wait_until, workspace};

fn demo() -> String {
    workspace()
        .join("tests/pcaps/demo/two_people.pcap")
        .to_string_lossy()
        .into_owned()
}

/// A forward proxy that knows CONNECT and nothing else, and counts the tunnels it opened.
fn start_proxy() -> Result<(u16, Arc<AtomicU32>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let tunnels = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&tunnels);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || tunnel(client, &count));
        }
    });
    Ok((port, tunnels))
}

fn tunnel(mut client: TcpStream, count: &AtomicU32) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head)?;
    let target = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next())
        .context("not CONNECT")?;
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    count.fetch_add(1, Ordering::SeqCst);
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    let back = std::thread::spawn(move || {
        let copied = std::io::copy(&mut from, &mut to);
        to.shutdown(Shutdown::Both).and(copied)
    });
    std::io::copy(&mut client, &mut server)?;
    server.shutdown(Shutdown::Both)?;
    drop(back.join());
    Ok(())
}

#[test]
fn an_agent_reaches_its_collector_through_the_companys_proxy() -> Result<()> {
    let site = Site::start()?;
    let agent = site.enrol("agent", None, "")?;
    let (port, tunnels) = start_proxy()?;
    let proxy = format!("http://127.0.0.1:{port}");
    let mut process = agent.start_with(&["run", "--replay", &demo()], ("HTTPS_PROXY", &proxy))?;
    let status = process.wait(Duration::from_secs(60))?;
    assert!(status.success(), "{}", process.stderr());
    assert!(
        tunnels.load(Ordering::SeqCst) >= 1,
        "the proxy was not used"
    );
    assert!(
        site.query(&["services"])?["items"]
            .as_array()
            .is_some_and(|items| items.len() >= 5)
    );
    Ok(())
}

#[test]
fn a_collector_that_is_away_gets_everything_when_it_is_back() -> Result<()> {
    let mut site = Site::start()?;
    let agent = site.enrol("agent", None, "")?;
    site.collector.kill()?;
    let alone = agent.command(&["run", "--replay", &demo(), "--no-wait"])?;
    assert!(alone.status.success(), "{}", alone.stderr);
    site.start_collector()?;
    agent.replay(demo().as_ref())?;
    assert!(
        site.query(&["services"])?["items"]
            .as_array()
            .is_some_and(|items| items.len() >= 5)
    );
    Ok(())
}

/// A small file system of its own, unmounted when this is dropped.
struct SmallDisk<'p>(&'p Path);

impl<'p> SmallDisk<'p> {
    fn mount(path: &'p Path) -> Result<Self> {
        std::fs::create_dir_all(path)?;
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=3m", "gnomon-test"])
            .arg(path))?
        .success()?;
        Ok(Self(path))
    }

    fn grow(&self) -> Result<()> {
        run(Command::new("mount")
            .args(["-o", "remount,size=64m"])
            .arg(self.0))?
        .success()
        .map(drop)
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let unmounted = run(Command::new("umount").arg("--lazy").arg(self.0));
        debug_assert!(unmounted.is_ok(), "the small disk could not be unmounted");
    }
}

#[test]
fn a_full_disk_at_the_collector_loses_nothing() -> Result<()> {
    if let Err(why) = Lab::possible() {
        left_out("a full disk at the collector", &why);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let disk = SmallDisk::mount(&data)?;
    let site = Site::start_with(SiteOptions {
        data: Some(data.join("collector")),
        ..SiteOptions::default()
    })?;
    let agent = site.enrol("agent", None, "")?;
    let ballast = data.join("ballast");
    let filled = std::fs::write(&ballast, vec![0; 4 << 20]);
    assert!(filled.is_err(), "the disk is larger than it should be");

    let mut process = agent.start(&["run", "--replay", &demo(), "--wait-timeout", "60"])?;
    wait_until("the agent is told why", Duration::from_secs(30), || {
        Ok(process.stderr().contains("disk") || process.stderr().contains("full"))
    })?;
    assert!(
        process.ended()?.is_none(),
        "the agent gave up: {}",
        process.stderr()
    );
    std::fs::remove_file(&ballast)?;
    disk.grow()?;
    let status = process.wait(Duration::from_secs(70))?;
    assert!(status.success(), "{}", process.stderr());
    let services = site.query(&["services"])?;
    assert!(
        services["items"]
            .as_array()
            .is_some_and(|items| items.len() >= 5),
        "{services:#}"
    );
    Ok(())
}
