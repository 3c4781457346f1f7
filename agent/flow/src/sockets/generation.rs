//! One socket among those that used the same ports one after another, and the order they are kept in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use wire::Timestamp;

use super::SocketOwner;
use super::table::{Owned, SKEW};
use crate::attribution::ProcessIdentity;
use crate::key::{FiveTuple, TransportProtocol};

/// Where a socket stands in the table: all that differ in their local address alone are neighbours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key {
    transport: TransportProtocol,
    remote: (IpAddr, u16),
    port: u16,
    pub(super) local: IpAddr,
    pub(super) opened: Timestamp,
}

const LONG_AGO: Timestamp = Timestamp::from_nanos(i64::MIN);
const NEVER: Timestamp = Timestamp::from_nanos(i64::MAX);

impl Key {
    pub(super) fn new(tuple: &FiveTuple, opened: Timestamp) -> Self {
        let tuple = canonical(tuple);
        Self {
            transport: tuple.transport,
            remote: (tuple.resp.ip(), tuple.resp.port()),
            port: tuple.orig.port(),
            local: tuple.orig.ip(),
            opened,
        }
    }

    /// All sockets of this tuple, from the oldest on.
    pub(super) fn all_of(tuple: &FiveTuple) -> RangeInclusive<Self> {
        Self::new(tuple, LONG_AGO)..=Self::new(tuple, NEVER)
    }

    /// All sockets with this port and remote end, whatever their local address.
    pub(super) fn any_local(tuple: &FiveTuple) -> RangeInclusive<Self> {
        let first = Self {
            local: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            ..Self::new(tuple, LONG_AGO)
        };
        let last = Self {
            local: IpAddr::V6(Ipv6Addr::from_bits(u128::MAX)),
            ..Self::new(tuple, NEVER)
        };
        first..=last
    }
}

/// One socket.
#[derive(Clone, Debug)]
pub(super) struct Generation {
    pub(super) owner: SocketOwner,
    pub(super) closed: Option<Timestamp>,
    pub(super) later_user: Option<String>,
}

impl Generation {
    pub(super) const fn new(owner: SocketOwner) -> Self {
        Self {
            owner,
            closed: None,
            later_user: None,
        }
    }

    /// Whether it is a socket of this process: one pid is used again, with another start.
    pub(super) fn is_of(&self, process: &ProcessIdentity) -> bool {
        let own = &self.owner.process;
        (own.pid, own.start_time) == (process.pid, process.start_time)
    }

    /// Whether a flow that began at `started` may be of this socket.
    pub(super) fn fits(&self, key: &Key, started: Timestamp) -> bool {
        key.opened <= started.saturating_add(SKEW)
            && self
                .closed
                .is_none_or(|closed| closed.saturating_add(SKEW) >= started)
    }

    pub(super) fn owned(&self) -> Owned {
        Owned {
            owner: self.owner.clone(),
            later_user: self.later_user.clone(),
        }
    }
}

/// The same tuple with IPv4 addresses as such: a socket of the other family shows them mapped.
pub(super) fn canonical(tuple: &FiveTuple) -> FiveTuple {
    let end = |end: SocketAddr| SocketAddr::new(end.ip().to_canonical(), end.port());
    FiveTuple {
        orig: end(tuple.orig),
        resp: end(tuple.resp),
        transport: tuple.transport,
    }
}

/// The same port on no address.
pub(super) const fn unspecified(end: SocketAddr) -> SocketAddr {
    let address = match end {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    SocketAddr::new(address, end.port())
}
