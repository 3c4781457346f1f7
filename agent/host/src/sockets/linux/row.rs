//! One socket, as a table of the kernel shows it.

use std::net::{IpAddr, SocketAddr};

use flow::{FiveTuple, SocketCounters, TransportProtocol};

/// States of a socket (`net/tcp_states.h`).
pub(super) mod state {
    pub(in crate::sockets::imp) const SYN_SENT: u8 = 2;
    pub(in crate::sockets::imp) const FIN_WAIT2: u8 = 5;
    pub(in crate::sockets::imp) const TIME_WAIT: u8 = 6;
    pub(in crate::sockets::imp) const CLOSE_WAIT: u8 = 8;
    pub(in crate::sockets::imp) const LAST_ACK: u8 = 9;
    pub(in crate::sockets::imp) const LISTEN: u8 = 10;
    pub(in crate::sockets::imp) const CLOSING: u8 = 11;
}

/// A socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) transport: TransportProtocol,
    pub(super) local: SocketAddr,
    /// Unspecified when it is not connected.
    pub(super) remote: SocketAddr,
    pub(super) state: u8,
    pub(super) uid: u32,
    /// Zero when no process has it any more.
    pub(super) inode: u64,
    /// What the kernel counted: acknowledged and received, each with the SYN and FIN that it counts.
    pub(super) counted: Option<(u64, u64)>,
}

impl Row {
    /// Whether the packets of a flow are of this socket, the originator being its local end.
    pub(super) fn carries(&self, tuple: &FiveTuple) -> bool {
        self.transport == tuple.transport
            && self.state != state::LISTEN
            && self.local.port() == tuple.orig.port()
            && same_or_any(self.local.ip(), tuple.orig.ip())
            && (self.is_connected_to(tuple.resp) || !self.is_connected())
    }

    /// Whether it has a peer; only one of UDP may have none and yet carry flows.
    pub(super) fn is_connected(&self) -> bool {
        self.transport == TransportProtocol::Tcp || self.remote.port() != 0
    }

    pub(super) fn is_on_loopback(&self) -> bool {
        plain(self.local.ip()).is_loopback() || plain(self.remote.ip()).is_loopback()
    }

    fn is_connected_to(&self, resp: SocketAddr) -> bool {
        self.remote.port() == resp.port() && plain(self.remote.ip()) == plain(resp.ip())
    }

    /// The flow that it carries, when it has a peer.
    pub(super) fn tuple(&self) -> Option<FiveTuple> {
        (self.remote.port() != 0).then(|| FiveTuple {
            orig: SocketAddr::new(plain(self.local.ip()), self.local.port()),
            resp: SocketAddr::new(plain(self.remote.ip()), self.remote.port()),
            transport: self.transport,
        })
    }

    /// Payload moved so far: without the SYN that the side which connected sent, and without FINs.
    pub(super) fn payload(&self, connected_itself: bool) -> Option<SocketCounters> {
        let (acknowledged, received) = self.counted?;
        let syn = u64::from(connected_itself && self.state != state::SYN_SENT);
        let own_fin = u64::from(self.state == state::FIN_WAIT2);
        let closing = [state::CLOSE_WAIT, state::LAST_ACK, state::CLOSING];
        let their_fin = u64::from(closing.contains(&self.state));
        Some(SocketCounters {
            bytes_out: acknowledged.saturating_sub(syn).saturating_sub(own_fin),
            bytes_in: received.saturating_sub(their_fin),
        })
    }
}

/// An IPv4 address that a socket of IPv6 holds in its mapped form, as packets have it.
pub(super) fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn same_or_any(local: IpAddr, orig: IpAddr) -> bool {
    let local = plain(local);
    local.is_unspecified() || local == plain(orig)
}
