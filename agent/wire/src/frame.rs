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
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)),
        )
    }

    /// The moment `duration` earlier, or the first one that can be held.
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)),
        )
    }

    /// The time since `earlier`; zero when `earlier` is later, as it is when a clock was set back.
    pub fn since(self, earlier: Self) -> Duration {
        let nanos = i128::from(self.0).saturating_sub(i128::from(earlier.0));
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

/// What the first byte of a frame is: a `LINKTYPE_` value of <https://www.tcpdump.org/linktypes.html>.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a host-order address family before the packet.
    pub const NULL: Self = Self(0);
    /// IEEE 802.3 Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// IEEE 802.5.
    pub const TOKEN_RING: Self = Self(6);
    /// ARCNET as BSD delivers it.
    pub const ARCNET_BSD: Self = Self(7);
    /// SLIP behind a header with the direction.
    pub const SLIP: Self = Self(8);
    /// PPP, with or without address and control field.
    pub const PPP: Self = Self(9);
    /// FDDI.
    pub const FDDI: Self = Self(10);
    /// Raw IP, as some programs write the number that most systems use internally.
    pub const DLT_RAW: Self = Self(12);
    /// Raw IP, as some programs write the number that OpenBSD uses internally.
    pub const DLT_RAW_OPENBSD: Self = Self(14);
    /// PPP in HDLC-like framing, or Cisco's.
    pub const PPP_HDLC: Self = Self(50);
    /// PPPoE session packets without their Ethernet header.
    pub const PPP_ETHER: Self = Self(51);
    /// RFC 2684 over ATM.
    pub const ATM_RFC1483: Self = Self(100);
    /// Raw IPv4 or IPv6.
    pub const RAW: Self = Self(101);
    /// Cisco's HDLC.
    pub const CISCO_HDLC: Self = Self(104);
    /// IEEE 802.11.
    pub const IEEE802_11: Self = Self(105);
    /// Frame Relay.
    pub const FRAME_RELAY: Self = Self(107);
    /// OpenBSD loopback: a network-order address family before the packet.
    pub const LOOP: Self = Self(108);
    /// OpenBSD IPsec.
    pub const ENC: Self = Self(109);
    /// Linux cooked capture.
    pub const LINUX_SLL: Self = Self(113);
    /// OpenBSD packet filter log.
    pub const PFLOG: Self = Self(117);
    /// IEEE 802.11 behind a Prism header.
    pub const IEEE802_11_PRISM: Self = Self(119);
    /// RFC 2625.
    pub const IP_OVER_FC: Self = Self(122);
    /// ATM as SunATM delivers it.
    pub const SUN_ATM: Self = Self(123);
    /// IEEE 802.11 behind radiotap.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// ARCNET as Linux delivers it.
    pub const ARCNET_LINUX: Self = Self(129);
    /// IP over Firewire.
    pub const IP_OVER_1394: Self = Self(138);
    /// Somebody's own; Apple used it for [`LinkType::PKTAP`].
    pub const USER2: Self = Self(149);
    /// IEEE 802.11 behind an AVS header.
    pub const IEEE802_11_AVS: Self = Self(163);
    /// PPP of pppd, whose first byte tells the direction.
    pub const PPP_PPPD: Self = Self(166);
    /// Per-packet information, which names the link type.
    pub const PPI: Self = Self(192);
    /// PPP behind a byte with the direction.
    pub const PPP_WITH_DIRECTION: Self = Self(204);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux netfilter log.
    pub const NFLOG: Self = Self(239);
    /// Ethernet behind a netANALYZER header.
    pub const NETANALYZER: Self = Self(240);
    /// The same with preamble.
    pub const NETANALYZER_TRANSPARENT: Self = Self(241);
    /// Apple's header with interface and process.
    pub const PKTAP: Self = Self(258);
    /// IEEE 802.3br: Ethernet with preamble.
    pub const ETHERNET_MPACKET: Self = Self(274);
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
