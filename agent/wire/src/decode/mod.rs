//! Headers to the innermost packet.
//!
//! [`Decoder::decode`] walks from the link header to the innermost IP packet that carries TCP or
//! UDP. What is common (Ethernet, at most one VLAN tag, IP without options) takes a short path of
//! its own; everything else is a loop over the headers, each of which says what comes next.
//!
//! Rules that hold throughout:
//! * The IP length decides what is payload: padding after it is not, and where the snap length cut
//!   the frame the packet keeps what is there ([`Packet::cut`]). A length of zero, as segmentation
//!   offload leaves it, means the rest of the frame.
//! * A tunnel inside UDP is tried by its well-known port and believed only if a whole packet is
//!   found inside; otherwise the UDP datagram itself is the packet.
//! * What an ICMP error quotes is not a packet of its own.
//! * At most [`MAX_HEADERS`] headers are walked.

mod error;
mod ether;
mod fast;
mod fragments;
mod ip;
mod link;
mod outline;
mod packet;
mod ppp;
#[cfg(test)]
mod tests;
mod transport;
mod tunnel;
mod udp_tunnel;
mod walk;
mod wlan;

pub use self::error::{DecodeCounters, DecodeError, Layer, MAX_UNKNOWN_LINK_TYPES};
pub use self::fast::common;
use self::fragments::Fragments;
pub use self::fragments::{
    FRAGMENT_TIMEOUT, MAX_FRAGMENT_BYTES, MAX_FRAGMENTED_DATAGRAMS, MAX_FRAGMENTS_PER_DATAGRAM,
};
pub use self::outline::{Outline, Outlined, outline};
pub use self::packet::{Datagram, Packet, Segment, TcpFlags, Transport};
pub use self::walk::MAX_HEADERS;
use self::walk::{Stop, Walk};
use crate::frame::Frame;

/// Finds the innermost packet of a frame; one for each capture queue.
#[derive(Debug, Default)]
pub struct Decoder {
    counters: DecodeCounters,
    fragments: Fragments,
    /// The last datagram that was put together from frames.
    outer: Vec<u8>,
    /// The last datagram that was put together from fragments inside another one.
    inner: Vec<u8>,
}

impl Decoder {
    /// Starts with no fragment held.
    pub fn new() -> Self {
        Self::default()
    }

    /// Walks the headers of `frame` to its innermost packet.
    ///
    /// # Errors
    /// The reason why there is none; each is also counted.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Packet<'a>, DecodeError> {
        match common(frame) {
            Some(packet) => Ok(packet),
            None => self.decode_any(frame),
        }
    }

    /// Rejects by reason.
    pub fn counters(&self) -> &DecodeCounters {
        &self.counters
    }

    /// Bytes held for fragments.
    pub fn memory(&self) -> usize {
        let buffers = self.outer.capacity().saturating_add(self.inner.capacity());
        self.fragments.memory().saturating_add(buffers)
    }

    /// As [`decode`](Self::decode), for a frame that [`common`] has declined already.
    ///
    /// # Errors
    /// The reason why there is no packet; each is also counted.
    #[cold]
    pub fn decode_any<'a>(&'a mut self, frame: &Frame<'a>) -> Result<Packet<'a>, DecodeError> {
        let Self {
            counters,
            fragments,
            outer,
            inner,
        } = self;
        let result = decode_with(frame, counters, fragments, outer, inner);
        result.inspect_err(|error| counters.count(*error, frame.link_type))
    }
}

/// A datagram in fragments may hold a tunnel whose packets are in fragments again; that is followed
/// once.
fn decode_with<'a>(
    frame: &Frame<'a>,
    counters: &mut DecodeCounters,
    fragments: &mut Fragments,
    outer: &'a mut Vec<u8>,
    inner: &'a mut Vec<u8>,
) -> Result<Packet<'a>, DecodeError> {
    let mut walk = Walk::new(frame);
    let fragment = match walk.start(frame) {
        Ok(packet) => return Ok(packet),
        Err(Stop::Reject(error)) => return Err(error),
        Err(Stop::Fragment(fragment)) => fragment,
    };
    let whole = fragments.insert(&fragment, frame.ts, outer, counters)?;
    let fragment = match walk.resume(whole, outer) {
        Ok(packet) => return Ok(packet),
        Err(Stop::Reject(error)) => return Err(error),
        Err(Stop::Fragment(fragment)) => fragment,
    };
    let whole = fragments.insert(&fragment, frame.ts, inner, counters)?;
    match walk.resume(whole, inner) {
        Ok(packet) => Ok(packet),
        Err(Stop::Reject(error)) => Err(error),
        Err(Stop::Fragment(_)) => Err(DecodeError::NestedTooDeep),
    }
}
