//! Capture files of both formats in both byte orders.

use crate::file::order::ByteOrder;

impl ByteOrder {
    pub(super) fn put_16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn put_32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn put_64(self, value: u64) -> [u8; 8] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }
}

pub(super) const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];
pub(super) const MICROS: u32 = 0xa1b2_c3d4;
pub(super) const NANOS: u32 = 0xa1b2_3c4d;
pub(super) const KUZNETZOV: u32 = 0xa1b2_cd34;

pub(super) fn pcap(order: ByteOrder, magic: u32, link_type: u32) -> Vec<u8> {
    let mut file = order.put_32(magic).to_vec();
    file.extend(order.put_16(2));
    file.extend(order.put_16(4));
    for word in [0, 0, 65_535, link_type] {
        file.extend(order.put_32(word));
    }
    file
}

pub(super) fn record(order: ByteOrder, time: [u32; 2], original: u32, data: &[u8]) -> Vec<u8> {
    let captured = u32::try_from(data.len()).unwrap();
    let mut record = Vec::new();
    for word in [time[0], time[1], captured, original] {
        record.extend(order.put_32(word));
    }
    record.extend(data);
    record
}

pub(super) fn block(order: ByteOrder, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = order.put_32(u32::try_from(padded + 12).unwrap());
    let mut block = [order.put_32(kind), length].concat();
    block.extend(body);
    block.resize(8 + padded, 0);
    block.extend(length);
    block
}

pub(super) fn section(order: ByteOrder) -> Vec<u8> {
    let mut body = order.put_32(0x1a2b_3c4d).to_vec();
    body.extend(order.put_16(1));
    body.extend(order.put_16(0));
    body.extend(order.put_64(u64::MAX));
    block(order, 0x0a0d_0d0a, &body)
}

pub(super) fn option(order: ByteOrder, code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = order.put_16(code).to_vec();
    option.extend(order.put_16(u16::try_from(value.len()).unwrap()));
    option.extend(value);
    option.resize(option.len().next_multiple_of(4), 0);
    option
}

pub(super) fn interface(
    order: ByteOrder,
    link_type: u16,
    snaplen: u32,
    options: &[Vec<u8>],
) -> Vec<u8> {
    let mut body = order.put_16(link_type).to_vec();
    body.extend([0, 0]);
    body.extend(order.put_32(snaplen));
    body.extend(options.concat());
    block(order, 1, &body)
}

pub(super) fn enhanced(
    order: ByteOrder,
    interface: u32,
    time: u64,
    original: u32,
    data: &[u8],
) -> Vec<u8> {
    let mut body = order.put_32(interface).to_vec();
    body.extend(packet_fields(order, time, original, data));
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(option(order, 2, &[1, 0, 0, 0]));
    block(order, 6, &body)
}

/// The kind of packet block that came before the enhanced one.
pub(super) fn obsolete(
    order: ByteOrder,
    interface: u16,
    time: u64,
    original: u32,
    data: &[u8],
) -> Vec<u8> {
    let mut body = order.put_16(interface).to_vec();
    body.extend(order.put_16(0xffff));
    body.extend(packet_fields(order, time, original, data));
    block(order, 2, &body)
}

pub(super) fn simple(order: ByteOrder, original: u32, data: &[u8]) -> Vec<u8> {
    block(order, 3, &[&order.put_32(original)[..], data].concat())
}

fn packet_fields(order: ByteOrder, time: u64, original: u32, data: &[u8]) -> Vec<u8> {
    let (high, low) = ((time >> 32) as u32, (time & 0xffff_ffff) as u32);
    let captured = u32::try_from(data.len()).unwrap();
    let mut fields: Vec<u8> = [high, low, captured, original]
        .iter()
        .flat_map(|word| order.put_32(*word))
        .collect();
    fields.extend(data);
    fields
}
