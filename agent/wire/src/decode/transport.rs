//! TCP and UDP headers, in as many bytes as the IP header claims.

use super::error::{DecodeError, Layer};
use super::packet::{Datagram, Segment, TcpFlags};

/// RFC 9293 section 3.1.
#[inline(always)]
pub(super) fn tcp(claimed: u32, data: &[u8]) -> Result<Segment<'_>, DecodeError> {
    let header = data
        .first_chunk::<20>()
        .ok_or(DecodeError::Truncated(Layer::Transport))?;
    let [
        s0,
        s1,
        d0,
        d1,
        q0,
        q1,
        q2,
        q3,
        a0,
        a1,
        a2,
        a3,
        offset,
        flags,
        ..,
    ] = *header;
    let header_len = u32::from(offset >> 4).wrapping_mul(4);
    if header_len < 20 {
        return Err(DecodeError::BadLength(Layer::Transport));
    }
    let payload_len = claimed
        .checked_sub(header_len)
        .ok_or(DecodeError::BadLength(Layer::Transport))?;
    Ok(Segment {
        src_port: u16::from_be_bytes([s0, s1]),
        dst_port: u16::from_be_bytes([d0, d1]),
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags(flags),
        // When the snap length cut the options, there is no payload.
        payload: data.get(header_len as usize..).unwrap_or_default(),
        payload_len,
    })
}

/// RFC 768. The shorter of the two lengths holds; none (0) means the IP length (RFC 2675).
#[inline(always)]
pub(super) fn udp(claimed: u32, data: &[u8]) -> Result<Datagram<'_>, DecodeError> {
    let (header, rest) = data
        .split_first_chunk::<8>()
        .ok_or(DecodeError::Truncated(Layer::Transport))?;
    let [s0, s1, d0, d1, l0, l1, _, _] = *header;
    let length = match u32::from(u16::from_be_bytes([l0, l1])) {
        0 => claimed,
        length => length.min(claimed),
    };
    let payload_len = length
        .checked_sub(8)
        .ok_or(DecodeError::BadLength(Layer::Transport))?;
    Ok(Datagram {
        src_port: u16::from_be_bytes([s0, s1]),
        dst_port: u16::from_be_bytes([d0, d1]),
        payload: rest.get(..payload_len as usize).unwrap_or(rest),
        payload_len,
    })
}
