//! Where libpcap is not part of the build.

use std::convert::Infallible;

use super::LiveConfig;
use crate::{CaptureStats, Error, PacketSource, Polled};

/// Cannot be made here.
#[derive(Debug)]
pub(super) struct LibPcap(Infallible);

impl LibPcap {
    pub(super) fn open(
        _interface: &str,
        _config: &LiveConfig,
        _fallback_reason: Option<String>,
    ) -> Result<Self, Error> {
        Err(Error::BackendUnavailable {
            backend: "pcap",
            reason: "this build is without libpcap",
        })
    }
}

impl PacketSource for LibPcap {
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
