//! Figures that replace packets: what the kernel counts on sockets, on its way to the capture queues, and what
//! its filter counts itself.
//!
//! Whoever holds the sockets asks [`SocketCounts::wanted`] every [`COUNT_INTERVAL`] and posts what it knows;
//! while no flow matches anything, nobody asks the kernel.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use capture::{CaptureStats, PacketSource};
use flow::{FiveTuple, SocketCounters};
use wire::Timestamp;

use super::queue::Queue;

/// How often figures are asked for while some flow matches.
pub(crate) const COUNT_INTERVAL: Duration = Duration::from_secs(5);
/// Figures that wait for one queue; further ones are dropped and counted, since the next ones say the same and more.
const MAX_WAITING: usize = 65_536;

/// What one socket has moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Counted {
    pub(crate) at: Timestamp,
    /// Its own end first.
    pub(crate) tuple: FiveTuple,
    pub(crate) counters: SocketCounters,
    pub(crate) closed: bool,
}

/// Hands figures of sockets to every capture queue.
#[derive(Debug, Default)]
pub(crate) struct SocketCounts {
    boxes: Mutex<Vec<Weak<Mailbox>>>,
}

impl SocketCounts {
    /// A mailbox that gets all figures until it is dropped.
    pub(super) fn subscribe(&self) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::default());
        let mut boxes = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.retain(|other| other.strong_count() > 0);
        boxes.push(Arc::downgrade(&mailbox));
        mailbox
    }

    fn mailboxes(&self) -> Vec<Arc<Mailbox>> {
        let boxes = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether some queue follows a flow that matches.
    pub(crate) fn wanted(&self) -> bool {
        self.mailboxes()
            .iter()
            .any(|mailbox| mailbox.wanted.load(Ordering::Relaxed))
    }

    /// Hands figures to the queues that want them; gives how many found no room.
    #[must_use]
    pub(crate) fn post(&self, counted: &[Counted]) -> usize {
        let mailboxes = self.mailboxes();
        let wanting = mailboxes
            .iter()
            .filter(|mailbox| mailbox.wanted.load(Ordering::Relaxed));
        wanting.map(|mailbox| mailbox.put(counted)).sum()
    }
}

/// Figures that wait for one queue.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    wanted: AtomicBool,
    waiting: Mutex<Vec<Counted>>,
}

impl Mailbox {
    fn put(&self, counted: &[Counted]) -> usize {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_WAITING.saturating_sub(waiting.len());
        waiting.extend(counted.iter().take(room));
        counted.len().saturating_sub(room)
    }

    fn take(&self) -> Vec<Counted> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting)
    }
}

impl Queue {
    /// Takes the figures that came, and those of the filter when they are due.
    pub(super) fn take_counts(&mut self, source: &dyn PacketSource, at: Timestamp) {
        for counted in self.counted.take() {
            self.engine.handle_socket_counters(
                counted.at,
                &counted.tuple,
                counted.counters,
                counted.closed,
            );
        }
        let wanted = self.engine.wants_socket_counters();
        self.counted.wanted.store(wanted, Ordering::Relaxed);
        let due = &mut self.account.count_next;
        if wanted && due.is_none_or(|next| next <= Instant::now()) {
            *due = Some(Instant::now() + COUNT_INTERVAL);
            self.count_datagrams(source, at);
        }
    }

    /// Takes it into the coverage that frames went by which the kernel kept back.
    pub(super) fn take_filtered(&mut self, stats: CaptureStats, at: Timestamp) {
        let (frames, bytes) = self.account.filtered_told;
        self.account.filtered_told = (stats.filtered, stats.filtered_bytes);
        self.engine.handle_filtered(
            at,
            stats.filtered.saturating_sub(frames),
            stats.filtered_bytes.saturating_sub(bytes),
        );
    }

    /// Takes what the kernel's filter counted of the matching flows that have no connection.
    pub(super) fn count_datagrams(&mut self, source: &dyn PacketSource, at: Timestamp) {
        for tuple in self.engine.matched_datagram_flows() {
            if let Some([bytes_out, bytes_in]) = source.datagram_bytes(tuple.orig, tuple.resp) {
                let counters = SocketCounters {
                    bytes_out,
                    bytes_in,
                };
                self.engine
                    .handle_socket_counters(at, &tuple, counters, false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flow::TransportProtocol;

    use super::*;

    #[test]
    fn figures_reach_the_queues_that_want_them() {
        let counts = SocketCounts::default();
        let (first, second) = (counts.subscribe(), counts.subscribe());
        let counted = Counted {
            at: Timestamp::from_nanos(1),
            tuple: FiveTuple {
                orig: "10.0.0.1:40000".parse().unwrap(),
                resp: "10.0.0.2:443".parse().unwrap(),
                transport: TransportProtocol::Tcp,
            },
            counters: SocketCounters::default(),
            closed: false,
        };
        assert!(!counts.wanted());
        first.wanted.store(true, Ordering::Relaxed);
        assert!(counts.wanted());
        assert_eq!(counts.post(&[counted]), 0);
        assert_eq!(first.take(), [counted]);
        assert!(first.take().is_empty() && second.take().is_empty());
        assert_eq!(counts.post(&vec![counted; MAX_WAITING + 5]), 5);
        assert_eq!(first.take().len(), MAX_WAITING);
        drop(first);
        assert!(!counts.wanted());
    }
}
