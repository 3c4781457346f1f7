//! Owners of sockets on Linux.

mod diag;
mod events;
mod holders;
mod kernel;
mod lookup;
mod row;
mod spaces;
mod tables;

use std::sync::Arc;

use flow::{FiveTuple, ProcessIdentity, SocketEvent, SocketOwner};
use wire::Timestamp;

use super::{Backend, SocketsConfig};
use crate::process::Processes;
use events::Events;
use holders::Holders;
use kernel::Kernel;
use spaces::Spaces;

const NO_SOURCE: &str = "no source of socket owners could be opened";

/// What the system says about sockets.
#[derive(Debug)]
pub struct Sockets {
    backend: Backend,
    processes: Processes,
    holders: Holders,
    spaces: Option<Spaces>,
    events: Option<Events>,
    failed: u64,
}

impl Sockets {
    /// Opens the best backend that is allowed and works; what could not be used is told in words.
    #[must_use]
    pub fn open(config: SocketsConfig) -> (Self, Vec<String>) {
        let mut degradations = Vec::new();
        let kernel = Self::kernel(&config, &mut degradations);
        let (tables, mut spaces) = Self::tables(&config, &mut degradations);
        let backend = if kernel.is_some() {
            Backend::Ebpf
        } else {
            tables
        };
        let own = spaces.as_ref().map_or_else(spaces::own_space, Spaces::own);
        let events = kernel.map(|kernel| {
            let older = spaces
                .as_mut()
                .map(Spaces::datagram_inodes)
                .unwrap_or_default();
            Events::new(kernel, own, older.into_iter())
        });
        let sockets = Self {
            backend,
            processes: Processes::open(&config.proc),
            holders: Holders::new(&config.proc),
            spaces,
            events,
            failed: 0,
        };
        (sockets, degradations)
    }

    /// The program in the kernel, when it is wanted and works.
    fn kernel(config: &SocketsConfig, told: &mut Vec<String>) -> Option<Kernel> {
        if config.best < Backend::Ebpf {
            return None;
        }
        match Kernel::open() {
            Ok((kernel, lacking)) => {
                told.extend(lacking);
                Some(kernel)
            }
            Err(error) => {
                told.push(format!(
                    "kernel events of sockets cannot be used ({error}; they need CAP_BPF, \
                     CAP_PERFMON and a kernel since 5.8 with BTF): owners are looked up when a flow \
                     matches, so that none is exact and programs that live for moments are missed"
                ));
                None
            }
        }
    }

    /// The best table of sockets.
    fn tables(config: &SocketsConfig, told: &mut Vec<String>) -> (Backend, Option<Spaces>) {
        if config.best >= Backend::SockDiag {
            match Spaces::open(&config.proc, true) {
                Ok(spaces) => return (Backend::SockDiag, Some(spaces)),
                Err(error) => told.push(format!(
                    "sockets cannot be asked for one by one (sock-diag: {error}): \
                     /proc/net is read instead, and flows whose packets are not seen have no byte counts"
                )),
            }
        }
        if config.best >= Backend::Procfs {
            match Spaces::open(&config.proc, false) {
                Ok(spaces) => return (Backend::Procfs, Some(spaces)),
                Err(error) => told.push(format!(
                    "the tables of sockets cannot be read (procfs: {error}): \
                     the program and the user behind a flow stay unknown"
                )),
            }
        }
        (Backend::None, None)
    }

    /// Returns what is used.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// Takes what the kernel reported since the last call, in the order of time; never waits.
    pub fn poll(&mut self, take: &mut dyn FnMut(SocketEvent)) {
        if let Some(events) = &mut self.events {
            events.poll(&mut self.processes, take);
        }
    }

    /// Owner of one flow, looked up now: for flows that no event announced.
    ///
    /// The originator of `tuple` is the local end; `started` is when the flow was first seen, and a
    /// process that began later did not open it.
    ///
    /// # Errors
    /// Why it is unknown, in words.
    pub fn owner(
        &mut self,
        tuple: &FiveTuple,
        started: Timestamp,
        _now: Timestamp,
    ) -> Result<SocketOwner, &'static str> {
        let spaces = self.spaces.as_mut().ok_or(NO_SOURCE)?;
        lookup::owner(
            spaces,
            &mut self.holders,
            &mut self.processes,
            tuple,
            started,
        )
    }

    /// Counters of all TCP sockets with a peer, in one pass over the kernel's table; with kernel events
    /// those of connected UDP sockets too.
    ///
    /// Nothing is told of TCP where only `/proc` can be read.
    pub fn counters(&mut self, now: Timestamp, take: &mut dyn FnMut(SocketEvent)) {
        if let Some(events) = &mut self.events {
            events.datagrams(now, take);
        }
        let Some(spaces) = &mut self.spaces else {
            return;
        };
        let outcome = spaces.connected(&mut |row, connected_itself| {
            if let (Some(tuple), Some(counters)) = (row.tuple(), row.payload(connected_itself)) {
                take(SocketEvent::Counted {
                    at: now,
                    tuple,
                    counters,
                    closed: false,
                });
            }
        });
        self.failed = self.failed.saturating_add(u64::from(outcome.is_err()));
    }

    /// Returns the identity with what was found out since it was made: the hash of the program file and
    /// its package, which are read from disk in the background.
    #[must_use]
    pub fn completed(&mut self, process: &Arc<ProcessIdentity>) -> Arc<ProcessIdentity> {
        self.processes.completed(process)
    }

    /// Returns what is counted, by name.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let spaces = self.spaces.as_ref().map(Spaces::counts);
        let events = self.events.as_ref().map(Events::counts);
        let failed = [("counter_passes_failed", self.failed)];
        failed
            .into_iter()
            .chain(self.holders.counts())
            .chain(self.processes.counts())
            .chain(spaces.into_iter().flatten())
            .chain(events.into_iter().flatten())
    }
}
