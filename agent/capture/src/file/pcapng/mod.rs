//! The block format, <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html>.
//!
//! ```text
//! block      type u32, length u32, body, length u32 again; padded to 4 bytes
//! section    magic u32 (tells the byte order), major u16, minor u16, section length i64, options
//! interface  link type u16, reserved u16, snap length u32, options
//! enhanced   interface u32, time high u32, time low u32, captured u32, original u32, bytes, options
//! simple     original u32, bytes                      (of the first interface, without a time)
//! packet     interface u16, drops u16, then as enhanced                            (obsolete)
//! ```
//! A file may hold several sections, each with its own byte order and interfaces, and each interface
//! has its own link type and unit of time. Blocks of other kinds are stepped over.

mod options;
mod time;

use self::options::Options;
use self::time::TimeUnit;
use super::order::ByteOrder;
use super::{DamageReason, MAX_BLOCK_BYTES, MAX_INTERFACES, MAX_RECORD_BYTES, Step, frame};

/// Reads the same in both byte orders.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

const MAGIC: u32 = 0x1a2b_3c4d;

/// Type and length, and the length again at the end.
const BLOCK_OVERHEAD_BYTES: u32 = 12;
const PACKET_HEADER_BYTES: usize = 20;

const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;
const OPTION_DROPPED_BY_INTERFACE: u16 = 5;
const OPTION_DROPPED_BY_SYSTEM: u16 = 7;

/// What the section says of one interface.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: u16,
    snaplen: u32,
    unit: TimeUnit,
    offset_nanos: i64,
    dropped: u64,
}

/// How to read the blocks of the current section.
#[derive(Debug)]
pub(super) struct PcapngFormat {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    /// Simple packets carry no time: they get that of the frame before them.
    last_ts: i64,
    /// What the interfaces of earlier sections lost.
    dropped_before: u64,
}

impl PcapngFormat {
    /// Whether a file starts with a section.
    pub(super) fn recognises(data: &[u8]) -> bool {
        data.first_chunk::<4>()
            .is_some_and(|kind| u32::from_be_bytes(*kind) == SECTION)
            && data
                .get(8..12)
                .is_none_or(|magic| byte_order(magic).is_some())
    }

    /// Starts before the first section.
    pub(super) fn new() -> Self {
        Self {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            last_ts: 0,
            dropped_before: 0,
        }
    }

    /// Frames that the capturing program says it lost.
    pub(super) fn dropped(&self) -> u64 {
        self.interfaces
            .iter()
            .fold(self.dropped_before, |sum, interface| {
                sum.saturating_add(interface.dropped)
            })
    }

    /// Reads the block at the start of `data`.
    pub(super) fn step<'b>(&mut self, data: &'b [u8], number: u64) -> Step<'b> {
        let Some((kind, rest)) = data.split_first_chunk::<4>() else {
            return Step::NeedMore;
        };
        let Some((length, body)) = rest.split_first_chunk::<4>() else {
            return Step::NeedMore;
        };
        // The type of a section and of no other block reads the same in both orders; its length
        // counts in the order that only its magic tells.
        let starts_section = u32::from_be_bytes(*kind) == SECTION;
        if starts_section {
            let Some(magic) = body.get(..4) else {
                return Step::NeedMore;
            };
            let Some(order) = byte_order(magic) else {
                return Step::Damaged(DamageReason::BadSection);
            };
            self.order = order;
        }
        let length = self.order.u32(*length);
        if length < BLOCK_OVERHEAD_BYTES {
            return Step::Damaged(DamageReason::BadBlock);
        }
        let kind = self.order.u32(*kind);
        let is_read = starts_section
            || matches!(
                kind,
                INTERFACE | PACKET | SIMPLE_PACKET | INTERFACE_STATISTICS | ENHANCED_PACKET
            );
        if !is_read {
            return Step::Discard {
                bytes: u64::from(length).next_multiple_of(4),
            };
        }
        if length > MAX_BLOCK_BYTES {
            return Step::Damaged(DamageReason::BadLength);
        }
        let used = (length as usize).next_multiple_of(4);
        let inner = (length - BLOCK_OVERHEAD_BYTES) as usize;
        let (Some(body), Some(_)) = (body.get(..inner), data.get(..used)) else {
            return Step::NeedMore;
        };
        let trailer = data
            .get(8 + inner..)
            .and_then(|rest| rest.first_chunk::<4>());
        if trailer.is_none_or(|trailer| self.order.u32(*trailer) != length) {
            return Step::Damaged(DamageReason::BadBlock);
        }
        if starts_section {
            self.dropped_before = self.dropped();
            self.interfaces.clear();
            return Step::Other { used };
        }
        self.block(kind, body, number, used)
    }

    fn block<'b>(&mut self, kind: u32, body: &'b [u8], number: u64, used: usize) -> Step<'b> {
        let outcome = match kind {
            ENHANCED_PACKET => self.packet(body, |order, head| order.u32(head)),
            PACKET => self.packet(body, |order, [a, b, _, _]| u32::from(order.u16([a, b]))),
            SIMPLE_PACKET => self.simple_packet(body),
            INTERFACE => match self.interface(body) {
                Some(()) => return Step::Other { used },
                None => Err(DamageReason::BadBlock),
            },
            _ => {
                self.statistics(body);
                return Step::Other { used };
            }
        };
        match outcome {
            Ok(found) => Step::Frame {
                frame: frame(
                    found.ts,
                    number,
                    found.link_type,
                    found.original,
                    found.bytes,
                ),
                used,
            },
            Err(reason) => Step::Unusable { used, reason },
        }
    }

    #[inline]
    fn packet<'b>(
        &mut self,
        body: &'b [u8],
        interface_of: impl Fn(ByteOrder, [u8; 4]) -> u32,
    ) -> Result<Found<'b>, DamageReason> {
        let Some((header, rest)) = body.split_first_chunk::<PACKET_HEADER_BYTES>() else {
            return Err(DamageReason::BadBlock);
        };
        let [
            i0,
            i1,
            i2,
            i3,
            h0,
            h1,
            h2,
            h3,
            l0,
            l1,
            l2,
            l3,
            c0,
            c1,
            c2,
            c3,
            o0,
            o1,
            o2,
            o3,
        ] = *header;
        let order = self.order;
        let captured = order.u32([c0, c1, c2, c3]);
        if captured > MAX_RECORD_BYTES {
            return Err(DamageReason::BadLength);
        }
        let bytes = rest
            .get(..captured as usize)
            .ok_or(DamageReason::BadBlock)?;
        let index = usize::try_from(interface_of(order, [i0, i1, i2, i3])).unwrap_or(usize::MAX);
        let interface = self
            .interfaces
            .get(index)
            .ok_or(DamageReason::NoSuchInterface)?;
        let units =
            u64::from(order.u32([h0, h1, h2, h3])) << 32 | u64::from(order.u32([l0, l1, l2, l3]));
        let ts = interface
            .unit
            .nanos(units)
            .saturating_add(interface.offset_nanos);
        self.last_ts = ts;
        Ok(Found {
            ts,
            link_type: interface.link_type,
            original: order.u32([o0, o1, o2, o3]),
            bytes,
        })
    }

    fn simple_packet<'b>(&self, body: &'b [u8]) -> Result<Found<'b>, DamageReason> {
        let (original, rest) = body
            .split_first_chunk::<4>()
            .ok_or(DamageReason::BadBlock)?;
        let interface = self
            .interfaces
            .first()
            .ok_or(DamageReason::NoSuchInterface)?;
        let original = self.order.u32(*original);
        let captured = match interface.snaplen {
            0 => original,
            snaplen => original.min(snaplen),
        };
        if captured > MAX_RECORD_BYTES {
            return Err(DamageReason::BadLength);
        }
        let bytes = rest
            .get(..captured as usize)
            .ok_or(DamageReason::BadBlock)?;
        Ok(Found {
            ts: self.last_ts,
            link_type: interface.link_type,
            original,
            bytes,
        })
    }

    fn interface(&mut self, body: &[u8]) -> Option<()> {
        let (header, options) = body.split_first_chunk::<8>()?;
        let [t0, t1, _, _, s0, s1, s2, s3] = *header;
        let mut interface = Interface {
            link_type: self.order.u16([t0, t1]),
            snaplen: self.order.u32([s0, s1, s2, s3]),
            unit: TimeUnit::MICROS,
            offset_nanos: 0,
            dropped: 0,
        };
        for (code, value) in (Options {
            order: self.order,
            rest: options,
        }) {
            match (code, value) {
                (OPTION_TIME_RESOLUTION, &[resolution, ..]) => {
                    interface.unit = TimeUnit::from_option(resolution);
                }
                (OPTION_TIME_OFFSET, value) => {
                    let seconds = value.first_chunk::<8>().map_or(0, |v| self.order.u64(*v));
                    interface.offset_nanos = seconds.cast_signed().saturating_mul(1_000_000_000);
                }
                _ => {}
            }
        }
        if self.interfaces.len() < MAX_INTERFACES {
            self.interfaces.push(interface);
        }
        Some(())
    }

    /// Keeps the latest counts of an interface, which grow while the section lasts.
    fn statistics(&mut self, body: &[u8]) {
        let Some((header, options)) = body.split_first_chunk::<12>() else {
            return;
        };
        let [i0, i1, i2, i3, ..] = *header;
        let index = usize::try_from(self.order.u32([i0, i1, i2, i3])).unwrap_or(usize::MAX);
        let order = self.order;
        let Some(interface) = self.interfaces.get_mut(index) else {
            return;
        };
        interface.dropped = Options {
            order,
            rest: options,
        }
        .filter(|(code, _)| {
            matches!(
                *code,
                OPTION_DROPPED_BY_INTERFACE | OPTION_DROPPED_BY_SYSTEM
            )
        })
        .filter_map(|(_, value)| value.first_chunk::<8>())
        .fold(0, |sum, value| sum.saturating_add(order.u64(*value)));
    }
}

/// A frame as a block gives it.
#[derive(Clone, Copy, Debug)]
struct Found<'b> {
    ts: i64,
    link_type: u16,
    original: u32,
    bytes: &'b [u8],
}

fn byte_order(magic: &[u8]) -> Option<ByteOrder> {
    let magic = *magic.first_chunk::<4>()?;
    [ByteOrder::Little, ByteOrder::Big]
        .into_iter()
        .find(|order| order.u32(magic) == MAGIC)
}
