//! IEEE 802.11 data frames, and the headers that capture drivers put before them.

use super::error::{DecodeError, Layer};
use super::ether::LINK_CUT;
use super::walk::{Next, Stop, Walk};
use crate::frame::LinkType;
use crate::reader::Reader;

const BAD_LENGTH: DecodeError = DecodeError::BadLength(Layer::Link);

/// How the header of an 802.11 frame is delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WlanHeader {
    /// As on the air.
    Plain,
    /// Padded to a multiple of four bytes.
    Padded,
    /// Access points of one large vendor send frame and sequence control in network order in CAPWAP.
    MaybeSwapped,
}

/// IEEE 802.11 section 9.2: control, duration, three addresses, sequence; then a fourth address,
/// quality of service and high throughput control as the control field tells.
pub(super) fn wlan<'a>(
    walk: &mut Walk,
    data: &'a [u8],
    header: WlanHeader,
) -> Result<Next<'a>, Stop<'a>> {
    const TYPE_AND_VERSION: u8 = 0x0f;
    const DATA_VERSION_0: u8 = 0x08;
    const QUALITY: u8 = 0x80;
    const NO_DATA: u8 = 0x40;
    const TO_DISTRIBUTION: u8 = 0x01;
    const FROM_DISTRIBUTION: u8 = 0x02;
    const MORE_FRAGMENTS: u8 = 0x04;
    const PROTECTED: u8 = 0x40;
    const HIGH_THROUGHPUT: u8 = 0x80;

    let mut reader = Reader::new(data);
    let [mut kind, mut flags] = reader.take_array().ok_or(LINK_CUT)?;
    let swapped = header == WlanHeader::MaybeSwapped && kind & TYPE_AND_VERSION != DATA_VERSION_0;
    if swapped {
        (kind, flags) = (flags, kind);
    }
    if kind & TYPE_AND_VERSION != DATA_VERSION_0 || kind & NO_DATA != 0 {
        return Err(DecodeError::NotIp.into());
    }
    reader.take(2).ok_or(LINK_CUT)?;
    let first = reader.take_array::<6>().ok_or(LINK_CUT)?;
    let second = reader.take_array::<6>().ok_or(LINK_CUT)?;
    let third = reader.take_array::<6>().ok_or(LINK_CUT)?;
    let [low, high] = reader.take_array().ok_or(LINK_CUT)?;
    let fragment = if swapped { high } else { low };
    let (src, dst) = match (flags & TO_DISTRIBUTION != 0, flags & FROM_DISTRIBUTION != 0) {
        (false, false) => (second, first),
        (true, false) => (second, third),
        (false, true) => (third, first),
        (true, true) => (reader.take_array::<6>().ok_or(LINK_CUT)?, third),
    };
    let mut aggregated = false;
    if kind & QUALITY != 0 {
        const AGGREGATE: u8 = 0x80;
        let [quality, _] = reader.take_array().ok_or(LINK_CUT)?;
        aggregated = quality & AGGREGATE != 0;
        if flags & HIGH_THROUGHPUT != 0 {
            reader.take(4).ok_or(LINK_CUT)?;
        }
    }
    if header == WlanHeader::Padded {
        let padding = reader
            .position()
            .next_multiple_of(4)
            .saturating_sub(reader.position());
        reader.take(padding).ok_or(LINK_CUT)?;
    }
    walk.link_addresses(Some(src), Some(dst));
    if flags & PROTECTED != 0 {
        return Err(DecodeError::Encrypted.into());
    }
    // Fragments at this layer are not put together: they are rare, and their first bytes are read.
    if flags & MORE_FRAGMENTS == 0 && fragment & 0x0f != 0 {
        return Err(DecodeError::NotIp.into());
    }
    if aggregated {
        // The first of several frames: destination, source, length.
        let [.., l0, l1] = reader.take_array::<14>().ok_or(LINK_CUT)?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let rest = reader.rest();
        return Ok(Next::Llc(rest.get(..length).unwrap_or(rest)));
    }
    Ok(Next::Llc(reader.rest()))
}

/// <https://www.radiotap.org>: version, padding, length (little-endian), which fields there are,
/// and fields, of which the flags tell whether the 802.11 header is padded.
pub(super) fn radiotap<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    const HAS_TIME: u32 = 1;
    const HAS_FLAGS: u32 = 1 << 1;
    const MORE_WORDS: u32 = 1 << 31;
    const PADDED: u8 = 0x20;

    let mut reader = Reader::new(data);
    let [version, _, l0, l1] = reader.take_array().ok_or(LINK_CUT)?;
    let length = usize::from(u16::from_le_bytes([l0, l1]));
    if version != 0 || length < 8 {
        return Err(BAD_LENGTH.into());
    }
    let frame = data.get(length..).ok_or(LINK_CUT)?;
    let present = u32::from_le_bytes(reader.take_array().ok_or(LINK_CUT)?);
    let mut word = present;
    while word & MORE_WORDS != 0 && reader.position() < length {
        word = u32::from_le_bytes(reader.take_array().ok_or(LINK_CUT)?);
    }
    let mut at = reader.position();
    if present & HAS_TIME != 0 {
        at = at.next_multiple_of(8).saturating_add(8);
    }
    let flags = if present & HAS_FLAGS != 0 && at < length {
        data.get(at).copied().unwrap_or_default()
    } else {
        0
    };
    Ok(Next::Wlan(frame, padded_if(flags & PADDED != 0)))
}

/// Per-packet information: version, flags, length and link type, both little-endian.
pub(super) fn ppi<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    const ALIGNED: u8 = 1;
    let header = data.first_chunk::<8>().ok_or(LINK_CUT)?;
    let [_, flags, l0, l1, t0, t1, _, _] = *header;
    let length = usize::from(u16::from_le_bytes([l0, l1]));
    if length < 8 {
        return Err(BAD_LENGTH.into());
    }
    let frame = data.get(length..).ok_or(LINK_CUT)?;
    Ok(match LinkType(u16::from_le_bytes([t0, t1])) {
        LinkType::IEEE802_11 => Next::Wlan(frame, padded_if(flags & ALIGNED != 0)),
        link_type => Next::Link(link_type, frame),
    })
}

/// The headers of old drivers: AVS tells its length, Prism is always 144 bytes long.
pub(super) fn prism_or_avs<'a>(data: &'a [u8]) -> Result<Next<'a>, Stop<'a>> {
    const AVS_MAGIC: [u8; 3] = [0x80, 0x21, 0x10];
    const PRISM_BYTES: usize = 144;
    let length = if data.starts_with(&AVS_MAGIC) {
        let mut reader = Reader::new(data);
        reader.take(4).and_then(|_| reader.u32()).ok_or(LINK_CUT)? as usize
    } else {
        PRISM_BYTES
    };
    data.get(length..)
        .map(|frame| Next::Wlan(frame, WlanHeader::Plain))
        .ok_or(LINK_CUT.into())
}

fn padded_if(padded: bool) -> WlanHeader {
    if padded {
        WlanHeader::Padded
    } else {
        WlanHeader::Plain
    }
}
