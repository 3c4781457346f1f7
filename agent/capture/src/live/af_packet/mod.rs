//! The kernel's shared ring, packet(7) with `TPACKET_V3`.
//!
//! The kernel fills blocks of many frames and hands over a block when it is full or
//! [`RETIRE_AFTER`] has passed; frames are read where they lie. A filter in the kernel ([`filter`]) keeps
//! what is not wanted, and the second copy of each packet on the loopback, from being written at all.
//!
//! What each frame is follows from the hardware type that the kernel gives with it: Ethernet and
//! 802.11 with their headers, anything else that carries IP (tun, PPP, tunnels) from its IP header.
//! So the pseudo interface `any` keeps link addresses where there are some.

mod filter;
mod frame;
mod sys;

use std::cell::Cell;
use std::io::{self, PipeReader};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use self::filter::Installed;
use self::sys::{Ring, RingLayout, Socket};
use super::{ANY, LiveConfig};
use crate::os::{self, Wait};
use crate::source::FrameBatch;
use crate::{CaptureStats, Error, PacketSource, Polled};

/// Holds the longest frame that segmentation offload makes, and many of the usual size.
const BLOCK_BYTES: usize = 512 * 1024;
const MIN_BLOCKS: usize = 2;
/// How long frames may lie in a block that is not full: what a live report is late at most, and how
/// often a trickle of frames wakes the reader.
const RETIRE_AFTER: Duration = Duration::from_millis(100);

/// A filter that keeps bulk back leaves a ring this many times larger than it needs to be: its memory counts as
/// the process's own.
const FILTERED_RING: usize = 4;

const CAP_NET_RAW: &str = "CAP_NET_RAW";

/// Frames of one interface, or of all.
#[derive(Debug)]
pub(super) struct AfPacket {
    interface: String,
    socket: Socket,
    ring: Ring,
    filter: Installed,
    wake: Option<Arc<PipeReader>>,
    /// The block that the kernel hands over next.
    block: usize,
    stats: CaptureStats,
    /// The kernel forgets its count when it is asked.
    dropped: Cell<u64>,
    gone: bool,
}

impl AfPacket {
    /// Opens a ring on an interface.
    pub(super) fn open(interface: &str, config: &LiveConfig) -> Result<Self, Error> {
        let index = match interface {
            ANY => 0,
            name => os::interface_index(name).ok_or_else(|| Error::NoSuchInterface {
                interface: name.to_owned(),
            })?,
        };
        let failed = |operation| move |source| setup_error(interface, operation, source);
        // Without a protocol nothing arrives before the filter is in place.
        let socket = Socket::open().map_err(failed("socket"))?;
        socket.use_version_3().map_err(failed("packet version"))?;
        let filter = filter::install(&socket, config.filter, config.snaplen)
            .map_err(failed("kernel filter"))?;
        let ring_bytes = if filter.keeps_bulk_back() {
            config.ring_bytes / FILTERED_RING
        } else {
            config.ring_bytes
        };
        let layout = RingLayout {
            block_bytes: BLOCK_BYTES,
            blocks: (ring_bytes / BLOCK_BYTES).max(MIN_BLOCKS),
            retire_after: RETIRE_AFTER,
        };
        let ring = socket.map_ring(layout).map_err(failed("ring"))?;
        socket.bind(index).map_err(failed("bind"))?;
        if let Some(fanout) = config.fanout {
            socket.join_fanout(fanout).map_err(failed("fanout"))?;
        }
        if config.promiscuous && index != 0 {
            socket
                .set_promiscuous(index)
                .map_err(failed("promiscuous mode"))?;
        }
        if let Some(source) = socket.take_error() {
            return Err(setup_error(interface, "bind", source));
        }
        Ok(Self {
            interface: interface.to_owned(),
            socket,
            ring,
            filter,
            wake: config.wake.clone(),
            block: 0,
            stats: CaptureStats::default(),
            dropped: Cell::new(0),
            gone: false,
        })
    }

    fn wait(&mut self, timeout: Duration) -> Result<(), Error> {
        let waited = os::wait_readable(self.socket.fd(), self.wake.as_deref(), timeout);
        match waited.map_err(|source| setup_error(&self.interface, "poll", source))? {
            Wait::Readable | Wait::Idle => Ok(()),
            Wait::Failed => match self.socket.take_error() {
                None => Ok(()),
                Some(source) if is_gone(&source) => {
                    self.gone = true;
                    // The kernel still hands over the block that it was filling.
                    thread::sleep(RETIRE_AFTER.saturating_mul(2));
                    Ok(())
                }
                Some(source) => Err(setup_error(&self.interface, "receive", source)),
            },
        }
    }

    /// Hands on the frames of the next block, when it is ready.
    fn drain_block(&mut self, handle: &mut dyn FnMut(&[wire::Frame<'_>])) -> Option<usize> {
        let bytes = self.ring.block(self.block)?;
        let mut batch = FrameBatch::new();
        let mut number = self.stats.received;
        for frame in frame::frames(bytes) {
            number = number.saturating_add(1);
            self.stats.bytes = self.stats.bytes.saturating_add(frame.data.len() as u64);
            batch.push(wire::Frame { number, ..frame }, handle);
        }
        self.stats.received = number;
        let frames = batch.flush(handle);
        self.ring.release(self.block);
        self.block = (self.block + 1) % self.ring.blocks();
        Some(frames)
    }
}

impl PacketSource for AfPacket {
    fn poll_batch(
        &mut self,
        timeout: Duration,
        handle: &mut dyn FnMut(&[wire::Frame<'_>]),
    ) -> Result<Polled, Error> {
        let mut drained = self.drain_block(handle);
        if drained.is_none() && !self.gone {
            self.wait(timeout)?;
            drained = self.drain_block(handle);
        }
        match drained {
            Some(frames @ 1..) => Ok(Polled::Frames(frames)),
            None if self.gone => Err(Error::InterfaceGone {
                interface: self.interface.clone(),
            }),
            Some(0) | None => Ok(Polled::Idle),
        }
    }

    fn stats(&self) -> CaptureStats {
        // Asking fails only when the descriptor is not a packet socket.
        let newly = self.socket.take_drops().unwrap_or_default();
        self.dropped.set(self.dropped.get().saturating_add(newly));
        let (filtered, filtered_bytes) = self.filter.dropped();
        CaptureStats {
            dropped: self.dropped.get(),
            filtered,
            filtered_bytes,
            ..self.stats
        }
    }

    fn filter(&self) -> &'static str {
        self.filter.name()
    }

    fn filter_reason(&self) -> Option<&str> {
        self.filter.reason()
    }

    fn datagram_bytes(&self, a: SocketAddr, b: SocketAddr) -> Option<[u64; 2]> {
        self.filter.datagram_bytes(a, b)
    }

    fn backend(&self) -> &'static str {
        "af_packet"
    }
}

/// Makes libpcap's socket one of those that share the flows of an interface.
#[cfg(feature = "pcap")]
pub(super) fn join_fanout(
    capture: &pcap::Capture<pcap::Active>,
    fanout: super::Fanout,
) -> io::Result<()> {
    sys::join_fanout(os::capture_socket(capture), fanout)
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENETDOWN | libc::ENODEV | libc::ENXIO)
    )
}

fn setup_error(interface: &str, operation: &'static str, source: io::Error) -> Error {
    let interface = interface.to_owned();
    match source.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => Error::MissingCapability {
            capability: CAP_NET_RAW,
        },
        _ if is_gone(&source) => Error::InterfaceGone { interface },
        _ => Error::System {
            interface,
            operation,
            source,
        },
    }
}
