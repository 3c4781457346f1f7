//! Ports on which model servers listen, and whether they can be reached from the network.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flow::Attribute;

use super::Look;
use crate::presence::disk::MAX_ENTRIES;

/// Bytes of a table of sockets that are read: listening ones come first in it.
const MAX_TABLE: u64 = 1 << 20;
/// State of a socket that listens, `TCP_LISTEN`.
const LISTENING: &str = "0A";
/// Ports of one program that are told.
const MAX_PORTS: usize = 16;

/// A socket that listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::presence) struct Listening {
    pub(in crate::presence) inode: u64,
    pub(in crate::presence) port: u16,
    pub(in crate::presence) is_loopback: bool,
}

/// Sockets that listen, by network namespace; each is read once in a scan.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    namespaces: BTreeMap<PathBuf, BTreeMap<u64, Listening>>,
}

impl Sockets {
    /// What leaves about the ports of the process whose folder this is, port by port.
    pub(super) fn of(
        &mut self,
        look: &mut Look<'_>,
        root: &Path,
        process: &Path,
    ) -> Vec<Vec<Attribute>> {
        let namespace = look.disk.link(&process.join("ns/net"));
        let namespace = namespace.unwrap_or_else(|| root.to_path_buf());
        let table = self.namespaces.entry(namespace).or_insert_with(|| {
            let mut table = BTreeMap::new();
            for name in ["net/tcp", "net/tcp6"] {
                let bytes = look.disk.read_made_up(&process.join(name), MAX_TABLE);
                let sockets = listening(&bytes.unwrap_or_default());
                table.extend(sockets.into_iter().map(|socket| (socket.inode, socket)));
            }
            table
        });
        let mut ports: BTreeMap<u16, bool> = BTreeMap::new();
        for entry in look.disk.list_up_to(&process.join("fd"), MAX_ENTRIES) {
            let target = look.disk.link(&entry.path);
            let inode = target.as_deref().and_then(Path::to_str).and_then(inode_of);
            if let Some(socket) = inode.and_then(|inode| table.get(&inode)) {
                let only_here = ports.entry(socket.port).or_insert(true);
                *only_here &= socket.is_loopback;
            }
        }
        let told = ports.into_iter().take(MAX_PORTS).map(|(port, only_here)| {
            let bind = if only_here { "loopback" } else { "network" };
            vec![
                Attribute::new("bind", bind),
                Attribute::new("port", &port.to_string()),
            ]
        });
        told.collect()
    }
}

fn inode_of(link: &str) -> Option<u64> {
    link.strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// The sockets that listen in a table of `/proc/net`.
pub(in crate::presence) fn listening(table: &[u8]) -> Vec<Listening> {
    let text = String::from_utf8_lossy(table);
    let rows = text.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (address, port) = fields.nth(1)?.split_once(':')?;
        let state = fields.nth(1)?;
        let inode = fields.nth(5)?.parse().ok()?;
        let socket = Listening {
            inode,
            port: u16::from_str_radix(port, 16).ok()?,
            is_loopback: is_loopback(address),
        };
        (state == LISTENING).then_some(socket)
    });
    rows.collect()
}

/// Whether an address of such a table, words of the machine's byte order in hexadecimal, is one of this device alone.
fn is_loopback(address: &str) -> bool {
    match address.len() {
        8 => address.ends_with("7F"),
        // ::1, and 127.0.0.0/8 as it is written in IPv6.
        32 => {
            address == "00000000000000000000000001000000"
                || (address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F"))
        }
        _ => false,
    }
}
