//! The agent's settings: read from TOML, checked as a whole, every problem reported in one go.
//!
//! [`read`] goes from text to [`Config`] in two steps: `raw` holds the file as it was typed, with
//! line numbers, and the checks here turn that into settings as they are meant. A key that is
//! absent has the default named here; secrets are given by the path of a file, never inline.
//!
//! ```toml
//! mode = "endpoint"                      # or "tap"
//! state_dir = "/var/lib/gnomon-agent"
//!
//! [capture]
//! interfaces = ["eth0", "lo"]            # default: those that carry a default route, on an endpoint loopback too
//! backend = "auto"                       # or "af_packet", "pcap"
//! queues = 1                             # capture threads for each interface
//! ring_size = "8 MiB"                    # kernel buffer of each queue; tap: 64 MiB
//! filter = "auto"                        # endpoint: what keeps packets without a name in the kernel; "ebpf", "classic", "off"
//! max_flows = 65536                      # tracked at once, for each queue; tap: 1000000
//!
//! [collector]
//! address = "collector.example.com:8443" # default: the one that enrolled this agent
//!
//! [proxy]                                # default: HTTPS_PROXY and NO_PROXY
//! url = "http://proxy.example.com:3128"
//! user = "gnomon"
//! password_file = "/etc/gnomon/proxy-password"
//! no_proxy = ["localhost", ".example.com"]
//!
//! [catalogue]
//! public_key = "/etc/gnomon/catalogue.pub" # checks bundles; default: the key that came with the enrolment
//! local = "/etc/gnomon/catalogue"        # folder of own TOML files; default: none
//!
//! [attribution]                          # endpoint: which program and user a flow belongs to
//! backend = "auto"                       # the best that works; or at most "ebpf", "sock_diag", "procfs", or "off"
//!
//! [presence]                             # endpoint: what is installed or running, though silent
//! enabled = true
//! interval = "6h"                        # between scans when nothing changes; twice that on battery
//! parts = ["applications", "processes", "packages", "extensions", "mcp", "models", "accounts"]
//!
//! [limits]                               # endpoint: beyond these the agent sheds work and says so
//! cpu_percent = 5                        # of one core, over a minute
//! memory = "200 MiB"
//!
//! [privacy]
//! contact = "IT service, it@example.com" # who answers questions, in the notice for employees
//!
//! [spool]
//! max_size = "256 MiB"
//!
//! [report]
//! interval = "60s"
//! window = "1h"
//!
//! [log]
//! level = "info"
//! format = "text"                        # or "json"
//! ```

mod check;
mod checker;
pub mod endpoint;
mod problem;
mod raw;
mod units;
mod walk;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use checker::host_and_port;
pub use problem::{Problem, Problems};

/// Where the configuration is when no other place is named.
pub const DEFAULT_PATH: &str = "/etc/gnomon/agent.toml";
/// Where the agent keeps its identity and its spool when no other place is named.
pub const DEFAULT_STATE_DIR: &str = "/var/lib/gnomon-agent";
/// Largest configuration file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// How the agent stands to the traffic it sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// On the machine whose traffic it is: that machine is the device.
    Endpoint,
    /// On a mirror port: the devices are the clients that are observed.
    Tap,
}

impl Mode {
    /// As it is written in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Tap => "tap",
        }
    }
}

/// Which capture method is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    /// The best that works here.
    Auto,
    /// The kernel's memory-mapped packet ring (Linux).
    AfPacket,
    /// libpcap.
    Pcap,
}

/// What keeps packets that can carry no name in the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filter {
    /// The best that works here.
    Auto,
    /// A program that follows each flow (eBPF).
    Ebpf,
    /// A program that keeps nothing between packets (classic BPF).
    Classic,
    /// Nothing: every packet is read.
    Off,
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What packets are taken from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capture {
    /// Names of interfaces; `None` for those that carry a default route.
    pub interfaces: Option<Vec<String>>,
    /// The method of capture.
    pub backend: Backend,
    /// Capture threads for each interface.
    pub queues: u16,
    /// Bytes of kernel buffer for each queue.
    pub ring_bytes: u64,
    /// What keeps packets in the kernel; on a tap always [`Filter::Off`].
    pub filter: Filter,
    /// Flows tracked at once, for each queue.
    pub max_flows: usize,
}

impl Capture {
    /// What is captured when nothing is said: modest on an endpoint, roomy on a tap.
    fn default_for(mode: Mode) -> Self {
        let (ring_bytes, max_flows, filter) = match mode {
            Mode::Endpoint => (8 << 20, flow::MAX_FLOWS_ENDPOINT, Filter::Auto),
            Mode::Tap => (64 << 20, flow::MAX_FLOWS_TAP, Filter::Off),
        };
        Self {
            interfaces: None,
            backend: Backend::Auto,
            queues: 1,
            ring_bytes,
            filter,
            max_flows,
        }
    }
}

/// The HTTPS proxy that the collector is reached through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proxy {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name for basic authentication.
    pub user: Option<String>,
    /// File with the password for basic authentication.
    pub password_file: Option<PathBuf>,
    /// Hosts that are reached without it: names, `.suffixes`, addresses or `*`.
    pub no_proxy: Vec<String>,
}

/// Where the catalogue comes from, besides the program and the collector.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Catalogue {
    /// File with the key that checks bundles; `None` for the one that came with the enrolment.
    pub public_key: Option<PathBuf>,
    /// Folder of local catalogue files.
    pub local: Option<PathBuf>,
}

/// The settings as they are meant; every one is within its bounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Endpoint or tap.
    pub mode: Mode,
    /// Folder of identity, spool, status and journal.
    pub state_dir: PathBuf,
    /// Where packets come from.
    pub capture: Capture,
    /// `host:port`; `None` for the one that enrolled this agent.
    pub collector: Option<String>,
    /// `None`: what the environment says.
    pub proxy: Option<Proxy>,
    /// Key of bundles, and local files.
    pub catalogue: Catalogue,
    /// How the program behind a flow is found.
    pub attribution: endpoint::Backend,
    /// What is looked for on the device.
    pub presence: endpoint::Presence,
    /// What the agent may take of the machine.
    pub limits: endpoint::Limits,
    /// Who answers employees' questions.
    pub contact: Option<String>,
    /// Bytes that the spool may take on disk.
    pub spool_bytes: u64,
    /// Time between two reports of a finding that still grows.
    pub report_interval: Duration,
    /// Length of the window that findings are counted in.
    pub window: Duration,
    /// A level or a filter of `tracing-subscriber`.
    pub log_level: String,
    /// How log lines are written.
    pub log_format: LogFormat,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Endpoint,
            state_dir: PathBuf::from(DEFAULT_STATE_DIR),
            capture: Capture::default_for(Mode::Endpoint),
            collector: None,
            proxy: None,
            catalogue: Catalogue::default(),
            attribution: endpoint::Backend::Auto,
            presence: endpoint::Presence::default(),
            limits: endpoint::Limits::default(),
            contact: None,
            spool_bytes: 256 << 20,
            report_interval: Duration::from_secs(60),
            window: Duration::from_secs(3600),
            log_level: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }
}

/// Turns the text of a configuration file into settings. `path` is for messages only.
///
/// # Errors
/// Everything that is wrong with the file: syntax, unknown keys, wrong types, values out of bounds.
pub fn read(path: &Path, text: &str) -> Result<Config, Problems> {
    let (raw, mut problems) = raw::read(text);
    let unreadable: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
    let mut meant = Vec::new();
    let config = check::check(raw, &mut meant);
    // What could not be read as TOML says nothing about what was meant.
    problems.extend(
        meant
            .into_iter()
            .filter(|problem| !unreadable.contains(&problem.line)),
    );
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(Problems::new(path, problems))
    }
}

#[cfg(test)]
mod tests;
