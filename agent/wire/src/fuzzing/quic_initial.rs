//! QUIC Initial packets: their headers as they come, their frames as they would be once opened.

use super::datagram::Sink;
use crate::dissect::Direction;
use crate::dissect::quic::{Connection, LongPacket, Opened};

/// The header of a packet that keys can be derived for, of which the capture has no more.
const HEADER: [u8; 18] = [
    0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x9e,
];

/// No connection holds more than this: the longest hello, its pieces, and what the allocator rounds up.
const MAX_MEMORY: usize = 256 * 1024;

/// With an even first byte a datagram; else the frames of opened packets, each with its length in
/// two bytes before it.
///
/// # Panics
/// When a packet reaches past its datagram or more is held than the cap allows.
pub fn quic_initial(data: &[u8]) {
    let (choice, mut bytes) = data.split_first().unwrap_or((&0, &[]));
    if choice & 1 == 0 {
        if let Some(packet) = LongPacket::parse(bytes, choice & 2 != 0) {
            assert!(
                packet.len() <= bytes.len(),
                "a packet lies inside its datagram"
            );
        }
        return;
    }
    let mut header = HEADER;
    if choice & 4 != 0 {
        header.split_at_mut(5).0.copy_from_slice(b"\xc3Q050");
    }
    let Some(packet) = LongPacket::parse(&header, true) else {
        return;
    };
    let Some(mut connection) = Connection::start(&packet, Direction::ToResponder, false) else {
        return;
    };
    let mut sink = Sink::default();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (frames, rest) = rest.split_at(length);
        bytes = rest;
        let opened = connection.frames(frames, choice & 2 != 0, &mut sink);
        assert!(connection.memory() <= MAX_MEMORY, "the cap on what is held");
        if matches!(opened, Opened::Finished) {
            return;
        }
    }
    connection.finish(&mut sink);
}
