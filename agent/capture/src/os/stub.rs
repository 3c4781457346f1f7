//! The calls where there is no Unix.

#[cfg(feature = "pcap")]
use std::io::{self, PipeReader};
#[cfg(feature = "pcap")]
use std::time::Duration;

/// The number of an interface, when there is one of that name.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    pnet::datalink::interfaces()
        .into_iter()
        .find_map(|interface| (interface.name == name).then_some(interface.index))
}

/// Sleeps a little; there is no descriptor to wait for.
#[cfg(feature = "pcap")]
pub(crate) fn wait_for_capture(
    _capture: &pcap::Capture<pcap::Active>,
    _wake: Option<&PipeReader>,
    timeout: Duration,
) -> io::Result<()> {
    const STEP: Duration = Duration::from_millis(20);
    std::thread::sleep(timeout.min(STEP));
    Ok(())
}
