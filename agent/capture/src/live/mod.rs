//! Live capture from an interface.
//!
//! On Linux the fast path is an AF_PACKET ring that is shared with the kernel; libpcap is the
//! portable path. Both need `CAP_NET_RAW` and nothing else, and both wait without using the
//! processor when nothing arrives.

#[cfg_attr(not(target_os = "linux"), path = "af_packet_stub.rs")]
mod af_packet;
#[cfg_attr(not(feature = "pcap"), path = "libpcap_stub.rs")]
mod libpcap;

use std::error::Error as _;
use std::io::PipeReader;
use std::sync::Arc;

use self::af_packet::AfPacket;
use self::libpcap::LibPcap;
use crate::{Error, PacketSource};

/// The name that stands for all interfaces.
pub const ANY: &str = "any";

/// Longest frame that is taken whole by default: what segmentation offload can make of a flow.
pub const DEFAULT_SNAPLEN: u32 = 256 * 1024;

/// Memory shared with the kernel by default.
pub const DEFAULT_RING_BYTES: usize = 8 * 1024 * 1024;

/// What reads the frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Backend {
    /// The best that works here.
    #[default]
    Auto,
    /// The kernel's shared ring (Linux).
    AfPacket,
    /// libpcap or Npcap.
    Pcap,
}

/// Spreads one interface's flows over several sources, see packet(7) `PACKET_FANOUT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fanout {
    /// Sources with the same group on the same interface share its flows.
    pub group: u16,
    /// Whether the kernel puts IP fragments together before it chooses a source.
    pub defrag: bool,
    /// Whether a source that is full passes its frames to another one.
    pub rollover: bool,
}

/// Which frames the kernel passes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Filter {
    /// Whatever may carry IP, in any encapsulation; ARP, spanning tree and the like stay in the kernel.
    #[default]
    All,
    /// What may carry a name, or tells how a flow lives; for the flows of this machine only.
    Names(NamesFilter),
}

/// How frames without a name are kept back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NamesFilter {
    /// By a program that follows each flow (eBPF), else as [`NamesFilter::Classic`].
    #[default]
    Best,
    /// By eBPF, else not at all.
    Ebpf,
    /// By a program that keeps nothing between packets (classic BPF), else not at all.
    Classic,
}

/// How to capture.
#[derive(Clone, Debug)]
pub struct LiveConfig {
    /// What reads the frames.
    pub backend: Backend,
    /// Bytes kept of a frame.
    pub snaplen: u32,
    /// Memory shared with the kernel; a quarter of it where a filter keeps bulk back.
    pub ring_bytes: usize,
    /// Spreads flows over several sources.
    pub fanout: Option<Fanout>,
    /// Which frames the kernel passes on.
    pub filter: Filter,
    /// Ends a wait for frames when it is readable or closed at its other end; without effect where waits are short.
    pub wake: Option<Arc<PipeReader>>,
    /// Whether frames for other machines are wanted too, as on a SPAN port.
    pub promiscuous: bool,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            backend: Backend::Auto,
            snaplen: DEFAULT_SNAPLEN,
            ring_bytes: DEFAULT_RING_BYTES,
            fanout: None,
            filter: Filter::All,
            wake: None,
            promiscuous: false,
        }
    }
}

/// Starts to capture on `interface`; [`ANY`] stands for all of them.
///
/// [`Backend::Auto`] takes the kernel's ring, and libpcap where that cannot be had; the reason is then
/// kept for display ([`PacketSource::fallback_reason`]).
///
/// # Errors
/// [`Error::NoSuchInterface`], [`Error::InterfaceGone`] when it is down,
/// [`Error::MissingCapability`], and whatever else the kernel or libpcap refuses.
pub fn open(interface: &str, config: LiveConfig) -> Result<Box<dyn PacketSource + Send>, Error> {
    match config.backend {
        Backend::AfPacket => Ok(Box::new(AfPacket::open(interface, &config)?)),
        Backend::Pcap => Ok(Box::new(LibPcap::open(interface, &config, None)?)),
        Backend::Auto => match AfPacket::open(interface, &config) {
            Ok(source) => Ok(Box::new(source)),
            Err(error) if is_final(&error) => Err(error),
            Err(error) => {
                let cause = error
                    .source()
                    .map(|cause| format!(": {cause}"))
                    .unwrap_or_default();
                let reason = format!("{error}{cause}");
                match LibPcap::open(interface, &config, Some(reason)) {
                    Err(Error::BackendUnavailable { .. }) => Err(error),
                    Err(other) => Err(other),
                    Ok(source) => Ok(Box::new(source)),
                }
            }
        },
    }
}

/// Whether another backend would fail in the same way.
fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::NoSuchInterface { .. }
            | Error::InterfaceGone { .. }
            | Error::MissingCapability { .. }
    )
}
