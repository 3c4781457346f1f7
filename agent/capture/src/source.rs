//! The one trait that every source of frames has, live or file.

use std::net::SocketAddr;
use std::time::Duration;

use wire::{Frame, LinkType, Timestamp};

use crate::Error;

/// At most this many frames are handed on in one call; small enough that the frames' first cache
/// lines stay in the first-level cache while a caller walks a batch twice (prefetch, then work).
pub const BATCH_FRAMES: usize = 64;

/// What one poll of a source gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Polled {
    /// This many frames were handed on.
    Frames(usize),
    /// Nothing arrived before the timeout.
    Idle,
    /// The source has ended and will give no more.
    End,
}

/// What a source has counted since it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CaptureStats {
    /// Frames handed on.
    pub received: u64,
    /// Bytes of the frames handed on, as captured.
    pub bytes: u64,
    /// Frames that the kernel (live) or the capturing program (pcapng statistics) lost because the
    /// reader was too slow.
    pub dropped: u64,
    /// Frames that the kernel's filter kept back on purpose, where it counts them.
    pub filtered: u64,
    /// Their bytes.
    pub filtered_bytes: u64,
}

/// A source of frames: an interface or a file.
pub trait PacketSource {
    /// Waits at most `timeout` for frames, then hands on what is there, in slices of at most
    /// [`BATCH_FRAMES`]. The frames borrow the source's buffer and end with the call.
    ///
    /// # Errors
    /// What [`Error`] says; after an error the source is to be dropped.
    fn poll_batch(
        &mut self,
        timeout: Duration,
        handle: &mut dyn FnMut(&[Frame<'_>]),
    ) -> Result<Polled, Error>;

    /// As [`PacketSource::poll_batch`], frame by frame.
    ///
    /// # Errors
    /// What [`Error`] says; after an error the source is to be dropped.
    fn poll_frames(
        &mut self,
        timeout: Duration,
        handle: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<Polled, Error> {
        self.poll_batch(timeout, &mut |frames| frames.iter().for_each(&mut *handle))
    }

    /// What has been counted so far.
    fn stats(&self) -> CaptureStats;

    /// What reads the frames, for display: `af_packet`, `pcap`, `file`.
    fn backend(&self) -> &'static str;

    /// What keeps frames back in the kernel, for display: `ebpf`, `classic`, `off`.
    fn filter(&self) -> &'static str {
        "off"
    }

    /// Why no better filter is in use, when a better one was asked for.
    fn filter_reason(&self) -> Option<&str> {
        None
    }

    /// Payload bytes of a UDP flow from `a` to `b` and from `b` to `a`, the datagrams that the kernel's filter
    /// kept back included; `None` when it counts none, or forgot the flow.
    fn datagram_bytes(&self, a: SocketAddr, b: SocketAddr) -> Option<[u64; 2]> {
        let _ = (a, b);
        None
    }

    /// Why a better backend could not be used, for display.
    fn fallback_reason(&self) -> Option<&str> {
        None
    }
}

/// Collects frames until there are enough for one call of the handler.
#[derive(Debug)]
pub(crate) struct FrameBatch<'a> {
    frames: [Frame<'a>; BATCH_FRAMES],
    filled: usize,
    given: usize,
}

impl<'a> FrameBatch<'a> {
    /// Starts empty.
    pub(crate) const fn new() -> Self {
        const EMPTY: Frame<'_> = Frame {
            ts: Timestamp::from_nanos(0),
            number: 0,
            link_type: LinkType::ETHERNET,
            orig_len: 0,
            vlan: None,
            data: &[],
        };
        Self {
            frames: [EMPTY; BATCH_FRAMES],
            filled: 0,
            given: 0,
        }
    }

    /// Adds one frame, and hands all on when there is no room for another.
    #[inline]
    pub(crate) fn push(&mut self, frame: Frame<'a>, handle: &mut dyn FnMut(&[Frame<'_>])) {
        if let Some(slot) = self.frames.get_mut(self.filled) {
            *slot = frame;
            self.filled += 1;
        }
        if self.filled == BATCH_FRAMES {
            self.flush(handle);
        }
    }

    /// Hands on what is there; gives the number of frames handed on since the start.
    pub(crate) fn flush(&mut self, handle: &mut dyn FnMut(&[Frame<'_>])) -> usize {
        if let Some(frames @ [_, ..]) = self.frames.get(..self.filled) {
            handle(frames);
        }
        self.given += self.filled;
        self.filled = 0;
        self.given
    }
}
