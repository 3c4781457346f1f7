//! What finds the flow of a frame and counts it, for less than a whole packet: the numbers in the headers of the
//! [short path](super::fast).

use std::net::SocketAddr;

use super::ether;
use super::fast::{Payload, ipv4, ipv6, link, transport, whole};
use super::packet::{Datagram, Packet, Segment, TcpFlags, Transport};
use crate::frame::Frame;

/// What the headers of a frame of the common kind say beside its addresses: enough to count it.
#[derive(Clone, Copy, Debug)]
pub struct Outline {
    /// Whether it is TCP; else it is UDP.
    pub is_tcp: bool,
    /// The control bits of TCP.
    pub flags: TcpFlags,
    /// The sequence number of TCP.
    pub seq: u32,
    /// The acknowledgement number of TCP.
    ack: u32,
    /// 802.1Q id of the frame.
    vlan: Option<u16>,
    /// Payload length by the headers.
    pub payload_len: u32,
    /// Where in the frame the payload begins.
    payload_at: u32,
}

impl Outline {
    /// Nothing.
    pub const EMPTY: Self = Self {
        is_tcp: false,
        flags: TcpFlags(0),
        seq: 0,
        ack: 0,
        vlan: None,
        payload_len: 0,
        payload_at: 0,
    };

    /// The payload that was captured; `frame` is the one that this was read from.
    #[inline(always)]
    pub fn payload<'a>(&self, frame: &Frame<'a>) -> &'a [u8] {
        let rest = frame
            .data
            .get(self.payload_at as usize..)
            .unwrap_or_default();
        rest.get(..self.payload_len as usize).unwrap_or(rest)
    }
}

impl Outline {
    /// The whole packet; `frame` is the one that this was read from, `src` and `dst` are what was told with it.
    #[inline(always)]
    pub fn packet<'a>(
        &self,
        frame: &Frame<'a>,
        (src, dst): (SocketAddr, SocketAddr),
    ) -> Option<Packet<'a>> {
        let macs = frame.data.first_chunk::<12>()?;
        let payload = self.payload(frame);
        let transport = if self.is_tcp {
            Transport::Tcp(Segment {
                src_port: src.port(),
                dst_port: dst.port(),
                seq: self.seq,
                ack: self.ack,
                flags: self.flags,
                payload,
                payload_len: self.payload_len,
            })
        } else {
            Transport::Udp(Datagram {
                src_port: src.port(),
                dst_port: dst.port(),
                payload,
                payload_len: self.payload_len,
            })
        };
        whole(frame, macs, self.vlan, (src.ip(), dst.ip(), transport))
    }
}

/// Takes an outline, the sender's address and port, and the receiver's. The addresses of each family are numbers of its own,
/// so that they stay in registers.
pub trait Outlined {
    /// A packet of IPv4.
    fn ipv4(self, src: (u32, u16), dst: (u32, u16), outline: Outline);
    /// A packet of IPv6.
    fn ipv6(self, src: (u128, u16), dst: (u128, u16), outline: Outline);
}

/// Reads the outline of a frame of which there is a [`common`](super::common) packet; returns false where there is none.
#[inline(always)]
pub fn outline(frame: &Frame<'_>, to: impl Outlined) -> bool {
    let Some(link) = link(frame) else {
        return false;
    };
    match link.ether_type {
        ether::IPV4 => {
            if let Some((ends, payload)) = ipv4(link.rest)
                && let Some(([src_port, dst_port], outline)) = outline_of(frame, link.vlan, payload)
            {
                to.ipv4((ends.src, src_port), (ends.dst, dst_port), outline);
                return true;
            }
        }
        ether::IPV6 => {
            if let Some((ends, payload)) = ipv6(link.rest)
                && let Some(([src_port, dst_port], outline)) = outline_of(frame, link.vlan, payload)
            {
                to.ipv6((ends.src, src_port), (ends.dst, dst_port), outline);
                return true;
            }
        }
        _ => {}
    }
    false
}

#[inline(always)]
fn outline_of(
    frame: &Frame<'_>,
    vlan: Option<u16>,
    payload: Payload<'_>,
) -> Option<([u16; 2], Outline)> {
    // The payload is a part of the frame.
    let at = payload
        .data
        .as_ptr()
        .addr()
        .wrapping_sub(frame.data.as_ptr().addr());
    match transport(payload)? {
        Transport::Tcp(segment) => {
            let outline = Outline {
                is_tcp: true,
                flags: segment.flags,
                seq: segment.seq,
                ack: segment.ack,
                vlan,
                payload_len: segment.payload_len,
                payload_at: u32::try_from(at)
                    .ok()?
                    .saturating_add(payload.claimed.wrapping_sub(segment.payload_len)),
            };
            Some(([segment.src_port, segment.dst_port], outline))
        }
        Transport::Udp(datagram) => {
            let outline = Outline {
                is_tcp: false,
                flags: TcpFlags(0),
                seq: 0,
                ack: 0,
                vlan,
                payload_len: datagram.payload_len,
                payload_at: u32::try_from(at).ok()?.saturating_add(8),
            };
            Some(([datagram.src_port, datagram.dst_port], outline))
        }
    }
}
