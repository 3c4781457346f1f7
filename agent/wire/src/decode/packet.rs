//! What decoding gives: one IP packet and the TCP segment or UDP datagram in it.

use std::net::IpAddr;

use crate::frame::Timestamp;

/// One IP packet whose transport the sensor reads, innermost when it came in an encapsulation.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// When its frame was captured.
    pub ts: Timestamp,
    /// The number of its frame.
    pub frame_number: u64,
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// TCP or UDP.
    pub transport: Transport<'a>,
    /// 802.1Q id (12 bits) of the frame, the innermost tag of its outermost stack.
    pub vlan: Option<u16>,
    /// Sender on the local segment.
    pub src_mac: Option<[u8; 6]>,
    /// Receiver on the local segment.
    pub dst_mac: Option<[u8; 6]>,
    /// Whether an encapsulation was taken off, so that the link addresses are the tunnel's.
    pub in_tunnel: bool,
    /// Whether the snap length cut the payload.
    pub cut: bool,
    /// Length of the frame on the wire.
    pub wire_len: u32,
}

/// The transports that the sensor reads.
#[derive(Clone, Copy, Debug)]
pub enum Transport<'a> {
    /// RFC 9293.
    Tcp(Segment<'a>),
    /// RFC 768.
    Udp(Datagram<'a>),
}

impl Transport<'_> {
    /// Whether less of the payload was captured than was sent.
    #[inline]
    pub(super) fn is_cut(&self) -> bool {
        let (payload, payload_len) = match self {
            Self::Tcp(segment) => (segment.payload, segment.payload_len),
            Self::Udp(datagram) => (datagram.payload, datagram.payload_len),
        };
        payload.len() < payload_len as usize
    }
}

/// One TCP segment (RFC 9293 section 3.1).
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number of the first byte of the segment (of the SYN when it carries one).
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// The payload that was captured.
    pub payload: &'a [u8],
    /// Payload length by the IP header; more than `payload` holds when the frame was cut.
    pub payload_len: u32,
}

/// The control bits of a TCP header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// The acknowledgement number is significant.
    pub const ACK: u8 = 0x10;

    /// Whether any of `bits` is set.
    pub const fn any(self, bits: u8) -> bool {
        self.0 & bits != 0
    }

    /// Whether FIN is set.
    pub const fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }

    /// Whether SYN is set.
    pub const fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }

    /// Whether RST is set.
    pub const fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }

    /// Whether ACK is set.
    pub const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}

/// One UDP datagram (RFC 768).
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// The payload that was captured.
    pub payload: &'a [u8],
    /// Payload length by the headers; more than `payload` holds when the frame was cut.
    pub payload_len: u32,
}
