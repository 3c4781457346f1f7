//! libpcap (or Npcap): the portable path.
//!
//! The capture does not block, and waiting is done on its descriptor here: libpcap's own waiting
//! never returns when a filter lets nothing pass. When an interface goes down, libpcap says nothing
//! and goes on when it is up again; only one that is removed is told.

use std::io::PipeReader;
use std::sync::Arc;
use std::time::Duration;

use pcap::{Active, Capture, Precision};
use wire::{Frame, LinkType, Timestamp};

use super::{Filter, LiveConfig, af_packet};
use crate::source::FrameBatch;
use crate::{BATCH_FRAMES, CaptureStats, Error, PacketSource, Polled, interfaces, os};

/// How long frames may wait in the kernel's buffer for others.
const BUFFER_FOR: i32 = 100;
/// Frames asked for in one call, so that a flood does not keep the caller from its clock.
const FRAMES_PER_POLL: usize = 64 * BATCH_FRAMES;

/// What may carry IP; tags and labels before it included.
const FILTER: &str = "not arp and not rarp";

/// Frames of one interface, or of all.
pub(super) struct LibPcap {
    interface: String,
    capture: Capture<Active>,
    link_type: LinkType,
    stats: CaptureStats,
    fallback_reason: Option<String>,
    wake: Option<Arc<PipeReader>>,
    filter_wanted: bool,
}

impl std::fmt::Debug for LibPcap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LibPcap")
            .field("interface", &self.interface)
            .finish_non_exhaustive()
    }
}

impl LibPcap {
    /// Opens an interface.
    pub(super) fn open(
        interface: &str,
        config: &LiveConfig,
        fallback_reason: Option<String>,
    ) -> Result<Self, Error> {
        if interface != super::ANY && !interfaces::exists(interface) {
            return Err(Error::NoSuchInterface {
                interface: interface.to_owned(),
            });
        }
        let failed = |error| open_error(interface, &error);
        let mut capture = Capture::from_device(interface)
            .map_err(failed)?
            .promisc(config.promiscuous && interface != super::ANY)
            .snaplen(i32::try_from(config.snaplen).unwrap_or(i32::MAX))
            .buffer_size(i32::try_from(config.ring_bytes).unwrap_or(i32::MAX))
            .timeout(BUFFER_FOR)
            .precision(Precision::Nano)
            .open()
            .map_err(failed)?
            .setnonblock()
            .map_err(failed)?;
        if let Some(fanout) = config.fanout {
            af_packet::join_fanout(&capture, fanout).map_err(|source| Error::System {
                interface: interface.to_owned(),
                operation: "fanout",
                source,
            })?;
        }
        let link_type = u16::try_from(capture.get_datalink().0).map_or(LinkType::RAW, LinkType);
        // Not every link type can be asked this; without the filter only more frames come.
        let filtered = capture.filter(FILTER, true).is_ok();
        debug_assert!(
            filtered || link_type != LinkType::ETHERNET,
            "the filter compiles"
        );
        Ok(Self {
            interface: interface.to_owned(),
            capture,
            link_type,
            stats: CaptureStats::default(),
            fallback_reason,
            wake: config.wake.clone(),
            filter_wanted: config.filter != Filter::All,
        })
    }

    fn drain(&mut self, handle: &mut dyn FnMut(&[Frame<'_>])) -> Result<usize, pcap::Error> {
        let (stats, link_type) = (&mut self.stats, self.link_type);
        self.capture.dispatch(Some(FRAMES_PER_POLL), |packet| {
            stats.received = stats.received.saturating_add(1);
            stats.bytes = stats.bytes.saturating_add(packet.data.len() as u64);
            // libpcap lends one frame at a time.
            let mut batch = FrameBatch::new();
            batch.push(frame(&packet, stats.received, link_type), handle);
            batch.flush(handle);
        })
    }

    fn refresh_drops(&mut self) {
        if let Ok(counted) = self.capture.stats() {
            let dropped = u64::from(counted.dropped).saturating_add(counted.if_dropped.into());
            self.stats.dropped = dropped;
        }
    }
}

impl PacketSource for LibPcap {
    fn poll_batch(
        &mut self,
        timeout: Duration,
        handle: &mut dyn FnMut(&[Frame<'_>]),
    ) -> Result<Polled, Error> {
        let mut drained = self.drain(handle);
        if let Ok(0) = drained {
            let waited = os::wait_for_capture(&self.capture, self.wake.as_deref(), timeout);
            waited.map_err(|source| Error::System {
                interface: self.interface.clone(),
                operation: "poll",
                source,
            })?;
            drained = self.drain(handle);
        }
        self.refresh_drops();
        match drained {
            Ok(0) => Ok(Polled::Idle),
            Ok(frames) => Ok(Polled::Frames(frames)),
            Err(error) => Err(read_error(&self.interface, &error)),
        }
    }

    fn stats(&self) -> CaptureStats {
        self.stats
    }

    fn backend(&self) -> &'static str {
        "pcap"
    }

    fn filter_reason(&self) -> Option<&str> {
        self.filter_wanted
            .then_some("frames are kept back by the kernel's own ring only")
    }

    fn fallback_reason(&self) -> Option<&str> {
        self.fallback_reason.as_deref()
    }
}

fn frame<'a>(packet: &pcap::Packet<'a>, number: u64, link_type: LinkType) -> Frame<'a> {
    let header = packet.header;
    // With nanosecond precision the field for microseconds holds nanoseconds.
    let nanos = wide(header.ts.tv_sec)
        .saturating_mul(1_000_000_000)
        .saturating_add(wide(header.ts.tv_usec));
    Frame {
        ts: Timestamp::from_nanos(nanos),
        number,
        link_type,
        orig_len: header.len,
        vlan: None,
        data: packet.data,
    }
}

/// The parts of a time have other widths on other systems.
fn wide(value: impl Into<i64>) -> i64 {
    value.into()
}

/// libpcap tells what happened in words only.
fn open_error(interface: &str, error: &pcap::Error) -> Error {
    let message = error.to_string();
    let lower = message.to_lowercase();
    let interface = interface.to_owned();
    if lower.contains("permi") {
        Error::MissingCapability {
            capability: "CAP_NET_RAW",
        }
    } else if lower.contains("no such device") {
        Error::NoSuchInterface { interface }
    } else if lower.contains("not up") || lower.contains("is down") {
        Error::InterfaceGone { interface }
    } else {
        Error::Pcap { interface, message }
    }
}

fn read_error(interface: &str, error: &pcap::Error) -> Error {
    let message = error.to_string();
    let lower = message.to_lowercase();
    let gone = [
        "down",
        "disappeared",
        "removed",
        "not found",
        "no such device",
    ]
    .iter()
    .any(|word| lower.contains(word));
    let interface = interface.to_owned();
    if gone {
        Error::InterfaceGone { interface }
    } else {
        Error::Pcap { interface, message }
    }
}
