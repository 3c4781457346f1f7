//! A folder in memory that can refuse, and that can crash: then what was not made durable is lost, whole
//! or in part, as a seed decides.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use super::{File, Filesystem};

/// A deterministic source of decisions (xorshift).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides.max(1)
    }
}

#[derive(Debug, Default)]
struct Inode {
    /// What a crash leaves for certain.
    durable: Vec<u8>,
    /// What the process sees.
    seen: Vec<u8>,
    /// Changes since the last flush, in their order.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

#[derive(Debug, Default)]
struct Inner {
    inodes: Vec<Inode>,
    durable: BTreeMap<String, usize>,
    seen: BTreeMap<String, usize>,
    /// After so many more changing calls, calls are refused.
    fuse: Option<usize>,
    /// How many calls are refused once the fuse has burnt; then all works again.
    outage: usize,
    /// Handles from before the crash are dead.
    epoch: u32,
}

/// The folder; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    inner: Rc<RefCell<Inner>>,
    epoch: u32,
}

#[derive(Debug)]
pub(crate) struct Handle {
    memory: Memory,
    inode: usize,
}

impl Memory {
    /// Refuses `outage` changing calls after `calls` more.
    pub(crate) fn fail_after(&self, calls: usize, outage: usize) {
        let mut inner = self.inner.borrow_mut();
        inner.fuse = Some(calls);
        inner.outage = outage;
    }

    pub(crate) fn heal(&self) {
        self.inner.borrow_mut().fuse = None;
    }

    /// The machine loses power: the folder as it is found afterwards. Handles of before are dead.
    pub(crate) fn crash(&self, dice: &mut Dice) -> Self {
        let mut inner = self.inner.borrow_mut();
        inner.epoch += 1;
        inner.fuse = None;
        for inode in &mut inner.inodes {
            let mut bytes = std::mem::take(&mut inode.durable);
            for change in std::mem::take(&mut inode.pending) {
                match (change, dice.roll(3)) {
                    (_, 0) => {}
                    (Change::Write(offset, data), 1) => {
                        let part = dice.roll(data.len() + 1);
                        put(&mut bytes, offset, &data[..part]);
                    }
                    (Change::Write(offset, data), _) => put(&mut bytes, offset, &data),
                    (Change::Cut(len), _) => bytes.resize(len, 0),
                }
            }
            inode.durable.clone_from(&bytes);
            inode.seen = bytes;
        }
        // Each name that changed is found as it was or as it became.
        let names: Vec<String> = inner
            .durable
            .keys()
            .chain(inner.seen.keys())
            .cloned()
            .collect();
        for name in names {
            let from = if dice.roll(2) == 0 {
                inner.durable.get(&name)
            } else {
                inner.seen.get(&name)
            };
            match from.copied() {
                Some(inode) => inner.durable.insert(name, inode),
                None => inner.durable.remove(&name),
            };
        }
        inner.seen = inner.durable.clone();
        Self {
            inner: Rc::clone(&self.inner),
            epoch: inner.epoch,
        }
    }

    /// The process is killed; what it wrote stays.
    pub(crate) fn kill(&self) -> Self {
        let mut inner = self.inner.borrow_mut();
        inner.epoch += 1;
        inner.fuse = None;
        Self {
            inner: Rc::clone(&self.inner),
            epoch: inner.epoch,
        }
    }

    /// Changes bytes of a file for good, as a failing disk does.
    pub(crate) fn damage(&self, name: &str, offset: usize, with: &[u8]) {
        let mut inner = self.inner.borrow_mut();
        let inode = inner.seen[name];
        let inode = &mut inner.inodes[inode];
        put(&mut inode.durable, offset, with);
        put(&mut inode.seen, offset, with);
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let inner = self.inner.borrow();
        inner.inodes[inner.seen[name]].seen.clone()
    }

    fn check_alive(&self) -> io::Result<()> {
        let alive = self.inner.borrow().epoch == self.epoch;
        if alive {
            Ok(())
        } else {
            Err(io::Error::other("from before the crash"))
        }
    }

    /// Passes, or refuses, a call that changes something.
    fn change(&self) -> io::Result<()> {
        self.check_alive()?;
        let mut inner = self.inner.borrow_mut();
        match inner.fuse {
            None => Ok(()),
            Some(0) if inner.outage == 0 => {
                inner.fuse = None;
                Ok(())
            }
            Some(0) => {
                inner.outage -= 1;
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            Some(left) => {
                inner.fuse = Some(left - 1);
                Ok(())
            }
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    if bytes.len() < offset + data.len() {
        bytes.resize(offset + data.len(), 0);
    }
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

impl Filesystem for Memory {
    type File = Handle;

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("/memory").join(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.check_alive()?;
        Ok(self.inner.borrow().seen.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> io::Result<Handle> {
        self.check_alive()?;
        let known = self.inner.borrow().seen.get(name).copied();
        let inode = match known {
            Some(inode) => inode,
            None => {
                self.change()?;
                let mut inner = self.inner.borrow_mut();
                inner.inodes.push(Inode::default());
                let inode = inner.inodes.len() - 1;
                inner.seen.insert(name.to_owned(), inode);
                inode
            }
        };
        Ok(Handle {
            memory: self.clone(),
            inode,
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.change()?;
        let removed = self.inner.borrow_mut().seen.remove(name);
        removed
            .map(|_| ())
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.change()?;
        let mut inner = self.inner.borrow_mut();
        inner.durable = inner.seen.clone();
        Ok(())
    }
}

impl File for Handle {
    fn read_at(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        self.memory.check_alive()?;
        let inner = self.memory.inner.borrow();
        let rest = inner.inodes[self.inode]
            .seen
            .get(usize::try_from(offset).unwrap()..);
        let rest = rest.unwrap_or_default();
        Ok(rest[..len.min(rest.len())].to_vec())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let allowed = self.memory.change();
        let mut inner = self.memory.inner.borrow_mut();
        // A refused write leaves a part, as a full disk does; a dead handle leaves nothing.
        let part = match &allowed {
            Ok(()) => bytes,
            Err(error) if error.kind() == io::ErrorKind::StorageFull => &bytes[..bytes.len() / 2],
            Err(_) => &[],
        };
        let offset = usize::try_from(offset).unwrap();
        let inode = &mut inner.inodes[self.inode];
        put(&mut inode.seen, offset, part);
        inode.pending.push(Change::Write(offset, part.to_vec()));
        allowed
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.memory.change()?;
        let len = usize::try_from(len).unwrap();
        let mut inner = self.memory.inner.borrow_mut();
        let inode = &mut inner.inodes[self.inode];
        inode.seen.resize(len, 0);
        inode.pending.push(Change::Cut(len));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        if let Err(error) = self.memory.change() {
            if error.kind() == io::ErrorKind::StorageFull {
                // As Linux does: what could not be written is marked clean and forgotten.
                let mut inner = self.memory.inner.borrow_mut();
                inner.inodes[self.inode].pending.clear();
            }
            return Err(error);
        }
        let mut inner = self.memory.inner.borrow_mut();
        let inode = &mut inner.inodes[self.inode];
        for change in std::mem::take(&mut inode.pending) {
            match change {
                Change::Write(offset, data) => put(&mut inode.durable, offset, &data),
                Change::Cut(len) => inode.durable.resize(len, 0),
            }
        }
        Ok(())
    }
}
