//! The classic format, <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html>.
//!
//! ```text
//! file    magic u32, major u16, minor u16, zone i32, accuracy u32, snap length u32, link type u32
//! record  seconds u32, fraction u32, captured length u32, original length u32, bytes
//! ```
//! The magic tells the byte order and whether the fraction is micro- or nanoseconds. A third magic
//! marks Kuznetzov's variant, whose records have eight more bytes of header.

use super::order::ByteOrder;
use super::{DamageReason, MAX_RECORD_BYTES, Step, frame};

const MAGIC_MICROS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOS: u32 = 0xa1b2_3c4d;
const MAGIC_KUZNETZOV: u32 = 0xa1b2_cd34;

const HEADER_BYTES: usize = 24;
const RECORD_HEADER_BYTES: usize = 16;
const KUZNETZOV_EXTRA_BYTES: usize = 8;

/// Writers up to version 2.3 had the two lengths of a record the other way round, or not.
const LENGTHS_MAY_BE_SWAPPED_UP_TO_MINOR: u16 = 3;

/// Whether a file is of this format.
#[derive(Clone, Copy, Debug)]
pub(super) enum Recognised {
    /// It is; the first record starts `used` bytes on.
    Yes { format: PcapFormat, used: usize },
    /// It starts as one, and ends inside its header.
    Cut,
    /// It is not.
    No,
}

/// How to read the records of one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct PcapFormat {
    order: ByteOrder,
    nanos_per_unit: i64,
    header_bytes: usize,
    may_swap_lengths: bool,
    link_type: u16,
}

impl PcapFormat {
    /// Reads the header of the file, when it is one of this format.
    pub(super) fn recognise(data: &[u8]) -> Recognised {
        let Some(magic) = data.first_chunk::<4>() else {
            return Recognised::No;
        };
        let kinds = [ByteOrder::Little, ByteOrder::Big]
            .into_iter()
            .find_map(|order| Some((order, kind(order.u32(*magic))?)));
        let Some((order, (nanos_per_unit, extra))) = kinds else {
            return Recognised::No;
        };
        let Some(header) = data.first_chunk::<HEADER_BYTES>() else {
            return Recognised::Cut;
        };
        let [_, _, _, _, _, _, m0, m1, .., l0, l1, l2, l3] = *header;
        let format = Self {
            order,
            nanos_per_unit,
            header_bytes: RECORD_HEADER_BYTES + extra,
            may_swap_lengths: order.u16([m0, m1]) <= LENGTHS_MAY_BE_SWAPPED_UP_TO_MINOR,
            // The upper half says whether frames end with a check sequence, which is harmless.
            link_type: low_half(order.u32([l0, l1, l2, l3])),
        };
        Recognised::Yes {
            format,
            used: HEADER_BYTES,
        }
    }

    /// Reads the record at the start of `data`.
    #[inline]
    pub(super) fn step<'b>(&mut self, data: &'b [u8], number: u64) -> Step<'b> {
        let Some(header) = data.first_chunk::<RECORD_HEADER_BYTES>() else {
            return Step::NeedMore;
        };
        let [
            s0,
            s1,
            s2,
            s3,
            f0,
            f1,
            f2,
            f3,
            c0,
            c1,
            c2,
            c3,
            o0,
            o1,
            o2,
            o3,
        ] = *header;
        let mut captured = self.order.u32([c0, c1, c2, c3]);
        let mut original = self.order.u32([o0, o1, o2, o3]);
        if self.may_swap_lengths && captured > original {
            (captured, original) = (original, captured);
        }
        if captured > MAX_RECORD_BYTES {
            return Step::Damaged(DamageReason::BadLength);
        }
        let used = self.header_bytes + captured as usize;
        let Some(bytes) = data.get(self.header_bytes..used) else {
            return Step::NeedMore;
        };
        let seconds = i64::from(self.order.u32([s0, s1, s2, s3]));
        let fraction = i64::from(self.order.u32([f0, f1, f2, f3]));
        let ts = seconds * 1_000_000_000 + fraction * self.nanos_per_unit;
        Step::Frame {
            frame: frame(ts, number, self.link_type, original, bytes),
            used,
        }
    }
}

/// Nanoseconds of one unit of the fraction, and extra bytes of a record's header.
fn kind(magic: u32) -> Option<(i64, usize)> {
    match magic {
        MAGIC_MICROS => Some((1_000, 0)),
        MAGIC_NANOS => Some((1, 0)),
        MAGIC_KUZNETZOV => Some((1_000, KUZNETZOV_EXTRA_BYTES)),
        _ => None,
    }
}

fn low_half(value: u32) -> u16 {
    let [.., high, low] = value.to_be_bytes();
    u16::from_be_bytes([high, low])
}
