//! How an engine is set up.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use signatures::{Catalogue, ServiceId};

use crate::tracker::{MAX_DISSECTOR_MEMORY, MAX_FLOWS_TAP, TrackerConfig};

/// Length of a window unless it is set otherwise.
pub const WINDOW: Duration = Duration::from_secs(3600);
/// How often a flow or a finding is reported while it goes on, unless set otherwise.
pub const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Where the sensor stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// On the machine whose traffic it reports: only flows that one of these addresses opened.
    ///
    /// So a flow of a container or a virtual machine counts once, after the machine translated its
    /// address, and what others ask of this machine is theirs.
    Endpoint {
        /// Addresses of the machine; loopback always counts as one.
        local_addresses: Vec<IpAddr>,
    },
    /// On a tap, a SPAN port or a capture: each client is a device.
    Tap,
}

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where the sensor stands.
    pub mode: Mode,
    /// What is looked for.
    pub catalogue: Arc<Catalogue>,
    /// Index of the capture source, told apart in "seen twice".
    pub source: u16,
    /// Flows followed at a time.
    pub max_flows: usize,
    /// Bytes that all dissectors may hold together.
    pub dissector_memory: usize,
    /// Length of a window; the aggregator must have the same.
    pub window: Duration,
    /// How often a flow is reported while it goes on.
    pub report_interval: Duration,
    /// Shared services that make a finding by themselves.
    pub shared_services: BTreeSet<ServiceId>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Tap,
            catalogue: Arc::clone(Catalogue::builtin()),
            source: 0,
            max_flows: MAX_FLOWS_TAP,
            dissector_memory: MAX_DISSECTOR_MEMORY,
            window: WINDOW,
            report_interval: REPORT_INTERVAL,
            shared_services: BTreeSet::new(),
        }
    }
}

impl EngineConfig {
    pub(super) fn tracker(&self) -> TrackerConfig {
        TrackerConfig {
            max_flows: self.max_flows,
            dissector_memory: self.dissector_memory,
            ..TrackerConfig::default()
        }
    }
}
