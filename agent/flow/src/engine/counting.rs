//! Figures that others count: the kernel for sockets, its filter for frames that are not shown.

use wire::Timestamp;

use super::Engine;
use super::bytes::Bytes;
use super::watched::Advance;
use crate::key::{FiveTuple, TransportProtocol};
use crate::sockets::SocketCounters;

impl Engine {
    /// Takes what the kernel has counted on a socket since it was opened; the originator of `tuple` is the
    /// socket's own end. Without effect on flows that match nothing.
    ///
    /// The figures stand where packets know less, so that packets may be kept back in the kernel. They are
    /// payload that arrived, each byte once; TCP's without the SYN. With `closed` they are the last ones, and
    /// the flow ends as if it had shown its FINs.
    pub fn handle_socket_counters(
        &mut self,
        at: Timestamp,
        tuple: &FiveTuple,
        counters: SocketCounters,
        closed: bool,
    ) {
        let Some(id) = self.tracker.find(tuple) else {
            return;
        };
        let Some(watched) = self.state.watched.get_mut(&id) else {
            return;
        };
        // Last words of an older connection of the same endpoints.
        if at < watched.view.first_seen {
            return;
        }
        let bytes = if watched.socket().tuple.orig == tuple.orig {
            Bytes {
                out: counters.bytes_out,
                back: counters.bytes_in,
            }
        } else {
            Bytes {
                out: counters.bytes_in,
                back: counters.bytes_out,
            }
        };
        match watched.count(at, bytes) {
            Advance::Nothing => {}
            Advance::Moved => self.state.make_due(id),
            Advance::Rose => self.state.report_flow(id),
        }
        if closed {
            self.tracker.close(tuple);
        }
    }

    /// Takes frames that the kernel's filter kept back: they went by, though they were not shown.
    pub fn handle_filtered(&mut self, at: Timestamp, frames: u64, bytes: u64) {
        if frames > 0 {
            self.pass_time(at);
            self.state.account.unseen_frames(at, frames, bytes);
        }
    }

    /// Returns whether some flow matches, so that figures of sockets are of use.
    #[must_use]
    pub fn wants_socket_counters(&self) -> bool {
        !self.state.watched.is_empty()
    }

    /// Returns the UDP flows that match, in their order.
    #[must_use]
    pub fn matched_datagram_flows(&self) -> Vec<FiveTuple> {
        let watched = self.state.watched.values();
        let mut tuples: Vec<_> = watched
            .map(|watched| watched.view.tuple)
            .filter(|tuple| tuple.transport == TransportProtocol::Udp)
            .collect();
        tuples.sort_unstable();
        tuples
    }
}
