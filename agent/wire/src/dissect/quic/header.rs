//! Long headers (RFC 9000 section 17.2), as far as they are not protected.

use super::version::{Known, Protection};
use crate::dissect::datagram::fnv;
use crate::reader::Reader;

/// The longest connection id of the versions that are read (RFC 9000 section 17.2).
pub(super) const MAX_CID: usize = 20;

/// The shortest connection id that a client makes up for a server (RFC 9000 section 7.2).
const MIN_CLIENT_CHOSEN_CID: usize = 8;

/// The least that a datagram with an Initial packet holds (RFC 9000 section 14.1).
const MIN_INITIAL_DATAGRAM: usize = 1200;

const LONG_HEADER: u8 = 0x80;
const FIXED_BIT: u8 = 0x40;

/// What a packet with a long header is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PacketType {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    VersionNegotiation,
}

/// A packet with a long header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LongPacket<'a> {
    pub(crate) packet_type: PacketType,
    pub(crate) version: u32,
    pub(super) protection: Protection,
    /// Destination connection id.
    pub(crate) dcid: &'a [u8],
    /// Source connection id.
    pub(crate) scid: &'a [u8],
    pub(super) has_token: bool,
    /// The packet from its first byte to its end, or to where the capture ends.
    pub(super) bytes: &'a [u8],
    /// Where the (protected) packet number starts.
    pub(super) number_at: usize,
    /// Whether the capture cut the packet.
    pub(super) cut: bool,
}

impl<'a> LongPacket<'a> {
    /// Reads the packet that `bytes` start with; `None` when it is not one of a known version.
    /// `cut` says that the datagram was longer than what was captured of it.
    pub(crate) fn parse(bytes: &'a [u8], cut: bool) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let first = reader.u8()?;
        if first & LONG_HEADER == 0 {
            return None;
        }
        let version = reader.u32()?;
        let dcid = take_cid(&mut reader)?;
        let scid = take_cid(&mut reader)?;
        if version == 0 {
            return Some(Self {
                packet_type: PacketType::VersionNegotiation,
                version,
                protection: Protection::V1,
                dcid,
                scid,
                has_token: false,
                bytes,
                number_at: reader.position(),
                cut,
            });
        }
        let (protection, known) = Protection::of(version);
        let unlikely = first & FIXED_BIT == 0
            || dcid.len() < MIN_CLIENT_CHOSEN_CID
            || bytes.len() < MIN_INITIAL_DATAGRAM;
        if known == Known::No && unlikely {
            return None;
        }
        let packet_type = protection.packet_type(first >> 4);
        let mut has_token = false;
        let whole = match packet_type {
            PacketType::Retry | PacketType::VersionNegotiation => reader.rest().len(),
            PacketType::Initial => {
                let token = take_varint(&mut reader)?;
                has_token = token > 0;
                reader.take(usize::try_from(token).ok()?)?;
                usize::try_from(take_varint(&mut reader)?).ok()?
            }
            PacketType::ZeroRtt | PacketType::Handshake => {
                usize::try_from(take_varint(&mut reader)?).ok()?
            }
        };
        if whole > reader.left() && !cut {
            return None;
        }
        let number_at = reader.position();
        let end = number_at.saturating_add(whole).min(bytes.len());
        Some(Self {
            packet_type,
            version,
            protection,
            dcid,
            scid,
            has_token,
            bytes: bytes.get(..end)?,
            number_at,
            cut: whole > reader.left(),
        })
    }

    /// Where in the datagram the next packet would start.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// A number that stands for the destination connection id and the version; a client may keep
    /// the id when the server does not speak its version.
    pub(crate) fn dcid_tag(&self) -> u32 {
        fnv(self.version, self.dcid)
    }

    /// The same for the source connection id, which the other side will send to.
    pub(crate) fn scid_tag(&self) -> u32 {
        fnv(self.version, self.scid)
    }

    /// Whether the keys can come from this packet's connection id: the client made it up, or it
    /// came with a token, as the one of a Retry does.
    pub(super) const fn may_start_connection(&self) -> bool {
        self.dcid.len() >= MIN_CLIENT_CHOSEN_CID || self.has_token
    }
}

/// Whether `bytes` start with a long header of a version that is known.
pub(crate) fn has_known_version(bytes: &[u8]) -> bool {
    match bytes {
        [first, a, b, c, d, ..] => {
            let version = u32::from_be_bytes([*a, *b, *c, *d]);
            let (_, known) = Protection::of(version);
            first & LONG_HEADER != 0 && version != 0 && known == Known::Yes
        }
        _ => false,
    }
}

fn take_cid<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let len = usize::from(reader.u8()?);
    (len <= MAX_CID).then(|| reader.take(len)).flatten()
}

/// A variable-length integer (RFC 9000 section 16).
pub(super) fn take_varint(reader: &mut Reader<'_>) -> Option<u64> {
    let first = *reader.rest().first()?;
    let bytes = reader.take(1_usize.checked_shl(u32::from(first >> 6))?)?;
    let mut value = 0_u64;
    for byte in bytes {
        value = (value << 8) | u64::from(*byte);
    }
    let unused = match bytes.len() {
        1 => 0x3f,
        2 => 0x3fff,
        4 => 0x3fff_ffff,
        _ => 0x3fff_ffff_ffff_ffff,
    };
    Some(value & unused)
}
