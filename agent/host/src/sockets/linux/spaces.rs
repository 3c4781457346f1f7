//! The network namespaces of this machine: containers have their own sockets.
//!
//! Each one is asked through a descriptor that was opened in it, by a thread that went there and ended;
//! where that is not allowed, through `/proc/PID/net` of one process in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flow::{FiveTuple, TransportProtocol};
use nix::sched::{CloneFlags, setns};

use super::diag::{ANY, CONNECTED, Diag, Family, LISTENING};
use super::row::Row;
use super::tables;

/// Namespaces that are asked besides one's own.
const MAX_SPACES: usize = 64;
/// Between two looks for namespaces.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// How the sockets of one namespace are learnt.
#[derive(Debug)]
enum Access {
    Diag(Diag),
    /// A folder such as `/proc/4711/net`.
    Tables(PathBuf),
}

/// One network namespace.
#[derive(Debug)]
pub(super) struct Space {
    /// Whether it is the agent's own.
    own: bool,
    access: Access,
}

/// The agent's own namespace and the others.
#[derive(Debug)]
pub(super) struct Spaces {
    proc: PathBuf,
    own: u64,
    diag: bool,
    spaces: BTreeMap<u64, Space>,
    looked: Option<Instant>,
    refused: u64,
    beyond: u64,
}

impl Spaces {
    /// Opens the agent's own namespace. `diag` says whether netlink is to be used.
    pub(super) fn open(proc: &Path, diag: bool) -> io::Result<Self> {
        let own = own_space();
        let access = if diag {
            let mut diag = Diag::open()?;
            // Fails here and not later where the kernel lacks it.
            let question = (LISTENING, 0);
            diag.dump(TransportProtocol::Tcp, Family::V4, question, &mut |_| {})?;
            diag.dump(TransportProtocol::Udp, Family::V4, (ANY, 9), &mut |_| {})?;
            Access::Diag(diag)
        } else {
            let net = proc.join("thread-self/net");
            tables::read(&net, TransportProtocol::Udp, &mut |_| {})?;
            Access::Tables(net)
        };
        Ok(Self {
            proc: proc.to_owned(),
            own,
            diag,
            spaces: BTreeMap::from([(own, Space { own: true, access })]),
            looked: None,
            refused: 0,
            beyond: 0,
        })
    }

    /// The number of the agent's own namespace.
    pub(super) const fn own(&self) -> u64 {
        self.own
    }

    /// The namespace that the agent is in.
    pub(super) fn home(&mut self) -> Option<&mut Space> {
        self.spaces.get_mut(&self.own)
    }

    /// All other namespaces, after a look for new ones now and then.
    pub(super) fn others(&mut self) -> impl Iterator<Item = &mut Space> {
        if self
            .looked
            .is_none_or(|looked| looked.elapsed() >= LOOK_AGAIN)
        {
            self.look();
            self.looked = Some(Instant::now());
        }
        self.spaces.values_mut().filter(|space| !space.own)
    }

    /// The TCP sockets with a peer, each with whether it connected itself: those of other namespaces
    /// without their loopback, which cannot be seen from here.
    pub(super) fn connected(&mut self, take: &mut dyn FnMut(Row, bool)) -> io::Result<()> {
        let outcome = self.home().map_or(Ok(()), |home| home.connected(take));
        for space in self.others() {
            // A namespace may be gone by now.
            let _gone = space.connected(&mut |row, connected_itself| {
                if !row.is_on_loopback() {
                    take(row, connected_itself);
                }
            });
        }
        outcome
    }

    /// The inodes of all UDP sockets that are open now.
    pub(super) fn datagram_inodes(&mut self) -> Vec<u64> {
        let mut inodes = Vec::new();
        let mut note = |space: &mut Space| {
            let _partly = space.datagrams(0, &mut |row| inodes.push(row.inode));
        };
        if let Some(home) = self.home() {
            note(home);
        }
        self.others().for_each(note);
        inodes
    }

    pub(super) const fn counts(&self) -> [(&'static str, u64); 2] {
        [
            ("namespaces_by_proc", self.refused),
            ("namespaces_beyond_cap", self.beyond),
        ]
    }

    fn look(&mut self) {
        let mut found = BTreeMap::new();
        let entries = fs::read_dir(&self.proc).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            if let Ok(space) = fs::metadata(entry.path().join("ns/net")) {
                found.entry(space.ino()).or_insert(pid);
            }
        }
        let own = self.own;
        self.spaces
            .retain(|inode, space| space.own || found.contains_key(inode));
        let known: BTreeSet<_> = self.spaces.keys().copied().collect();
        for (inode, pid) in found.into_iter().filter(|(inode, _)| *inode != own) {
            if known.contains(&inode) {
                continue;
            }
            if self.spaces.len() > MAX_SPACES {
                self.beyond = self.beyond.saturating_add(1);
                continue;
            }
            let folder = self.proc.join(pid.to_string());
            let diag = self
                .diag
                .then(|| opened_in(&folder.join("ns/net")))
                .flatten();
            let access = diag.map_or_else(
                || {
                    self.refused = self.refused.saturating_add(u64::from(self.diag));
                    Access::Tables(folder.join("net"))
                },
                Access::Diag,
            );
            self.spaces.insert(inode, Space { own: false, access });
        }
    }
}

/// The number of the network namespace that this thread is in.
pub(super) fn own_space() -> u64 {
    fs::metadata("/proc/thread-self/ns/net").map_or(0, |space| space.ino())
}

/// A descriptor for the namespace, opened by a thread of its own so that no other one moves.
fn opened_in(space: &Path) -> Option<Diag> {
    let file = File::open(space).ok()?;
    let thread = std::thread::Builder::new().name("namespace".into());
    let opened = thread.spawn(move || {
        setns(&file, CloneFlags::CLONE_NEWNET).ok()?;
        Diag::open().ok()
    });
    opened.ok()?.join().ok().flatten()
}

impl Space {
    /// All sockets that may carry a flow: one for TCP, for UDP perhaps several that share a port.
    pub(super) fn carriers(&mut self, tuple: &FiveTuple) -> io::Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut note = |row: Row| rows.extend(row.carries(tuple).then_some(row));
        match (&mut self.access, tuple.transport) {
            (Access::Diag(diag), TransportProtocol::Tcp) => rows.extend(diag.find(tuple)?),
            (_, TransportProtocol::Udp) => self.datagrams(tuple.orig.port(), &mut note)?,
            (Access::Tables(net), TransportProtocol::Tcp) => {
                tables::read(net, TransportProtocol::Tcp, &mut note)?;
            }
        }
        if rows.iter().any(Row::is_connected) {
            rows.retain(Row::is_connected);
        }
        Ok(rows)
    }

    /// The UDP sockets; with a local port unless 0.
    fn datagrams(&mut self, port: u16, take: &mut dyn FnMut(Row)) -> io::Result<()> {
        match &mut self.access {
            Access::Diag(diag) => [Family::V4, Family::V6].into_iter().try_for_each(|family| {
                diag.dump(TransportProtocol::Udp, family, (ANY, port), take)
            }),
            Access::Tables(net) => tables::read(net, TransportProtocol::Udp, take),
        }
    }

    /// The TCP sockets with a peer, each with whether it connected itself. Nothing without netlink.
    fn connected(&mut self, take: &mut dyn FnMut(Row, bool)) -> io::Result<()> {
        let Access::Diag(diag) = &mut self.access else {
            return Ok(());
        };
        let mut listening = BTreeSet::new();
        for family in [Family::V4, Family::V6] {
            diag.dump(TransportProtocol::Tcp, family, (LISTENING, 0), &mut |row| {
                listening.insert(row.local.port());
            })?;
        }
        for family in [Family::V4, Family::V6] {
            diag.dump(TransportProtocol::Tcp, family, (CONNECTED, 0), &mut |row| {
                take(row, !listening.contains(&row.local.port()));
            })?;
        }
        Ok(())
    }
}
