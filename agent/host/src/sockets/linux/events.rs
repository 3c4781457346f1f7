//! What the kernel program recorded, made complete: identities, logins, times of the wall clock.

use std::collections::BTreeSet;
use std::sync::Arc;

use flow::{FiveTuple, MatchQuality, ProcessIdentity, SocketEvent, SocketOwner, TransportProtocol};
use wire::Timestamp;

use super::kernel::{Kernel, Kind, ProcessKey, Record, SocketRecord};
use crate::bounded::Bounded;
use crate::process::{Known, Processes, wall_at_boot};

/// Programs that are remembered; more than the kernel program does, so that none is told in vain.
const MAX_PROGRAMS: usize = 4096;
/// UDP sockets that were open before the agent began, and are remembered as such.
const MAX_OLDER: usize = 100_000;

/// Why the first sender that was seen may not be the first one.
const OLDER: &str = "the socket was open before the agent began: the first sender seen since";

/// The kernel's records and what is known of the programs in them.
#[derive(Debug)]
pub(super) struct Events {
    kernel: Kernel,
    programs: Bounded<ProcessKey, Known>,
    /// Number of the network namespace that the agent captures in.
    own: u64,
    /// Inodes of UDP sockets that were there before.
    older: BTreeSet<u64>,
    odd: u64,
    unnamed: u64,
    elsewhere: u64,
}

impl Events {
    pub(super) fn new(kernel: Kernel, own: u64, older: impl Iterator<Item = u64>) -> Self {
        Self {
            kernel,
            programs: Bounded::new(MAX_PROGRAMS),
            own,
            older: older.take(MAX_OLDER).collect(),
            odd: 0,
            unnamed: 0,
            elsewhere: 0,
        }
    }

    /// Takes what was recorded since the last call.
    pub(super) fn poll(&mut self, processes: &mut Processes, take: &mut dyn FnMut(SocketEvent)) {
        let mut records = Vec::new();
        let programs = &mut self.programs;
        let odd = self.kernel.poll(&mut |record| match record {
            Record::Process(key, facts) => {
                programs.insert(key, processes.describe(processes.with_rest(*facts)));
            }
            Record::Socket(record) => records.push(record),
        });
        self.odd = self.odd.saturating_add(odd);
        // Two processors may have written in another order than things happened.
        records.sort_by_key(|record| record.at);
        let started = wall_at_boot();
        for record in records {
            if let Some(event) = self.event(processes, &record, started) {
                take(event);
            }
        }
    }

    /// The figures of UDP sockets that are connected.
    pub(super) fn datagrams(&mut self, now: Timestamp, take: &mut dyn FnMut(SocketEvent)) {
        let since_start = now.as_nanos().saturating_sub(wall_at_boot());
        let since_start = u64::try_from(since_start).unwrap_or_default();
        let own = self.own;
        self.kernel.datagrams(since_start, &mut |record| {
            if !on_another_loopback(own, &record) {
                take(SocketEvent::Counted {
                    at: now,
                    tuple: record.tuple,
                    counters: record.counters,
                    closed: false,
                });
            }
        });
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let own = [
            ("socket_events_odd", self.odd),
            ("socket_events_without_process", self.unnamed),
            ("socket_events_of_other_loopbacks", self.elsewhere),
            ("programs_forgotten", self.programs.evicted()),
        ];
        own.into_iter().chain(self.kernel.losses())
    }

    fn event(
        &mut self,
        processes: &mut Processes,
        record: &SocketRecord,
        started: i64,
    ) -> Option<SocketEvent> {
        if on_another_loopback(self.own, record) {
            self.elsewhere = self.elsewhere.saturating_add(1);
            return None;
        }
        let at = i64::try_from(record.at).unwrap_or(i64::MAX);
        let at = Timestamp::from_nanos(started.saturating_add(at));
        let tuple = record.tuple;
        match record.kind {
            Kind::Counted | Kind::Closed => Some(SocketEvent::Counted {
                at,
                tuple,
                counters: record.counters,
                closed: record.kind == Kind::Closed,
            }),
            Kind::Opened => {
                let process = self.program(processes, record.process)?;
                let older =
                    tuple.transport == TransportProtocol::Udp && self.older.contains(&record.inode);
                let owner = SocketOwner {
                    process,
                    login: Some(processes.login(record.uid)),
                    quality: if older {
                        MatchQuality::Polled
                    } else {
                        MatchQuality::Exact
                    },
                    reason: if older { OLDER } else { "" },
                };
                Some(SocketEvent::Opened { at, tuple, owner })
            }
            Kind::UsedBy => {
                let process = self.program(processes, record.process)?;
                Some(SocketEvent::UsedBy { at, tuple, process })
            }
        }
    }

    /// The program of a record. One whose description was lost stays unknown: what `/proc` shows by now may
    /// be another program in the same process.
    fn program(
        &mut self,
        processes: &mut Processes,
        key: ProcessKey,
    ) -> Option<Arc<ProcessIdentity>> {
        let Some(known) = self.programs.find(&key) else {
            self.unnamed = self.unnamed.saturating_add(1);
            return None;
        };
        known.identity = processes.completed(&known.identity);
        Some(Arc::clone(&known.identity))
    }
}

/// Whether it happened on the loopback of another network namespace: that one's packets are not seen here,
/// and its ends may be those of a flow which is.
fn on_another_loopback(own: u64, record: &SocketRecord) -> bool {
    let FiveTuple { orig, resp, .. } = record.tuple;
    u64::from(record.net) != own && (orig.ip().is_loopback() || resp.ip().is_loopback())
}
