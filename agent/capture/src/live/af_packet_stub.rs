//! Where there is no packet socket.

use std::convert::Infallible;

use super::LiveConfig;
use crate::{CaptureStats, Error, PacketSource, Polled};

/// Cannot be made here.
#[derive(Debug)]
pub(super) struct AfPacket(Infallible);

impl AfPacket {
    pub(super) fn open(_interface: &str, _config: &LiveConfig) -> Result<Self, Error> {
        Err(Error::BackendUnavailable {
            backend: "af_packet",
            reason: "it is Linux's own",
        })
    }
}

/// Only Linux can share the flows of an interface between sources.
#[cfg(feature = "pcap")]
pub(super) fn join_fanout(
    _capture: &pcap::Capture<pcap::Active>,
    _fanout: super::Fanout,
) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

impl PacketSource for AfPacket {
    fn poll_batch(
        &mut self,
        _timeout: std::time::Duration,
        _handle: &mut dyn FnMut(&[wire::Frame<'_>]),
    ) -> Result<Polled, Error> {
        match self.0 {}
    }

    fn stats(&self) -> CaptureStats {
        match self.0 {}
    }

    fn backend(&self) -> &'static str {
        match self.0 {}
    }
}
