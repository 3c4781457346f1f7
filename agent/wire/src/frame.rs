//! The input type: one captured frame, with its time and its link type.

use std::time::Duration;

/// A moment as nanoseconds since the Unix epoch; comes from the capture, never from a clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Wraps nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The moment `duration` later, or the last one that can be held.
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }

    /// The moment `duration` earlier, or the first one that can be held.
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }

    /// The time since `earlier`; zero when `earlier` is later, as it is when a clock was set back.
    pub fn since(self, earlier: Self) -> Duration {
        let nanos = i128::from(self.0).saturating_sub(i128::from(earlier.0));
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

/// What the first byte of a frame is: a `LINKTYPE_` value of the registry at tcpdump.org.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a host-order address family before the packet.
    pub const NULL: Self = Self(0);
    /// IEEE 802.3 Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Raw IPv4 or IPv6.
    pub const RAW: Self = Self(101);
    /// Linux cooked capture.
    pub const LINUX_SLL: Self = Self(113);
    /// Linux cooked capture, second version.
    pub const LINUX_SLL2: Self = Self(276);
}

/// One captured frame, borrowed from the capture buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When it was captured.
    pub ts: Timestamp,
    /// Its place in its source, from 1.
    pub number: u64,
    /// How to read `data`.
    pub link_type: LinkType,
    /// Length on the wire; more than `data` holds when the capture was cut to a snap length.
    pub orig_len: u32,
    /// The 802.1Q tag control information that the kernel moved from the frame to its metadata.
    pub vlan: Option<u16>,
    /// The bytes that were captured.
    pub data: &'a [u8],
}
