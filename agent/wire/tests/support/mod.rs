//! Frames of capture files, read in the simplest way: the crate under test reads no files.

use wire::{Frame, LinkType, Timestamp};

struct Order {
    big: bool,
}

impl Order {
    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let raw = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big {
            u16::from_be_bytes(raw)
        } else {
            u16::from_le_bytes(raw)
        })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let raw = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big {
            u32::from_be_bytes(raw)
        } else {
            u32::from_le_bytes(raw)
        })
    }

    fn usize(&self, bytes: &[u8], at: usize) -> Option<usize> {
        self.u32(bytes, at)
            .and_then(|value| usize::try_from(value).ok())
    }
}

/// The frames of a pcap or pcapng file, up to the first damage.
pub(crate) fn frames(file: &[u8]) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    let read = match file.first_chunk::<4>() {
        Some([0x0a, 0x0d, 0x0d, 0x0a]) => pcapng(file, &mut frames),
        Some([0xa1, ..]) => pcap(file, &Order { big: true }, &mut frames),
        _ => pcap(file, &Order { big: false }, &mut frames),
    };
    assert!(
        read.is_none() || !frames.is_empty() || file.len() < 4096,
        "nothing was read"
    );
    frames
}

fn pcap<'a>(file: &'a [u8], order: &Order, frames: &mut Vec<Frame<'a>>) -> Option<()> {
    let link_type = LinkType(u16::try_from(order.u32(file, 20)? & 0xffff).ok()?);
    let mut at = 24;
    loop {
        let len = order.usize(file, at + 8)?;
        let data = file.get(at + 16..at + 16 + len)?;
        push(frames, link_type, order.u32(file, at + 12)?, data);
        at += 16 + len;
    }
}

fn pcapng<'a>(file: &'a [u8], frames: &mut Vec<Frame<'a>>) -> Option<()> {
    let mut order = Order { big: false };
    let mut links = Vec::new();
    let mut at = 0;
    loop {
        if file.get(at..at + 4)? == [0x0a, 0x0d, 0x0d, 0x0a] {
            order.big = file.get(at + 8..at + 12)? == [0x1a, 0x2b, 0x3c, 0x4d];
            links.clear();
        }
        let len = order.usize(file, at + 4)?;
        let block = file.get(at..at + len)?;
        match order.u32(block, 0)? {
            1 => links.push(LinkType(order.u16(block, 8)?)),
            6 => {
                let captured = order.usize(block, 20)?;
                let link_type = *links.get(order.usize(block, 8)?)?;
                let data = block.get(28..28 + captured)?;
                push(frames, link_type, order.u32(block, 24)?, data);
            }
            3 => {
                let data = block.get(12..block.len().checked_sub(4)?)?;
                let orig_len = order.u32(block, 8)?;
                let there = usize::try_from(orig_len).ok()?.min(data.len());
                push(frames, *links.first()?, orig_len, &data[..there]);
            }
            _ => {}
        }
        at += len.max(12);
    }
}

fn push<'a>(frames: &mut Vec<Frame<'a>>, link_type: LinkType, orig_len: u32, data: &'a [u8]) {
    frames.push(Frame {
        ts: Timestamp::default(),
        number: frames.len() as u64 + 1,
        link_type,
        orig_len,
        vlan: None,
        data,
    });
}
