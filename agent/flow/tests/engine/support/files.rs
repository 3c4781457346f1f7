//! Readers for pcap and pcapng, just good enough for the tests.

use std::path::Path;

use wire::{Frame, LinkType, Timestamp};

/// One frame of a capture.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) ts: Timestamp,
    pub(crate) link_type: LinkType,
    pub(crate) orig_len: u32,
    pub(crate) data: Vec<u8>,
}

impl Record {
    /// The frame that stands at `number` in its capture.
    pub(crate) fn frame(&self, number: u64) -> Frame<'_> {
        Frame {
            ts: self.ts,
            number,
            link_type: self.link_type,
            orig_len: self.orig_len,
            vlan: None,
            data: &self.data,
        }
    }
}

/// Reads a capture; `None` when it is neither pcap nor pcapng.
pub(crate) fn read(path: &Path) -> Option<Vec<Record>> {
    #[expect(clippy::disallowed_methods, reason = "tests may read files")]
    let bytes = std::fs::read(path).ok()?;
    match bytes.get(..4)? {
        [0xa1, 0xb2, 0xc3, 0xd4] => pcap(&Words { bytes, big: true }, 1_000),
        [0xd4, 0xc3, 0xb2, 0xa1] => pcap(&Words { bytes, big: false }, 1_000),
        [0xa1, 0xb2, 0x3c, 0x4d] => pcap(&Words { bytes, big: true }, 1),
        [0x4d, 0x3c, 0xb2, 0xa1] => pcap(&Words { bytes, big: false }, 1),
        [0x0a, 0x0d, 0x0d, 0x0a] => {
            let big = bytes.get(8..12)? == [0x1a, 0x2b, 0x3c, 0x4d];
            pcapng(&Words { bytes, big })
        }
        _ => None,
    }
}

struct Words {
    bytes: Vec<u8>,
    big: bool,
}

impl Words {
    fn u16(&self, at: usize) -> Option<u16> {
        let word = self.bytes.get(at..at + 2)?.try_into().ok()?;
        Some(if self.big {
            u16::from_be_bytes(word)
        } else {
            u16::from_le_bytes(word)
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let word = self.bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if self.big {
            u32::from_be_bytes(word)
        } else {
            u32::from_le_bytes(word)
        })
    }

    fn len(&self, at: usize) -> Option<usize> {
        usize::try_from(self.u32(at)?).ok()
    }
}

fn pcap(words: &Words, unit: i64) -> Option<Vec<Record>> {
    let link_type = LinkType(u16::try_from(words.u32(20)? & 0xffff).ok()?);
    let mut records = Vec::new();
    let mut at = 24;
    while let (Some(seconds), Some(part), Some(len), Some(orig_len)) = (
        words.u32(at),
        words.u32(at + 4),
        words.len(at + 8),
        words.u32(at + 12),
    ) {
        let Some(data) = words.bytes.get(at + 16..at + 16 + len) else {
            break;
        };
        let nanos = i64::from(seconds) * 1_000_000_000 + i64::from(part) * unit;
        let ts = Timestamp::from_nanos(nanos);
        records.push(Record {
            ts,
            link_type,
            orig_len,
            data: data.to_vec(),
        });
        at += 16 + len;
    }
    Some(records)
}

/// Interface descriptions and enhanced packets only.
fn pcapng(words: &Words) -> Option<Vec<Record>> {
    let mut links = Vec::new();
    let mut records = Vec::new();
    let mut at = 0;
    while let (Some(kind), Some(len)) = (words.u32(at), words.len(at + 4)) {
        match kind {
            0x0a0d_0d0a => links.clear(),
            1 => links.push((
                LinkType(words.u16(at + 8)?),
                ticks_in_second(words, at, len),
            )),
            6 => {
                let (link_type, per_second) = *links.get(words.len(at + 8)?)?;
                let ticks = (u64::from(words.u32(at + 12)?) << 32) | u64::from(words.u32(at + 16)?);
                let captured = words.len(at + 20)?;
                let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(per_second);
                let Some(data) = words.bytes.get(at + 28..at + 28 + captured) else {
                    break;
                };
                records.push(Record {
                    ts: Timestamp::from_nanos(i64::try_from(nanos).ok()?),
                    link_type,
                    orig_len: words.u32(at + 24)?,
                    data: data.to_vec(),
                });
            }
            _ => {}
        }
        at += len.max(12);
    }
    Some(records)
}

/// The resolution of an interface's times (option 9); microseconds unless it says otherwise.
fn ticks_in_second(words: &Words, block: usize, len: usize) -> u64 {
    let mut at = block + 16;
    while let (Some(code), Some(size)) = (words.u16(at), words.u16(at + 2)) {
        if code == 0 || at >= block + len {
            break;
        }
        if code == 9 {
            let resolution = words.bytes.get(at + 4).copied().unwrap_or(6);
            let power = u32::from(resolution & 0x7f);
            return if resolution & 0x80 == 0 {
                10_u64.pow(power)
            } else {
                1 << power
            };
        }
        at += 4 + usize::from(size).next_multiple_of(4);
    }
    1_000_000
}
