//! Why a frame gave no packet, and how often.

use crate::frame::LinkType;

/// The part of a frame that a reject speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Layer {
    /// Everything in front of the (outermost) IP header.
    Link,
    /// The IP header and its options or extension headers.
    Ip,
    /// The header of an encapsulation.
    Tunnel,
    /// The TCP or UDP header.
    Transport,
}

/// Why a frame gave no packet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DecodeError {
    /// The link type is not one the sensor reads.
    UnknownLinkType,
    /// The frame ends inside a header.
    Truncated(Layer),
    /// A header claims a length that cannot be.
    BadLength(Layer),
    /// The version of an IP header is not what the header before it says.
    BadVersion,
    /// The frame carries no IP: ARP, spanning tree, a wireless management frame.
    NotIp,
    /// The frame is encrypted at the link layer.
    Encrypted,
    /// More headers than [`MAX_HEADERS`](super::MAX_HEADERS) in one frame.
    NestedTooDeep,
    /// The frame is one fragment of a datagram of which others have not arrived yet.
    FragmentHeld,
    /// A fragment contradicts one that arrived before; the datagram is given up.
    FragmentOverlap,
    /// A fragment whose place or length cannot be.
    FragmentBad,
    /// More fragments in one datagram than are held; it is given up.
    FragmentTooMany,
    /// IP carries neither TCP nor UDP.
    UnsupportedTransport,
}

impl DecodeError {
    /// Every reject, in the order of [`DecodeCounters::iter`].
    const ALL: [Self; 18] = [
        Self::UnknownLinkType,
        Self::Truncated(Layer::Link),
        Self::Truncated(Layer::Ip),
        Self::Truncated(Layer::Tunnel),
        Self::Truncated(Layer::Transport),
        Self::BadLength(Layer::Link),
        Self::BadLength(Layer::Ip),
        Self::BadLength(Layer::Tunnel),
        Self::BadLength(Layer::Transport),
        Self::BadVersion,
        Self::NotIp,
        Self::Encrypted,
        Self::NestedTooDeep,
        Self::FragmentHeld,
        Self::FragmentOverlap,
        Self::FragmentBad,
        Self::FragmentTooMany,
        Self::UnsupportedTransport,
    ];

    /// The name of its counter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownLinkType => "decode_unknown_link_type",
            Self::Truncated(Layer::Link) => "decode_truncated_link",
            Self::Truncated(Layer::Ip) => "decode_truncated_ip",
            Self::Truncated(Layer::Tunnel) => "decode_truncated_tunnel",
            Self::Truncated(Layer::Transport) => "decode_truncated_transport",
            Self::BadLength(Layer::Link) => "decode_bad_length_link",
            Self::BadLength(Layer::Ip) => "decode_bad_length_ip",
            Self::BadLength(Layer::Tunnel) => "decode_bad_length_tunnel",
            Self::BadLength(Layer::Transport) => "decode_bad_length_transport",
            Self::BadVersion => "decode_bad_version",
            Self::NotIp => "decode_not_ip",
            Self::Encrypted => "decode_encrypted",
            Self::NestedTooDeep => "decode_nested_too_deep",
            Self::FragmentHeld => "decode_fragment_held",
            Self::FragmentOverlap => "decode_fragment_overlap",
            Self::FragmentBad => "decode_fragment_bad",
            Self::FragmentTooMany => "decode_fragment_too_many",
            Self::UnsupportedTransport => "decode_unsupported_transport",
        }
    }
}

/// At most this many link types that are not read are remembered by number.
pub const MAX_UNKNOWN_LINK_TYPES: usize = 8;

/// Rejects by reason, and what became of fragments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DecodeCounters {
    rejects: [u64; DecodeError::ALL.len()],
    unknown_link_types: [Option<LinkType>; MAX_UNKNOWN_LINK_TYPES],
    /// Datagrams put together from fragments.
    pub(super) reassembled: u64,
    /// Datagrams whose fragments did not all arrive in time.
    pub(super) expired: u64,
    /// Datagrams given up because the memory for fragments was full.
    pub(super) evicted: u64,
}

impl DecodeCounters {
    /// All counters by name, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        DecodeError::ALL
            .iter()
            .map(|error| error.name())
            .zip(self.rejects)
            .chain([
                ("decode_fragments_reassembled", self.reassembled),
                ("decode_fragments_expired", self.expired),
                ("decode_fragments_evicted", self.evicted),
            ])
    }

    /// How often a frame was refused for this reason.
    pub fn rejected(&self, error: DecodeError) -> u64 {
        DecodeError::ALL
            .iter()
            .zip(self.rejects)
            .find_map(|(known, count)| (*known == error).then_some(count))
            .unwrap_or_default()
    }

    /// The first link types met that are not read, at most [`MAX_UNKNOWN_LINK_TYPES`].
    pub fn unknown_link_types(&self) -> impl Iterator<Item = LinkType> {
        self.unknown_link_types.into_iter().flatten()
    }

    /// Adds the counts of another decoder.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.rejects.iter_mut().zip(other.rejects) {
            *mine = mine.saturating_add(theirs);
        }
        other
            .unknown_link_types()
            .for_each(|link_type| self.remember(link_type));
        self.reassembled = self.reassembled.saturating_add(other.reassembled);
        self.expired = self.expired.saturating_add(other.expired);
        self.evicted = self.evicted.saturating_add(other.evicted);
    }

    /// Counts one refused frame.
    pub(super) fn count(&mut self, error: DecodeError, link_type: LinkType) {
        if error == DecodeError::UnknownLinkType {
            self.remember(link_type);
        }
        let index = DecodeError::ALL.iter().position(|known| *known == error);
        if let Some(count) = index.and_then(|index| self.rejects.get_mut(index)) {
            *count = count.saturating_add(1);
        }
    }

    fn remember(&mut self, link_type: LinkType) {
        for slot in &mut self.unknown_link_types {
            match slot {
                Some(known) if *known == link_type => return,
                Some(_) => {}
                None => {
                    *slot = Some(link_type);
                    return;
                }
            }
        }
    }
}
